//! A request on its way: what is forwarded, and what is known of it for the judge.

use bytes::Bytes;

use super::body::{self, Gathered};
use crate::{
    exchange::{Body, Heard, Request, claimed_length, overhear},
    finding::{Code, Finding, Location, Part, Pointer},
};

/// A request that is being forwarded.
#[derive(Debug)]
pub(super) struct Incoming {
    /// All of it, but for the body where that is heard.
    head: Request,
    heard: Option<Heard>,
}

impl Incoming {
    /// Forwards the body as it comes, and listens.
    pub(super) fn overhear(request: Request, limit: usize) -> (Self, Request) {
        let Body::Coming(rest) = &request.body else {
            return (Self { head: request.clone(), heard: None }, request);
        };
        let Some(chunks) = rest.take() else { return Self::of(request, Bytes::new()) };
        let (rest, heard) = overhear(chunks, claimed_length(&request.headers), limit, |_| ());
        let forwarded = Request { body: Body::Coming(rest), ..request };
        let unread = Request { body: Body::Whole(Bytes::new()), ..forwarded.clone() };
        (Self { head: unread, heard: Some(heard) }, forwarded)
    }

    /// Waits for the body before anything is forwarded.
    pub(super) async fn gather(request: Request, limit: usize) -> (Self, Request) {
        let Body::Coming(rest) = &request.body else {
            return (Self { head: request.clone(), heard: None }, request);
        };
        let Some(chunks) = rest.take() else { return Self::of(request, Bytes::new()) };
        match body::gather(chunks, limit).await {
            Gathered::Whole(bytes) => Self::of(request, bytes),
            Gathered::Larger(start, chunks) => {
                let head = Request { body: Body::TooLarge { limit }, ..request };
                let forwarded = Request { body: Body::Coming(body::joined(start, chunks)), ..head.clone() };
                (Self { head, heard: None }, forwarded)
            }
            Gathered::Broken(error) => {
                let why = format!("the body ended early: {error}");
                let head = Request { body: Body::Interrupted(why), ..request };
                (Self { head: head.clone(), heard: None }, head)
            }
        }
    }

    fn of(request: Request, bytes: Bytes) -> (Self, Request) {
        let request = Request { body: Body::Whole(bytes), ..request };
        (Self { head: request.clone(), heard: None }, request)
    }

    /// The request as far as it is known by now.
    pub(super) fn known(&self) -> Request {
        match &self.heard {
            Some(heard) => Request { body: heard.body(), ..self.head.clone() },
            None => self.head.clone(),
        }
    }
}

/// Why the body of a request is not judged, where it is not.
pub(super) fn unjudged(request: &Request) -> Option<Finding> {
    let why = match &request.body {
        Body::TooLarge { limit } => format!("not judged: it is over {limit} bytes"),
        Body::Coming(_) => "not judged: the answer came before its end".to_owned(),
        Body::Whole(_) | Body::Interrupted(_) => return None,
    };
    let finding = Finding::note(Code::Unjudged, Location::Request(Part::Body, Pointer::root()), why);
    Some(finding.help("`--body-limit` says how much of a body is kept for the judge"))
}
