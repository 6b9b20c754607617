//! What was asked and answered, cut to what is kept of it, and how many bytes that takes.

use std::{mem::size_of, sync::Arc, time::Duration};

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;

use super::Exchange;
use crate::{
    exchange::{Body, End, Passed, Request, Response},
    finding::Finding,
};

/// What a header field takes beside its name and value.
const FIELD: usize = 64;

/// What was asked and answered.
#[derive(Debug, Clone)]
pub struct Answered {
    /// The name of the sandbox that answered.
    pub sandbox: Arc<str>,
    /// What changed its generated values.
    pub seed: u64,
    /// When, by the clock of the sandbox.
    pub at: Timestamp,
    /// How long the answer took, until it could begin.
    pub took: Duration,
    /// The request, with the start of its body.
    pub request: Request,
    /// How much of the request's body there was.
    pub request_extent: Extent,
    /// The response, with the start of its body.
    pub response: Response,
    /// How much of the response's body there was.
    pub response_extent: Extent,
    /// The operation that answered, by its id.
    pub operation: Option<String>,
    /// Why it was answered so.
    pub why: String,
    /// What was wrong with the exchange.
    pub findings: Vec<Finding>,
    /// How long the answer was held back, as the caller asked.
    pub delay: Duration,
    /// The names of the callbacks that followed from it.
    pub callbacks: Vec<String>,
}

/// How much of a body there was, whatever is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    /// How many bytes there were.
    pub length: usize,
    /// How many of them are kept.
    pub kept: usize,
    /// How far it came.
    pub end: End,
}

impl Extent {
    /// A body that was whole.
    pub fn whole(length: usize) -> Self {
        Self { length, kept: length, end: End::Whole }
    }
}

impl Answered {
    /// The request with the first `limit` bytes of its body, and how much of that there was; `heard` is what has passed of a
    /// body that was still coming.
    pub fn request(request: Request, heard: Option<Passed>, limit: usize) -> (Request, Extent) {
        let passed = heard.unwrap_or_else(|| match &request.body {
            Body::Whole(bytes) => start(bytes, limit),
            Body::TooLarge { limit } => nothing(End::Broken(format!("not kept: it is over {limit} bytes"))),
            Body::Interrupted(why) => nothing(End::Broken(why.clone())),
            Body::Coming(_) => nothing(End::Coming),
        });
        let Passed { start, length, end } = passed;
        let extent = Extent { length, kept: start.len(), end };
        (Request { body: Body::Whole(start), ..request }, extent)
    }

    /// The response with the first `limit` bytes of its body, and how much of that there is by now.
    pub fn response(response: &Response, limit: usize) -> (Response, Extent) {
        let Passed { start, length, end } = start(&response.body, limit);
        let end = if response.rest.is_some() { End::Coming } else { end };
        let extent = Extent { length, kept: start.len(), end };
        let (status, headers) = (response.status, response.headers.clone());
        (Response { status, headers, body: start, rest: None }, extent)
    }

    /// Adds what came of a response's body after its start, and what was found in it.
    pub(super) fn end(&mut self, passed: Passed, found: Vec<Finding>) {
        let body = [&self.response.body[..], &passed.start].concat();
        self.response.body = body.into();
        let length = self.response_extent.length + passed.length;
        self.response_extent = Extent { length, kept: self.response.body.len(), end: passed.end };
        self.findings.extend(found);
    }
}

fn nothing(end: End) -> Passed {
    Passed { start: Bytes::new(), length: 0, end }
}

/// A long body is copied: its start would keep all of it.
fn start(bytes: &Bytes, limit: usize) -> Passed {
    let start = if bytes.len() > limit { Bytes::copy_from_slice(&bytes[..limit]) } else { bytes.clone() };
    Passed { start, length: bytes.len(), end: End::Whole }
}

/// How many bytes an exchange takes, or will: of a body that is still coming, `limit` bytes.
pub(super) fn weight(answered: &Answered, limit: usize) -> usize {
    let Answered { request, response, response_extent, operation, why, findings, callbacks, .. } = answered;
    let to_come =
        if response_extent.end == End::Coming { limit.saturating_sub(response.body.len()) } else { 0 };
    let texts = [&request.path, why].into_iter().chain(&request.query).chain(operation).chain(callbacks);
    size_of::<Exchange>()
        + request.bytes().len()
        + response.body.len()
        + to_come
        + of_fields(&request.headers)
        + of_fields(&response.headers)
        + texts.map(|text| size_of::<String>() + text.len()).sum::<usize>()
        + findings.iter().map(of_finding).sum::<usize>()
}

fn of_fields(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD).sum()
}

fn of_finding(finding: &Finding) -> usize {
    let texts = [&finding.help, &finding.keyword, &finding.challenge].into_iter().flatten();
    let rule = finding.rule.as_ref().map_or(0, |rule| rule.pointer.as_str().len());
    size_of::<Finding>() + finding.message.len() + texts.map(String::len).sum::<usize>() + rule
}
