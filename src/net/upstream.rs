//! Forwards requests to another server, and hands on what it answers as it comes.
//!
//! Method, path, query, fields and bodies go through as they are, both ways; what is about one connection does not
//! (RFC 9110, section 7.6.1). No redirect is followed and nothing is decoded. What goes wrong is a problem and a finding.
//! `reqwest` would rewrite paths and queries as browsers do, which a proxy must not (RFC 9110, section 7.7). Read
//! `Upstream::handle` first.

use std::{
    fmt::Write,
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use http::{HeaderMap, HeaderName, Uri, header, uri::PathAndQuery};
use http_body_util::{BodyExt, BodyStream, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client, Error as Unanswered,
        connect::{HttpConnector, proxy::Tunnel},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::patience;
use crate::{
    exchange::{Body, Handler, MediaType, Reply, Request, Response, Rest},
    finding::{Code, Finding, Location, Part, Pointer},
    plan, wire,
};

/// Connections that have been idle for longer are not used again: many servers end them after five seconds.
const IDLE: Duration = Duration::from_secs(4);

/// Fields that are about one connection (RFC 9110, section 7.6.1), beside those that `Connection` names.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

type Sent = UnsyncBoxBody<Bytes, io::Error>;

/// How the upstream is reached.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long it may take to answer, and to send the next part of its answer.
    pub timeout: Duration,
    /// The URL of a proxy that leads to it.
    pub proxy: Option<String>,
    /// Certificates, as PEM, of further authorities that it may be vouched for by.
    pub authorities: Option<Vec<u8>>,
}

/// A server to which requests are forwarded.
#[derive(Debug, Clone)]
pub struct Upstream {
    base: Uri,
    client: Connected,
    timeout: Duration,
}

#[derive(Debug, Clone)]
enum Connected {
    Directly(Client<HttpsConnector<HttpConnector>, Sent>),
    ByProxy(Client<HttpsConnector<Tunnel<HttpConnector>>, Sent>),
}

/// Why requests cannot be forwarded at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is none.
    #[error("forward to `{url}`: {why}")]
    Url {
        /// What was given.
        url: String,
        /// What is wrong with it.
        why: String,
    },
    /// The certificates cannot be used.
    #[error("trust the certificates of `--upstream-ca`: {0}")]
    Authorities(String),
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(30), proxy: None, authorities: None }
    }
}

impl Upstream {
    /// A server by its URL; a path in it stands before the path of each request.
    ///
    /// # Errors
    /// [`Error`] where the URL of the server or of the proxy is none of HTTP, or there is no certificate.
    pub fn new(url: &str, options: &Options) -> Result<Self, Error> {
        let base = with_port(http_url(url)?);
        let tls = tls(options.authorities.as_deref())?;
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        let secured = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_idle_timeout(IDLE).pool_timer(TokioTimer::new());
        let client = match &options.proxy {
            None => Connected::Directly(builder.build(secured.wrap_connector(connector))),
            Some(proxy) => {
                let tunnel = Tunnel::new(http_url(proxy)?, connector);
                Connected::ByProxy(builder.build(secured.wrap_connector(tunnel)))
            }
        };
        Ok(Self { base, client, timeout: options.timeout })
    }

    /// The request as it is sent, and what counts the parts of its body that have been.
    fn forwarded(&self, request: Request) -> Result<(http::Request<Sent>, Arc<AtomicU64>), String> {
        let Request { method, path, query, headers, body } = request;
        let base = self.base.path().trim_end_matches('/');
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let target =
            PathAndQuery::try_from(format!("{base}{path}{query}")).map_err(|error| error.to_string())?;
        let mut parts = self.base.clone().into_parts();
        parts.path_and_query = Some(target);
        let uri = Uri::from_parts(parts).map_err(|error| error.to_string())?;
        let count = Arc::new(AtomicU64::new(0));
        let mut sent = http::Request::new(sent(body, Arc::clone(&count)));
        *sent.method_mut() = method;
        *sent.uri_mut() = uri;
        *sent.headers_mut() = end_to_end(headers);
        sent.headers_mut().remove(header::HOST);
        Ok((sent, count))
    }

    /// Waits for the head of the answer; as long as parts of the request's body are still being sent, the time begins anew.
    async fn ask(
        &self,
        request: http::Request<Sent>,
        count: &AtomicU64,
    ) -> Result<http::Response<Incoming>, Failure> {
        let mut answer = match &self.client {
            Connected::Directly(client) => client.request(request),
            Connected::ByProxy(client) => client.request(request),
        };
        let mut sent = count.load(Ordering::Relaxed);
        loop {
            match tokio::time::timeout(self.timeout, &mut answer).await {
                Ok(answer) => return answer.map_err(Failure::Failed),
                Err(_) if count.load(Ordering::Relaxed) == sent => return Err(Failure::Late),
                Err(_) => sent = count.load(Ordering::Relaxed),
            }
        }
    }

