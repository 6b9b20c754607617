//! `Authorization` (RFC 9110, section 11.6.2) → the credential in it, or what is wrong with that.
//!
//! It knows the forms of credentials and not what they prove. Read [`credential`] first.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::fault::{Distance, Fault};
use crate::exchange::credential_parameters;

/// What follows the scheme's name, which may be in any case.
///
/// A request has one such field; where several schemes must be met at once there is no other way than to send several.
pub(super) fn credential(fields: &[String], scheme: &str) -> Result<String, Fault> {
    let help = format!("send `Authorization: {scheme} …`");
    let sent: Vec<(&str, &str)> = fields
        .iter()
        .map(|field| field.trim())
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once(' ').unwrap_or((field, "")))
        .collect();
    match (sent.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme)), sent.first()) {
        (Some((_, rest)), _) if !rest.trim().is_empty() => Ok(rest.trim().to_owned()),
        (Some(_), _) => Err(Fault::new(Distance::Invalid, format!("nothing follows `{scheme}`"), help)),
        (None, None) => Err(Fault::absent(help)),
        // A single word may be the secret itself, which is not for logs.
        (None, Some((_, ""))) => {
            Err(Fault::new(Distance::OfAnother, format!("it has not the form `{scheme} …`"), help))
        }
        (None, Some((other, _))) => {
            Err(Fault::new(Distance::OfAnother, format!("it carries `{other}`, not `{scheme}`"), help))
        }
    }
}

/// What is wrong with the form of a credential of the scheme; nothing where no form of it is known.
pub(super) fn malformed(scheme: &str, credential: &str) -> Option<Fault> {
    match scheme {
        "basic" => basic(credential),
        "digest" => digest(credential),
        _ => None,
    }
}

/// The user has no colon, the password may have some, and either may be empty.
fn basic(credential: &str) -> Option<Fault> {
    let is_pair = STANDARD.decode(credential).is_ok_and(|pair| pair.contains(&b':'));
    let fault = || {
        Fault::new(
            Distance::Invalid,
            "it is not the base64 of a user, a colon and a password",
            "RFC 7617, section 2: `Basic` and the base64 of `user:password`",
        )
    };
    (!is_pair).then(fault)
}

/// The response is of a password that is known to nobody here: that it is there is all that can be asked.
fn digest(credential: &str) -> Option<Fault> {
    let sent = credential_parameters(credential);
    // RFC 7616, section 3.4: `username*` stands in for a name that is not ASCII.
    let is_for = |name: &str, key: &str| key == name || (name == "username" && key == "username*");
    let has = |name: &str| sent.iter().any(|(key, value)| is_for(name, key) && !value.is_empty());
    let lacking: Vec<String> = ["username", "realm", "nonce", "uri", "response"]
        .into_iter()
        .filter(|name| !has(name))
        .map(|name| format!("`{name}`"))
        .collect();
    let fault = || {
        Fault::new(
            Distance::Invalid,
            format!("it lacks {}", lacking.join(", ")),
            "RFC 7616, section 3.4: `Digest username=\"…\", realm=\"…\", nonce=\"…\", uri=\"…\", response=\"…\"`",
        )
    };
    (!lacking.is_empty()).then(fault)
}
