//! Exchanges as they pass the server → the journal, and news of them for whoever listens.
//!
//! What is written is copied or shared before the answer leaves; nobody waits for a listener, and no body is waited for: of
//! one that is still coming, what passes is heard. Read `Scribe::begin` and `Scribe::write` first.

use std::sync::{Arc, PoisonError, RwLock};

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use tokio::sync::broadcast;

use crate::{
    exchange::{Body, Heard, Later, Reply, Request, Response, Rest, claimed_length, overhear},
    journal::{Answered, Journal},
    sandbox::{Sandbox, Stopwatch},
};

/// The header field that names the exchange in the journal.
const ID: HeaderName = HeaderName::from_static("standin-request-id");

/// How much news is kept for a listener that is slow; what is older it misses.
const NEWS: usize = 1024;

/// Something that listeners are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// The exchange of this number is in the journal.
    Answered(u64),
    /// The body of the answer has ended that was still coming, and was judged.
    Ended(u64),
    /// Other documents are served, or some that came were refused.
    Renewed,
}

/// Writes the journal.
#[derive(Clone)]
pub(super) struct Scribe {
    journal: Arc<Journal>,
    /// Nobody is told anything any more when the server stops.
    news: Arc<RwLock<Option<broadcast::Sender<News>>>>,
}

/// A request that is being answered.
pub(super) struct Begun {
    sandbox: Arc<str>,
    seed: u64,
    heard: Option<Heard>,
    at: Timestamp,
    since: Stopwatch,
}

/// Where in the journal an exchange stands, and how many bytes more of its answer there is room for.
struct Place {
    id: u64,
    sandbox: Arc<str>,
    room: usize,
}

impl Scribe {
    pub(super) fn new(journal: Arc<Journal>) -> Self {
        let (news, _) = broadcast::channel(NEWS);
        Self { journal, news: Arc::new(RwLock::new(Some(news))) }
    }

    pub(super) fn journal(&self) -> &Arc<Journal> {
        &self.journal
    }

    /// What is told from now on; `None` when the server stops.
    pub(super) fn listen(&self) -> Option<broadcast::Receiver<News>> {
        self.news.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(broadcast::Sender::subscribe)
    }

    /// Ends what listeners are told, so that no connection is kept open for them.
    pub(super) fn stop(&self) {
        self.news.write().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Tells that there is something new about the documents.
    pub(super) fn renewed(&self) {
        self.tell(News::Renewed);
    }

    /// Whether the server stops.
    pub(super) fn is_stopping(&self) -> bool {
        self.news.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    fn tell(&self, news: News) {
        let open = self.news.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = open.as_ref().filter(|sender| sender.receiver_count() > 0) {
            // Without a listener there is nobody to tell.
            let _ = sender.send(news);
        }
    }

    /// Takes note of a request before it is answered in a sandbox; `None` where no journal is kept.
    pub(super) fn begin(&self, sandbox: &Sandbox, request: &mut Request) -> Option<Begun> {
        if !self.journal.is_kept() {
            return None;
        }
        let mut heard = None;
        if let Body::Coming(rest) = &request.body
            && let Some(chunks) = rest.take()
        {
            let length = claimed_length(&request.headers);
            let (rest, start) = overhear(chunks, length, self.journal.body_limit(), |_| ());
            request.body = Body::Coming(rest);
            heard = Some(start);
        }
        let (at, since) = (sandbox.clock().now(), Stopwatch::start());
        let (sandbox, seed) = (sandbox.name().shared(), sandbox.seed());
        Some(Begun { sandbox, seed, heard, at, since })
    }

    /// Writes down an exchange, and names it in the answer.
    pub(super) fn write(&self, begun: Begun, request: Request, reply: &mut Reply) {
        let limit = self.journal.body_limit();
        let Begun { sandbox, seed, heard, at, since } = begun;
        let took = since.elapsed();
        let (request, request_extent) = Answered::request(request, heard.as_ref().map(Heard::passed), limit);
        let (response, response_extent) = Answered::response(&reply.response, limit);
        let room = limit - response.body.len();
        let id = self.journal.record(Answered {
            sandbox: Arc::clone(&sandbox),
            seed,
            at,
            took,
            request,
            request_extent,
            response,
            response_extent,
            operation: reply.operation.clone(),
            why: reply.why.clone(),
            findings: reply.findings.clone(),
            delay: reply.delay,
            callbacks: reply.callbacks.iter().map(|call| call.name.clone()).collect(),
        });
        let later = reply.later.take();
        self.follow(Place { id, sandbox, room }, &mut reply.response, later);
        reply.response.headers.insert(ID, HeaderValue::from(id));
        self.tell(News::Answered(id));
    }

    /// Hears the rest of a response, and writes down how it ends.
    fn follow(&self, place: Place, response: &mut Response, later: Option<Later>) {
        let Some(chunks) = response.rest.as_ref().and_then(Rest::take) else { return };
        let length = claimed_length(&response.headers);
        let length = length.map(|length| length.saturating_sub(response.body.len()));
        let scribe = self.clone();
        let Place { id, sandbox, room } = place;
        let ended = move |heard: &Heard| {
            let found = later.map(|later| later.take()).unwrap_or_default();
            scribe.journal.end(id, &sandbox, heard.passed(), found);
            scribe.tell(News::Ended(id));
        };
        response.rest = Some(overhear(chunks, length, room, ended).0);
    }
}
