//! A provider that is right → one that is wrong in one thing.
//!
//! What is wrong is done to what comes in, so that the provider takes what it should refuse, or to what goes out. Read
//! [`Fault`] first; the faults of each API have a file here.

mod device_sessions;
mod rhombus;
mod rockitplay;

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse, Request, Response};
use serde_json::{Value, json};

use super::tokens::{Kind, Lapse};

/// Something that a provider does wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    /// What it is called on the command line.
    pub(crate) name: &'static str,
    /// What is wrong.
    pub(crate) what: &'static str,
    /// The check of `standin verify` that should find it.
    pub(crate) check: &'static str,
    /// The path on which it is wrong.
    pub(crate) at: &'static str,
    /// How it is done.
    pub(crate) slip: Slip,
}

/// How something is done wrong.
#[derive(Debug)]
pub(crate) enum Slip {
    /// What is sent is taken for something else.
    Reads(fn(&mut Sent)),
    /// Something else is answered.
    Answers(fn(&Sent, &mut Answer)),
    /// A rule of tokens is not kept.
    Lapses(Kind, Lapse),
}

/// A request, all of it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    /// The body; null where it is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text of the body; an empty one where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_default().to_owned()
    }

    /// Whether there is a body that is no JSON.
    pub(crate) fn is_no_json(&self) -> bool {
        !self.body.is_empty() && serde_json::from_slice::<Value>(&self.body).is_err()
    }

    pub(crate) fn media_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok())
    }

    /// Puts another body in the place of the one that was sent.
    pub(crate) fn put(&mut self, body: &Value) {
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.body = body.to_string().into_bytes();
    }

    /// Puts a value in the place of a property that is of no use; other bodies stay as they are.
    pub(crate) fn mend(&mut self, name: &str, is_wrong: fn(&Value) -> bool, right: &Value) {
        let mut body = self.json();
        if body.is_object() && is_wrong(&body[name]) {
            body[name] = right.clone();
            self.put(&body);
        }
    }
}

/// An answer, all of it.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Changes the body, where it is a success.
    pub(crate) fn succeed(&mut self, change: impl Fn(&mut Value)) {
        if self.status.is_success() {
            self.change(change);
        }
    }

    /// Changes the body, where it is a refusal.
    pub(crate) fn refuse(&mut self, change: impl Fn(&mut Value)) {
        if self.status.is_client_error() {
            self.change(change);
        }
    }

    fn change(&mut self, change: impl Fn(&mut Value)) {
        if let Ok(mut body) = serde_json::from_slice(&self.body) {
            change(&mut body);
            self.body = body.to_string().into_bytes();
        }
    }

    /// Answers another status, where it is that one.
    pub(crate) fn turn(&mut self, from: StatusCode, to: StatusCode) {
        if self.status == from {
            self.status = to;
        }
    }

    /// Says another media type, where there is a body.
    pub(crate) fn call(&mut self, media_type: &'static str) {
        if !self.body.is_empty() {
            self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
    }

    /// Falls over, in the manner of a framework, where something is so.
    pub(crate) fn crash_if(&mut self, is_so: bool) {
        if is_so {
            *self = Self {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                headers: HeaderMap::from_iter([(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("text/plain"),
                )]),
                body: b"internal server error".to_vec(),
            };
        }
    }

    /// Refuses what it would have taken, in the form of all three APIs, where something is so.
    pub(crate) fn refuse_if(&mut self, is_so: bool) {
        if is_so && self.status.is_success() {
            self.status = StatusCode::BAD_REQUEST;
            self.body = json!({"status": "failed", "error": "invalid-body", "message": "No."})
                .to_string()
                .into_bytes();
        }
    }

    /// The same in the form of RFC 9457.
    pub(crate) fn problem_if(&mut self, is_so: bool) {
        if is_so && self.status.is_success() {
            self.status = StatusCode::BAD_REQUEST;
            self.call("application/problem+json");
            self.body = json!({"title": "Bad Request", "status": 400}).to_string().into_bytes();
        }
    }

    /// Leaves the last character of the body out.
    pub(crate) fn cut(&mut self) {
        self.body.pop();
    }

    /// Answers a success to a method that there is not.
    pub(crate) fn take(&mut self, sent: &Sent, method: &Method) {
        if sent.method == *method {
            self.status = StatusCode::OK;
            self.headers.remove(header::ALLOW);
        }
    }
}

/// What can be wrong with each API, by the name of its document.
pub(crate) const FAULTS: [(&str, &[Fault]); 3] = [
    ("device-sessions", device_sessions::FAULTS),
    ("rhombus", rhombus::FAULTS),
    ("rockitplay", rockitplay::FAULTS),
];

/// The fault of that name.
pub(crate) fn fault(name: &str) -> Option<&'static Fault> {
    FAULTS.iter().flat_map(|(_, faults)| *faults).find(|fault| fault.name == name)
}

/// What an endpoint answers that has a fault.
pub(crate) async fn answered<E: Endpoint>(
    fault: Option<&'static Fault>,
    endpoint: &Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let Some(fault) = fault.filter(|fault| fault.at == request.uri().path()) else {
        return Ok(endpoint.call(request).await?.into_response());
    };
    let (mut parts, body) = request.into_parts();
    let mut sent = Sent {
        method: parts.method.clone(),
        headers: parts.headers.clone(),
        body: body.into_vec().await.unwrap_or_default(),
    };
    if let Slip::Reads(reads) = &fault.slip {
        reads(&mut sent);
    }
    parts.headers = sent.headers.clone();
    let request = Request::from_parts(parts, Body::from(sent.body.clone()));
    let response = match endpoint.call(request).await {
        Ok(output) => output.into_response(),
        Err(error) => error.into_response(),
    };
    let Slip::Answers(change) = &fault.slip else { return Ok(response) };
    let (parts, body) = response.into_parts();
    let body = body.into_vec().await.unwrap_or_default();
    let mut answer = Answer { status: parts.status, headers: parts.headers, body };
    change(&sent, &mut answer);
    let mut response = Response::builder().status(answer.status).body(answer.body);
    *response.headers_mut() = answer.headers;
    Ok(response)
}
