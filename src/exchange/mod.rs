//! HTTP as data: what comes in, what goes out, and the trait of everything that answers.
//!
//! Nothing here opens a socket or knows a document. Read [`Handler`] first.

mod conduct;
pub mod expression;
mod later;
mod media;
mod outgoing;
mod overhear;
mod stream;

use std::{future::Future, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header};
use percent_encoding::percent_decode_str;

pub use self::{
    conduct::{Conduct, Cut, PARTS},
    later::Later,
    media::{Accept, Fit, MediaType, credential_parameters, parameters},
    outgoing::{Judge, Outgoing},
    overhear::{End, Heard, Passed, claimed_length, overhear},
    stream::{Chunks, Rest},
};
use crate::finding::Finding;

/// A request.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent, percent-encoded, with its leading slash.
    pub path: String,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
}

/// What became of a request's body.
#[derive(Debug, Clone)]
pub enum Body {
    /// All of it; empty where there was none.
    Whole(Bytes),
    /// It was longer than `limit` bytes and was not kept.
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// It ended early or came too slowly: why.
    Interrupted(String),
    /// It is still coming.
    Coming(Rest),
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, or its start.
    pub body: Bytes,
    /// What comes after the start; `None` where the body is whole.
    pub rest: Option<Rest>,
}

/// A response and all that was found about the exchange.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What is sent.
    pub response: Response,
    /// What was wrong with the exchange.
    pub findings: Vec<Finding>,
    /// What is found when the answer has begun already; `None` where nothing can be.
    pub later: Option<Later>,
    /// The operation that answered, by its id.
    pub operation: Option<String>,
    /// Why it was answered so, in a few words.
    pub why: String,
    /// How long it is held back before it is sent, as the caller asked.
    pub delay: Duration,
    /// What becomes of it on its way, where that was asked for.
    pub conduct: Conduct,
    /// What others are sent because of it, once it is sent.
    pub callbacks: Vec<Outgoing>,
}

/// Whatever answers a request: the mock, a proxy, a client.
pub trait Handler: Send + Sync {
    /// Answers one request. It never fails: what goes wrong is a response and a finding.
    fn handle(&self, request: Request) -> impl Future<Output = Reply> + Send;

    /// The same where the caller keeps the request.
    fn handle_shared(&self, request: &Request) -> impl Future<Output = Reply> + Send {
        self.handle(request.clone())
    }
}

impl Request {
    /// A request without header fields or body; `target` is the path and, after a question mark, the query.
    ///
    /// ```
    /// use standin::exchange::Request;
    ///
    /// let request = Request::new(http::Method::GET, "/pets/7?tag=a%20b");
    /// assert_eq!(request.path, "/pets/7");
    /// assert_eq!(request.query_values("tag"), ["a b"]);
    /// ```
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        Self {
            method,
            path: path.to_owned(),
            query,
            headers: HeaderMap::new(),
            body: Body::Whole(Bytes::new()),
        }
    }

    /// With one more header field; a name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = header::HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, header::HeaderValue::from_bytes(value.as_bytes())) {
            self.headers.append(name, value);
        }
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Body::Whole(body.into());
        self
    }

    /// The bytes of the body; none where it was not kept.
    pub fn bytes(&self) -> &[u8] {
        match &self.body {
            Body::Whole(bytes) => bytes,
            Body::TooLarge { .. } | Body::Interrupted(_) | Body::Coming(_) => &[],
        }
    }

    /// The values of a header field, in order; bytes that are not UTF-8 are replaced.
    pub fn header_values(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    }

    /// The pairs of the query, decoded as forms are (a plus is a space).
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        pairs(self.query.as_deref().unwrap_or_default())
    }

    /// The values of a query parameter, in order.
    pub fn query_values(&self, name: &str) -> Vec<String> {
        let pairs = self.query_pairs().into_iter();
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value).collect()
    }

    /// The values of a cookie as they were sent (RFC 6265, section 4.2.1); whether they are encoded, only their style tells.
    pub fn cookie_values(&self, name: &str) -> Vec<String> {
        let fields = self.header_values("cookie");
        let cookies = fields.iter().flat_map(|field| field.split(';'));
        cookies
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value.to_owned())
            .collect()
    }
}

/// The pairs of an `application/x-www-form-urlencoded` text, decoded; bytes that are not UTF-8 are replaced.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (decode(key), decode(value)))
        .collect()
}

impl Reply {
    /// A response about which nothing was found, and why it is the one.
    pub fn new(response: Response, why: impl Into<String>) -> Self {
        Self {
            response,
            findings: Vec::new(),
            later: None,
            operation: None,
            why: why.into(),
            delay: Duration::ZERO,
            conduct: Conduct::default(),
            callbacks: Vec::new(),
        }
    }
}

impl Response {
    /// A response without a body.
    pub fn empty(status: StatusCode) -> Self {
        // Room for what is usual, so that it does not grow field by field; a copy keeps it.
        Self { status, headers: HeaderMap::with_capacity(12), body: Bytes::new(), rest: None }
    }

    /// The text of a header field; `None` where it is absent or not ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
