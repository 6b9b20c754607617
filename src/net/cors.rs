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
    allow(asked, &mut answered);
    Some(answered)
}

/// Lets the page that asks read the answer, unless the answer says itself who may.
pub(super) fn allow(asked: &HeaderMap, answered: &mut HeaderMap) {
    if answered.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    let any = HeaderValue::from_static("*");
    let or_any = |name: HeaderName| asked.get(name).cloned().unwrap_or_else(|| any.clone());
    // For a request with credentials `*` stands for itself only (Fetch Standard, section 3.3.5), so names are given then.
    let has_credentials = asked.contains_key(header::COOKIE) || asked.contains_key(header::AUTHORIZATION);
    let names = answered.keys().map(HeaderName::as_str).filter(|_| has_credentials);
    let exposed = std::iter::once("*").chain(names).collect::<Vec<_>>().join(", ");
    let exposed = HeaderValue::try_from(exposed).unwrap_or_else(|_| any.clone());
    answered.append(header::VARY, HeaderValue::from_static("origin"));
    let mut set = |name: HeaderName, value: HeaderValue| answered.insert(name, value);
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, or_any(header::ORIGIN));
    set(header::ACCESS_CONTROL_ALLOW_HEADERS, or_any(header::ACCESS_CONTROL_REQUEST_HEADERS));
    set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}
