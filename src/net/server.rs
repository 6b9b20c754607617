//! poem requests → exchanges → poem responses.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, Stream, StreamExt, stream};
use http::{HeaderValue, StatusCode, header};
use poem::{
    Body as PoemBody, Endpoint, EndpointExt, RequestParts, Response as PoemResponse, Server,
    listener::TcpAcceptor, middleware::CatchPanic,
};

use super::{
    Listener,
    callback::{Callbacks, Caller},
    conduct, cors,
    desk::{Apart, Desk},
    guard::Guard,
    metrics::Metrics,
    scribe::Scribe,
    served::{Held, Renewal, Served},
};
use crate::{
    exchange::{Body, Chunks, Conduct, Handler, Reply, Request, Response, Rest},
    finding::Severity,
    journal::Journal,
    mask::Mask,
    mock::Mock,
    net::{Shown, patience},
    sandbox::Stopwatch,
};

/// How a site is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// The most bytes that a request's body may have.
    pub body_limit: usize,
    /// How long a body may take to come.
    pub body_time: Duration,
    /// Where the control interface stands, such as `/_standin`; `None` where there is none.
    pub control_prefix: Option<String>,
    /// What somebody has to send who uses the control interface; `None` where everybody may.
    pub control_token: Option<String>,
    /// Whether pages of other origins may use the control interface.
    pub cors_control: bool,
    /// When the bodies of requests are handed on.
    pub reading: Reading,
    /// Whether pages of other origins may use the mock.
    pub cors: bool,
    /// What becomes of the callbacks of answers.
    pub callbacks: Callbacks,
    /// The most bytes that the journal of exchanges takes; with none there is no journal.
    pub journal_bytes: usize,
    /// How long open requests may take to end after a stop.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            body_limit: 10 * 1024 * 1024,
            body_time: Duration::from_secs(30),
            control_prefix: Some("/_standin".to_owned()),
            control_token: None,
            cors_control: false,
            reading: Reading::Whole,
            cors: true,
            callbacks: Callbacks::default(),
            journal_bytes: 4 * 1024 * 1024,
            patience: Duration::from_secs(10),
        }
    }
}

/// How the bodies of requests are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reading {
    /// When they are whole.
    #[default]
    Whole,
    /// While they come.
    Coming,
}

/// Whatever answers, and beside it the control interface of a mock and its pages.
pub struct Site<H> {
    served: Held<Served<H>>,
    desk: Option<Desk>,
    metrics: Arc<Metrics>,
    caller: Caller,
    scribe: Scribe,
    options: Options,
}

impl<H: Handler> Site<H> {
    /// Puts the parts together: `handler` answers, the control interface acts on `mock` and shows the `documents`.
    pub fn new(handler: Arc<H>, mock: Arc<Mock>, documents: Vec<Shown>, options: Options) -> Self {
        let mask = Mask::new(mock.plan(), mock.books(), &[]);
        let scribe = Scribe::new(Arc::new(Journal::new(options.journal_bytes, mask)));
        let metrics = Arc::new(Metrics::new());
        let desk = options.control_prefix.clone().map(|prefix| {
            let token = options.control_token.as_deref();
            let guard = Guard::new(token, options.cors_control);
            let parts = (scribe.clone(), Arc::clone(&metrics));
            Desk::new(prefix, (Arc::clone(&mock), documents), parts, (guard, token.is_some()))
        });
        let caller = Caller::new(options.callbacks);
        let served = Held::new(Served { handler, mock });
        Self { served, desk, metrics, caller, scribe, options }
    }

    /// What exchanges what is served, while it is.
    pub fn renewal(&self) -> Renewal<H> {
        let desk = self.desk.as_ref().map(|desk| (desk.papers.clone(), Arc::clone(&desk.print)));
        Renewal { served: self.served.clone(), desk, scribe: self.scribe.clone() }
    }

    /// Where the control interface stands, where there is one.
    pub fn control_prefix(&self) -> Option<&str> {
        self.options.control_prefix.as_deref()
    }

    /// What was answered so far.
    pub fn journal(&self) -> &Arc<Journal> {
        self.scribe.journal()
    }

