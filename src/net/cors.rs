//! Lets pages of other origins use the mock (Fetch Standard, section 3.3).

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

/// The header fields of the answer to a preflight; `None` where the request is none.
pub(super) fn preflight(method: &Method, asked: &HeaderMap) -> Option<HeaderMap> {
    let wanted = asked.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    if method != Method::OPTIONS || !asked.contains_key(header::ORIGIN) {
        return None;
    }
    let mut answered = HeaderMap::new();
    answered.insert(header::ACCESS_CONTROL_ALLOW_METHODS, wanted.clone());
    Page::of(asked).allow(&mut answered);
    Some(answered)
}

/// What browsers send, and nobody else (Fetch Metadata, section 2.2).
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What a page of another origin says of itself.
pub(super) struct Page {
    origin: Option<HeaderValue>,
    asked: Option<HeaderValue>,
    /// For a request with credentials `*` stands for itself only (Fetch Standard, section 3.3.5), so names are given then;
    /// and to a browser, which does not tell that it would have sent some.
    wants_names: bool,
}

impl Page {
    /// Reads the header fields of a request.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self {
            origin: headers.get(header::ORIGIN).cloned(),
            asked: headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned(),
            wants_names: [header::COOKIE, header::AUTHORIZATION, FETCH_MODE]
                .iter()
                .any(|name| headers.contains_key(name)),
        }
    }

    /// Lets the page read the answer, unless the answer says itself who may.
    pub(super) fn allow(self, answered: &mut HeaderMap) {
        const ANY: HeaderValue = HeaderValue::from_static("*");
        if answered.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            return;
        }
        let exposed = if self.wants_names { exposed(answered) } else { None };
        answered.append(header::VARY, HeaderValue::from_static("origin"));
        let mut set = |name: HeaderName, value: HeaderValue| answered.insert(name, value);
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, self.origin.unwrap_or(ANY));
        set(header::ACCESS_CONTROL_ALLOW_HEADERS, self.asked.unwrap_or(ANY));
        set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.unwrap_or(ANY));
    }
}

/// All fields by name, and those to come.
fn exposed(headers: &HeaderMap) -> Option<HeaderValue> {
    let names = headers.keys().map(HeaderName::as_str);
    let all = std::iter::once("*").chain(names).collect::<Vec<_>>().join(", ");
    HeaderValue::try_from(all).ok()
}
