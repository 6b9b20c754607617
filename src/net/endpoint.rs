//! A poem endpoint → a [`Handler`]: a server that is tried where it is, without a socket.
//!
//! So a provider written with poem is verified in its own tests, as fast as it answers.

use futures_util::StreamExt;
use poem::{Endpoint, IntoResponse};

use crate::{
    exchange::{Handler, Reply, Request, Response, Rest},
    finding::{Code, Finding, Location, Part, Pointer},
};

/// A poem endpoint that answers requests as they are given to it.
///
/// ```
/// use poem::{Route, get, handler};
/// use standin::{exchange::{Handler, Request}, net::InProcess};
///
/// #[handler]
/// fn hello() -> &'static str { "hello" }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let server = InProcess::new(Route::new().at("/hello", get(hello)));
/// let reply = server.handle(Request::new(http::Method::GET, "/hello")).await;
/// assert_eq!(reply.response.status, 200);
/// assert_eq!(server.handle(Request::new(http::Method::GET, "/bye")).await.response.status, 404);
/// # }
/// ```
#[derive(Debug)]
pub struct InProcess<E>(E);

impl<E: Endpoint> InProcess<E> {
    /// Answers by `endpoint`.
    pub fn new(endpoint: E) -> Self {
        Self(endpoint)
    }
}

impl<E: Endpoint> Handler for InProcess<E> {
    /// What the endpoint answers, its errors included; the body is still coming, as from a socket.
    async fn handle(&self, request: Request) -> Reply {
        let request = match written(&request) {
            Ok(request) => request,
            Err(error) => return unsent(&error),
        };
        let answered = match self.0.call(request).await {
            Ok(output) => output.into_response(),
            Err(error) => error.into_response(),
        };
        let (parts, body) = answered.into_parts();
        let chunks = body.into_bytes_stream().map(|chunk| chunk.map_err(std::io::Error::other));
        let response = Response {
            status: parts.status,
            headers: parts.headers,
            body: bytes::Bytes::new(),
            rest: Some(Rest::new(chunks)),
        };
        Reply::new(response, "answered in process")
    }
}

fn written(request: &Request) -> Result<poem::Request, http::Error> {
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    // The builder panics at a URI that is none.
    let uri = http::Uri::try_from(format!("{}{query}", request.path))?;
    let mut written =
        poem::Request::builder().method(request.method.clone()).uri(uri).body(request.bytes().to_vec());
    *written.headers_mut() = request.headers.clone();
    Ok(written)
}

/// A request that no server could have been sent.
fn unsent(error: &http::Error) -> Reply {
    let location = Location::Request(Part::Line, Pointer::root());
    let finding = Finding::error(Code::UpstreamUnreachable, location, error.to_string());
    let mut reply = Reply::new(Response::empty(http::StatusCode::BAD_GATEWAY), "not sent");
    reply.findings.push(finding);
    reply
}