    async fn answer(&self, served: &Served<H>, mut request: Request) -> (Response, Conduct) {
        if self.options.cors
            && let Some(fields) = cors::preflight(&request.method, &request.headers)
        {
            let response = Response { headers: fields, ..Response::empty(StatusCode::NO_CONTENT) };
            return (response, Conduct::default());
        }
        // A name that is none is answered by the handler, and kept with what names none.
        let named = served.mock.sandbox_of(&request.headers);
        let sandbox = named.unwrap_or_else(|_| Arc::clone(served.mock.sandboxes().default()));
        sandbox.count();
        let begun = self.scribe.begin(&sandbox, &mut request);
        let since = Stopwatch::start();
        let mut reply = served.handler.handle_shared(&request).await;
        if self.options.control_prefix.is_some() {
            self.metrics.count(&reply, since.elapsed());
        }
        log(&request, &reply);
        let page = self.options.cors.then(|| cors::Page::of(&request.headers));
        if let Some(begun) = begun {
            self.scribe.write(begun, request, &mut reply);
        }
        let Reply { mut response, delay, conduct, callbacks, .. } = reply;
        if let Some(page) = page {
            page.allow(&mut response.headers);
        }
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        self.caller.send(callbacks);
        (response, conduct)
    }
}

/// Tells an exchange and what was found in it, all at the level of the worst.
fn log(request: &Request, reply: &Reply) {
    let told = Told { request, reply };
    match reply.findings.iter().map(|finding| finding.severity).max() {
        Some(Severity::Error) => tracing::error!("{told}"),
        Some(Severity::Warning) => tracing::warn!("{told}"),
        Some(Severity::Note) | None => tracing::info!("{told}"),
    }
}

/// An exchange in one line, and each finding in another one; it is written only where somebody reads it.
struct Told<'e> {
    request: &'e Request,
    reply: &'e Reply,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { method, path, .. } = self.request;
        let Reply { response, operation, why, findings, .. } = self.reply;
        let operation = operation.as_deref().unwrap_or_default();
        write!(f, "{method} {path} → {} {operation} ({why})", response.status.as_u16())?;
        findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

impl<H: Handler> Endpoint for Site<H> {
    type Output = PoemResponse;

    async fn call(&self, request: poem::Request) -> poem::Result<PoemResponse> {
        if let Some(desk) = &self.desk
            && desk.has(request.original_uri().path())
        {
            return Ok(desk.answer(request).await);
        }
        let request = read(request, &self.options).await;
        let served = self.served.get();
        let (response, conduct) = self.answer(&served, request).await;
        Ok(written(conduct::conducted(response, conduct)))
    }
}

/// Answers every request on `listener` until `stop` ends; open requests are finished first.
///
/// # Errors
/// What the operating system says where the port cannot be served.
pub async fn serve<H: Handler + 'static>(
    listener: Listener,
    mut site: Site<H>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    if let Some(desk) = &mut site.desk {
        desk.guard.is_local = listener.is_local();
    }
    answer(listener, site, stop).await
}

/// Answers as [`serve`] does, but the control interface on a listener of its own, and there alone.
///
/// # Errors
/// What the operating system says where a port cannot be served.
pub async fn serve_apart<H: Handler + 'static>(
    listener: Listener,
    control: Listener,
    mut site: Site<H>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let Some(mut desk) = site.desk.take() else { return answer(listener, site, stop).await };
    desk.guard.is_local = control.is_local();
    desk.stands_apart_from(&listener.url());
    let (patience, stop) = (site.options.patience, stop.shared());
    let both = (
        answer(listener, site, stop.clone()),
        listen(control, Apart(desk).with(CatchPanic::new()), stop, patience),
    );
    let (answered, controlled) = futures_util::future::join(both.0, both.1).await;
    answered.and(controlled)
}

async fn answer<H: Handler + 'static>(
    listener: Listener,
    site: Site<H>,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let (patience, scribe) = (site.options.patience, site.scribe.clone());
    let stop = async move {
        stop.await;
        scribe.stop();
    };
    // A panic is a fault of this program: it costs one request a 500, and nobody else anything.
    listen(listener, site.with(CatchPanic::new()), stop, patience).await
}

