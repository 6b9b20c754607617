//! How a sandbox is called, and where a request says so.

use std::{fmt, sync::Arc};

use http::{HeaderMap, header};

use crate::finding::{Code, Finding, Location, Part, Pointer};

/// The name of the sandbox that serves whoever names none.
pub const DEFAULT: &str = "default";
/// The header field that names a sandbox, and the cookie.
pub const FIELD: &str = "standin-sandbox";
/// The most characters of a name.
const LONGEST: usize = 128;
/// What a name may have beside letters and digits: nothing that a cookie, a path or a log would have to escape.
const MARKS: &[u8] = b"-._~:@";

/// The name of a sandbox.
///
/// ```
/// use standin::sandbox::Name;
///
/// assert_eq!("checkout::pays-twice".parse::<Name>().expect("it is one").as_str(), "checkout::pays-twice");
/// let refused = "two words".parse::<Name>().expect_err("it is none");
/// assert_eq!(refused.to_string(), "`two words` is no name of a sandbox");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// A text that no sandbox can have as its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no name of a sandbox")]
pub struct Unnameable(String);

impl Unnameable {
    /// What would be right.
    pub const HELP: &'static str =
        "a name has 1 to 128 characters, each of them a letter of ASCII, a digit, or one of `-._~:@`";
}

impl Name {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its text, shared.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }

    /// The sandbox that the header fields of a request name, in one of them field or else in a cookie; `None` where it names none.
    ///
    /// # Errors
    /// What is wrong with the name, or that there are several.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Box<Finding>> {
        let mut fields = headers.get_all(FIELD).iter().map(|value| value.as_bytes().trim_ascii());
        if let Some(first) = fields.next() {
            let text = String::from_utf8_lossy(first);
            let at = Location::Request(Part::Header, Pointer::root().join(FIELD));
            if let Some(other) = fields.find(|other| *other != first) {
                let message = format!("it names two: `{text}` and `{}`", String::from_utf8_lossy(other));
                return Err(Box::new(refused(at, message).help("name one sandbox")));
            }
            return read(&text, at).map(Some);
        }
        match cookie(headers) {
            Some(text) => read(&text, Location::Request(Part::Cookie, Pointer::root().join(FIELD))).map(Some),
            None => Ok(None),
        }
    }
}

/// The first cookie of the name, however its letters are written (RFC 6265, section 4.2.1).
fn cookie(headers: &HeaderMap) -> Option<String> {
    let fields = headers.get_all(header::COOKIE).iter();
    let mut cookies = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b';'));
    cookies.find_map(|cookie| {
        let (name, value) = cookie.split_at(cookie.iter().position(|byte| *byte == b'=')?);
        let is_named = name.trim_ascii().eq_ignore_ascii_case(FIELD.as_bytes());
        is_named.then(|| String::from_utf8_lossy(value[1..].trim_ascii()).into_owned())
    })
}

fn read(text: &str, at: Location) -> Result<Name, Box<Finding>> {
    text.parse().map_err(|error: Unnameable| Box::new(refused(at, error.to_string()).help(Unnameable::HELP)))
}

fn refused(at: Location, message: String) -> Finding {
    Finding::error(Code::InvalidSandbox, at, message)
}

impl Default for Name {
    fn default() -> Self {
        Self(DEFAULT.into())
    }
}

impl std::str::FromStr for Name {
    type Err = Unnameable;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || MARKS.contains(&byte);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_allowed) {
            return Ok(Self(text.into()));
        }
        // A long one is not repeated whole.
        Err(Unnameable(text.chars().take(LONGEST).collect()))
    }
}

impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::exchange::Request;

    fn of(fields: &[(&str, &str)]) -> Result<Option<String>, String> {
        let request = fields
            .iter()
            .fold(Request::new(Method::GET, "/"), |request, (name, value)| request.header(name, value));
        Name::of(&request.headers)
            .map(|name| name.map(|name| name.to_string()))
            .map_err(|finding| finding.to_string())
    }

    #[test]
    fn the_header_names_it_and_else_the_cookie() {
        assert_eq!(of(&[]), Ok(None));
        assert_eq!(of(&[("Standin-Sandbox", " a ")]), Ok(Some("a".to_owned())));
        assert_eq!(of(&[("cookie", "x=1; Standin-Sandbox=b; y=2")]), Ok(Some("b".to_owned())));
        assert_eq!(
            of(&[("cookie", "standin-sandbox=b"), ("standin-sandbox", "a")]),
            Ok(Some("a".to_owned()))
        );
        assert_eq!(of(&[("cookie", "standin-sandboxes=b; x")]), Ok(None));
    }

    #[test]
    fn what_is_no_name_is_told_with_where_it_stands() {
        let longest = "n".repeat(LONGEST);
        assert_eq!(of(&[("standin-sandbox", &longest)]), Ok(Some(longest.clone())));
        for wrong in ["", "a b", "a/b", "ä", "a,b", &format!("{longest}n")] {
            let told = of(&[("standin-sandbox", wrong)]).expect_err(wrong);
            assert!(told.starts_with("invalid-sandbox: header `standin-sandbox`: `"), "{told}");
            assert!(told.len() < 250, "{told}");
        }
        assert!(of(&[("cookie", "standin-sandbox=")]).unwrap_err().contains("cookie `standin-sandbox`"));
        assert!(
            of(&[("standin-sandbox", "a"), ("standin-sandbox", "b")])
                .unwrap_err()
                .contains("names two: `a` and `b`")
        );
        assert_eq!(of(&[("standin-sandbox", "a"), ("standin-sandbox", "a")]), Ok(Some("a".to_owned())));
    }
}