    fn finding(&self, failure: &Failure) -> Finding {
        let location = Location::Response(Part::Line, Pointer::root());
        let server = self.base.authority().map(ToString::to_string).unwrap_or_default();
        match failure {
            Failure::Late => {
                let message = format!("`{server}` did not answer within {} s", self.timeout.as_secs_f64());
                Finding::error(Code::UpstreamTimeout, location, message)
                    .help("`--upstream-timeout` says how long it may take")
            }
            Failure::Failed(error) if error.is_connect() => {
                let message = format!("`{server}` cannot be reached: {}", told(error));
                Finding::error(Code::UpstreamUnreachable, location, message)
                    .help("start the server, or give the URL at which it answers")
            }
            Failure::Failed(error) => {
                let message = format!("`{server}` gave no answer: {}", told(error));
                Finding::error(Code::UpstreamBroken, location, message)
            }
        }
    }

    fn answered(&self, answer: http::Response<Incoming>) -> Reply {
        let (parts, body) = answer.into_parts();
        let mut response = Response::empty(parts.status);
        response.headers = end_to_end(parts.headers);
        if !http_body::Body::is_end_stream(&body) {
            let chunks =
                BodyStream::new(body).try_filter_map(|frame| std::future::ready(Ok(frame.into_data().ok())));
            let chunks = chunks.map_err(|error| io::Error::other(told(&error)));
            // Whoever sends a stream may be silent for as long as nothing happens.
            let media_type = response.header(header::CONTENT_TYPE.as_str()).and_then(MediaType::parse);
            let is_stream = media_type.is_some_and(|media_type| wire::is_sequence(&media_type));
            response.rest = Some(if is_stream {
                Rest::new(chunks)
            } else {
                Rest::new(patience::within(self.timeout, chunks))
            });
        }
        Reply::new(response, "answered")
    }
}

/// Why there is no answer.
enum Failure {
    Late,
    Failed(Unanswered),
}

impl Handler for Upstream {
    async fn handle(&self, request: Request) -> Reply {
        let (request, count) = match self.forwarded(request) {
            Ok(forwarded) => forwarded,
            Err(why) => {
                let location = Location::Request(Part::Line, Pointer::root());
                return failed(Finding::error(Code::UpstreamBroken, location, why));
            }
        };
        match self.ask(request, &count).await {
            Ok(answer) => self.answered(answer),
            Err(failure) => failed(self.finding(&failure)),
        }
    }
}

fn failed(finding: Finding) -> Reply {
    let response = plan::problem(std::slice::from_ref(&finding));
    let why = finding.code.to_string();
    Reply { findings: vec![finding], ..Reply::new(response, why) }
}

/// The body of a request, its parts counted as they are sent.
fn sent(body: Body, count: Arc<AtomicU64>) -> Sent {
    let chunks = match body {
        Body::Whole(bytes) => return Full::new(bytes).map_err(|never| match never {}).boxed_unsync(),
        Body::TooLarge { .. } | Body::Interrupted(_) => None,
        Body::Coming(rest) => rest.take(),
    };
    let Some(chunks) = chunks else { return Full::default().map_err(|never| match never {}).boxed_unsync() };
    let counted = chunks.inspect_ok(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    StreamBody::new(counted.map_ok(http_body::Frame::data).boxed()).boxed_unsync()
}

/// The fields that are about the message and not about the connection.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let fields = headers.get_all(header::CONNECTION).iter().filter_map(|field| field.to_str().ok());
    let named = fields.flat_map(|field| field.split(',')).filter_map(|name| name.trim().parse().ok());
    let named: Vec<HeaderName> = named.collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    headers
}

fn http_url(url: &str) -> Result<Uri, Error> {
    let wrong = |why: &str| Error::Url { url: url.to_owned(), why: why.to_owned() };
    let uri: Uri = url.parse().map_err(|error: http::uri::InvalidUri| wrong(&error.to_string()))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none_or(str::is_empty) {
        return Err(wrong("it is no `http://` or `https://` URL"));
    }
    Ok(uri)
}

/// The URL with its port: a tunnel without one leads to the port of TLS.
fn with_port(url: Uri) -> Uri {
    let mut parts = url.clone().into_parts();
    let authority = parts.authority.take().filter(|authority| authority.port().is_none());
    if url.scheme_str() == Some("http")
        && let Some(authority) = authority
    {
        parts.authority = format!("{authority}:80").parse().ok();
        return Uri::from_parts(parts).unwrap_or(url);
    }
    url
}

/// Trusts the authorities that browsers do, and further ones.
fn tls(authorities: Option<&[u8]>) -> Result<ClientConfig, Error> {
    let wrong = |why: String| Error::Authorities(why);
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = authorities {
        let held = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
        if roots.len() == held {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| wrong(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// An error and its causes, in one line.
pub(super) fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}