async fn listen(
    listener: Listener,
    endpoint: impl Endpoint + 'static,
    stop: impl Future<Output = ()>,
    patience: Duration,
) -> std::io::Result<()> {
    let acceptor = TcpAcceptor::from_tokio(listener.inner)?;
    Server::new_with_acceptor(acceptor).run_with_graceful_shutdown(endpoint, stop, Some(patience)).await
}

async fn read(request: poem::Request, options: &Options) -> Request {
    let (parts, body) = request.into_parts();
    if !has_body(&parts) {
        return made(parts, Body::Whole(Bytes::new()));
    }
    if options.reading == Reading::Coming {
        let body = Body::Coming(Rest::new(patience::within(options.body_time, body.into_bytes_stream())));
        return made(parts, body);
    }
    let claimed =
        parts.headers.get("content-length").and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let waits = parts
        .headers
        .get("expect")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    let too_large = claimed.is_some_and(|length| length > options.body_limit as u64);
    let body = if too_large && waits {
        // The client asks before it sends (RFC 9110, section 10.1.1), so there is nothing to read.
        Body::TooLarge { limit: options.body_limit }
    } else {
        let whole = collect(body.into_bytes_stream(), options.body_limit);
        let late =
            |_| Body::Interrupted(format!("the body did not come within {} s", options.body_time.as_secs()));
        tokio::time::timeout(options.body_time, whole).await.unwrap_or_else(late)
    };
    made(parts, body)
}

fn made(parts: RequestParts, body: Body) -> Request {
    Request {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    }
}

/// A request without a body says nothing of its length (RFC 9112, section 6.3).
fn has_body(parts: &RequestParts) -> bool {
    let length = parts.headers.get(header::CONTENT_LENGTH);
    length.is_some_and(|length| length != "0") || parts.headers.contains_key(header::TRANSFER_ENCODING)
}

/// Reads a body to its end. What is over the limit is read as well, up to a point, and thrown away: a client that is
/// still sending does not read its answer, and closing on it would lose the answer.
async fn collect(chunks: impl Stream<Item = std::io::Result<Bytes>>, limit: usize) -> Body {
    let mut chunks = std::pin::pin!(chunks);
    // Most bodies come in one piece, and are kept as they came.
    let mut kept = Bytes::new();
    let mut more = Vec::new();
    let mut seen = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(error) => return Body::Interrupted(format!("the body ended early: {error}")),
        };
        seen += chunk.len();
        if seen > limit.saturating_mul(16) {
            return Body::TooLarge { limit };
        }
        if seen > limit {
            (kept, more) = (Bytes::new(), Vec::new());
        } else if kept.is_empty() && more.is_empty() {
            kept = chunk;
        } else {
            if more.is_empty() {
                more = std::mem::take(&mut kept).into();
            }
            more.extend_from_slice(&chunk);
        }
    }
    match (seen > limit, more.is_empty()) {
        (true, _) => Body::TooLarge { limit },
        (false, true) => Body::Whole(kept),
        (false, false) => Body::Whole(more.into()),
    }
}

fn written(response: Response) -> PoemResponse {
    let body = match response.rest.as_ref().and_then(Rest::take) {
        None => PoemBody::from_bytes(response.body),
        Some(rest) => {
            let start = stream::iter((!response.body.is_empty()).then_some(Ok(response.body)));
            PoemBody::from_bytes_stream(start.chain(cut(rest)))
        }
    };
    let mut built = PoemResponse::builder().status(response.status).body(body);
    *built.headers_mut() = response.headers;
    built.headers_mut().entry(header::SERVER).or_insert(HeaderValue::from_static("standin"));
    built
}

/// The same chunks; where they break off, so does the connection.
///
/// To hand the error on should be enough. But poem polls a connection once more after its error, and hyper then ends the
/// body as if it were whole; a task that unwinds is dropped with its connection. What was sent before is flushed first.
fn cut(chunks: Chunks) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    chunks.then(|chunk| async move {
        match chunk {
            Ok(chunk) => Ok(chunk),
            // Not even the head is flushed.
            Err(error) if conduct::is_dropped(&error) => std::panic::resume_unwind(Box::new(error)),
            Err(error) => {
                tracing::error!("an answer broke off: {error}");
                tokio::task::yield_now().await;
                std::panic::resume_unwind(Box::new(error))
            }
        }
    })
}
