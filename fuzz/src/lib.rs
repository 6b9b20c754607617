//! What is tried on bytes that nobody meant: one function for each reader of bytes.
//!
//! None of them may panic, hang or let the mock answer with a 5xx. They are driven by libFuzzer (`fuzz_targets/`) or, where
//! there is no cargo-fuzz, by `src/main.rs`. Read [`TARGETS`] first.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use http::Method;
use standin::{
    api,
    document::{self, Source},
    exchange::Request,
    mock::{Mock, Options},
    sandbox::Clock,
};

/// The targets by name.
pub const TARGETS: [(&str, fn(&[u8])); 5] = [
    ("document", document),
    ("path", path),
    ("parameter", parameter),
    ("multipart", multipart),
    ("xml", xml),
];

/// A text as a document: it is loaded or refused, and what is loaded answers.
pub fn document(bytes: &[u8]) {
    let Some(mock) = mock(&String::from_utf8_lossy(bytes)) else { return };
    for operation in mock.plan().apis().iter().flat_map(|api| &api.operations).take(8) {
        // What the document makes impossible is a 500, and no fault of the mock.
        mock.answer(&Request::new(operation.method.clone(), &operation.path));
    }
}

/// A text as the target of a request.
pub fn path(bytes: &[u8]) {
    static MOCK: LazyLock<Option<Mock>> = LazyLock::new(|| mock(include_str!("paths.yaml")));
    let target = format!("/{}", String::from_utf8_lossy(bytes));
    for method in [Method::GET, Method::POST, Method::HEAD, Method::OPTIONS] {
        answer(MOCK.as_ref(), &Request::new(method, &target));
    }
}

/// Four lines as the values of parameters: in the path, the query, a header field and cookies.
pub fn parameter(bytes: &[u8]) {
    static MOCK: LazyLock<Option<Mock>> = LazyLock::new(|| mock(include_str!("parameters.yaml")));
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (path, query, header, cookie) = (line(), line(), line(), line());
    for kind in ["simple", "label", "matrix"] {
        let mut request = Request::new(Method::GET, &format!("/{kind}/{}", path.replace('?', "")));
        request.query = Some(query.to_owned());
        answer(MOCK.as_ref(), &request.header("x-list", header).header("x-object", header).header("cookie", cookie));
    }
}

/// Bytes as a body of `multipart/form-data` and of `multipart/mixed`, between boundaries that are `b`.
pub fn multipart(bytes: &[u8]) {
    static MOCK: LazyLock<Option<Mock>> = LazyLock::new(|| mock(include_str!("bodies.yaml")));
    for kind in ["multipart/form-data", "multipart/mixed"] {
        send(MOCK.as_ref(), &format!("{kind}; boundary=b"), bytes);
    }
}

/// Bytes as a body of `application/xml`.
pub fn xml(bytes: &[u8]) {
    static MOCK: LazyLock<Option<Mock>> = LazyLock::new(|| mock(include_str!("bodies.yaml")));
    send(MOCK.as_ref(), "application/xml", bytes);
}

fn mock(text: &str) -> Option<Mock> {
    let source = Source::Text { name: "fuzz.yaml".into(), text: Cow::from(text).into() };
    let document = document::load(&source).ok()?;
    let (api, _) = api::read(Arc::new(document)).ok()?;
    Some(Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), Options::default()).0)
}

fn send(mock: Option<&Mock>, media_type: &str, bytes: &[u8]) {
    let request = Request::new(Method::POST, "/bodies").header("content-type", media_type);
    answer(mock, &request.body(bytes.to_vec()));
}

fn answer(mock: Option<&Mock>, request: &Request) {
    let mock = mock.expect("the document is a right one");
    let reply = mock.answer(request);
    assert!(!reply.response.status.is_server_error(), "{} to {request:?}", reply.why);
}
