//! Lets pages of other origins use the mock (Fetch Standard, section 3.3).

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use crate::exchange::{Request, Response};

/// The answer to a preflight; `None` where the request is none.
pub(super) fn preflight(request: &Request) -> Option<Response> {
    let asked = request.headers.get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    if request.method != Method::OPTIONS || !request.headers.contains_key(header::ORIGIN) {
        return None;
    }
    let mut response = Response::empty(StatusCode::NO_CONTENT);
    response.headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, asked.clone());
    allow(&request.headers, &mut response);
    Some(response)
}

/// Lets the page that asks read the answer, unless the answer says itself who may.
pub(super) fn allow(asked: &HeaderMap, response: &mut Response) {
    if response.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    let any = HeaderValue::from_static("*");
    let or_any = |name: HeaderName| asked.get(name).cloned().unwrap_or_else(|| any.clone());
    // For a request with credentials `*` stands for itself only (Fetch Standard, section 3.3.5), so names are given then.
    let has_credentials = asked.contains_key(header::COOKIE) || asked.contains_key(header::AUTHORIZATION);
    let names = response.headers.keys().map(HeaderName::as_str).filter(|_| has_credentials);
    let exposed = std::iter::once("*").chain(names).collect::<Vec<_>>().join(", ");
    let exposed = HeaderValue::try_from(exposed).unwrap_or_else(|_| any.clone());
    response.headers.append(header::VARY, HeaderValue::from_static("origin"));
    let mut set = |name: HeaderName, value: HeaderValue| response.headers.insert(name, value);
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, or_any(header::ORIGIN));
    set(header::ACCESS_CONTROL_ALLOW_HEADERS, or_any(header::ACCESS_CONTROL_REQUEST_HEADERS));
    set(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}
