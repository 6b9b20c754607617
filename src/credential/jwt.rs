//! JSON Web Tokens (RFC 7519), signed with the shared secret.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use serde::{Deserialize, Serialize};

use crate::schema::Dice;

/// Tells our tokens from everybody else's.
const KEY_ID: &str = "standin";

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
}

/// The only claim of a foreign token that matters here.
#[derive(Deserialize)]
struct Foreign {
    exp: Option<f64>,
}

/// The claim that tells scopes, under either of the names in use.
#[derive(Deserialize)]
struct Scoped {
    #[serde(alias = "scp")]
    scope: Option<Scopes>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    Text(String),
    List(Vec<String>),
}

#[derive(Deserialize)]
struct Lived {
    iat: Option<f64>,
    exp: Option<f64>,
}

/// What a text that looks like a JWT is.
#[derive(Debug)]
pub(super) enum Found {
    /// Ours; it ends then, in UNIX seconds.
    Ends(Option<i64>),
    /// Somebody else's; it says that it ends then.
    Foreign(Option<Timestamp>),
    /// Not what it says it is: why.
    Wrong(String),
}

/// When a token begins and ends, in UNIX seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) begin: i64,
    pub(super) end: i64,
}

/// The scopes that a token says it has; `None` where it says nothing of scopes. Nothing of it is verified here.
pub(super) fn scopes(text: &str) -> Option<Vec<String>> {
    let claims = jsonwebtoken::dangerous::insecure_decode::<Scoped>(text).ok()?.claims;
    Some(match claims.scope? {
        Scopes::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        Scopes::List(list) => list,
    })
}

/// How many seconds a token says that it lives, from its issue to its end. Nothing of it is verified here.
pub(super) fn life(text: &str) -> Option<i64> {
    let claims = jsonwebtoken::dangerous::insecure_decode::<Lived>(text).ok()?.claims;
    Some(moment(claims.exp?).as_second() - moment(claims.iat?).as_second())
}

/// A token for the credential `name`.
///
/// With scopes it tells them in `scope` (RFC 8693, section 4.2).
pub(super) fn mint(
    secret: &[u8],
    name: &str,
    life: Life,
    scopes: &[String],
    dice: &mut Dice,
) -> Option<String> {
    let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::HS256) };
    let claims = Claims {
        iss: KEY_ID.to_owned(),
        sub: name.to_owned(),
        iat: life.begin,
        exp: life.end,
        jti: format!("{:016x}", dice.below(u64::MAX)),
        scope: (!scopes.is_empty()).then(|| scopes.join(" ")),
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).ok()
}

/// What `text` is, carried as the credential `name`; `None` where it is no JWT at all.
pub(super) fn judge(secret: &[u8], name: &str, text: &str) -> Option<Found> {
    if text.split('.').count() != 3 || !text.starts_with("eyJ") {
        return None;
    }
    let Ok(header) = jsonwebtoken::decode_header(text) else {
        return Some(Found::Wrong("its header cannot be read".to_owned()));
    };
    if header.kid.as_deref() != Some(KEY_ID) {
        return Some(foreign(text));
    }
    let mut rules = Validation::new(Algorithm::HS256);
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules.set_issuer(&[KEY_ID]);
    let decoded = jsonwebtoken::decode::<Claims>(text, &DecodingKey::from_secret(secret), &rules);
    Some(match decoded {
        Ok(token) if token.claims.sub == name => Found::Ends(Some(token.claims.exp)),
        Ok(token) => Found::Wrong(format!("this is a token of `{}`", token.claims.sub)),
        Err(error) if *error.kind() == ErrorKind::InvalidSignature => {
            Found::Wrong("its signature does not match".to_owned())
        }
        Err(error) => Found::Wrong(error.to_string()),
    })
}

/// A `NumericDate`, which may have a fraction (RFC 7519, section 2); out of range it is the first or the last moment.
fn moment(seconds: f64) -> Timestamp {
    let since = SignedDuration::try_from_secs_f64(seconds).and_then(Timestamp::from_duration);
    since.unwrap_or(if seconds < 0.0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn foreign(text: &str) -> Found {
    match jsonwebtoken::dangerous::insecure_decode::<Foreign>(text) {
        Ok(token) => Found::Foreign(token.claims.exp.map(moment)),
        Err(error) => Found::Wrong(format!("it cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_of_a_second_counts_and_no_number_is_out_of_range() {
        assert_eq!(moment(100.5), Timestamp::from_millisecond(100_500).unwrap());
        assert_eq!([moment(-1e300), moment(1e300)], [Timestamp::MIN, Timestamp::MAX]);
    }
}
