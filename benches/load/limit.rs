//! The bare poem endpoint: it returns the bytes that it was given, whatever is asked, and checks nothing.

use std::{env, fs, path::Path, time::Duration};

use http::StatusCode;
use poem::{Endpoint, Response, Server as PoemServer, listener::TcpAcceptor};
use serde_json::{Value, json};

use super::process::{Server, scratch};

/// Names the file that holds the answer; where it is set, this program is the endpoint.
pub(crate) const VARIABLE: &str = "STANDIN_BENCH_LIMIT";

/// What the endpoint answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    delay: Duration,
}

impl Answer {
    pub(crate) fn of(media_type: &str, status: u16, body: &[u8]) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status, headers, body: body.to_vec(), delay: Duration::ZERO }
    }

    pub(crate) fn new(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> Self {
        Self { status, headers, body, delay: Duration::ZERO }
    }

    pub(crate) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// Starts the endpoint as a process of its own.
pub(crate) fn start(answer: &Answer) -> Server {
    let told = json!({
        "status": answer.status,
        "headers": answer.headers,
        "body": String::from_utf8_lossy(&answer.body),
        "delay": u64::try_from(answer.delay.as_millis()).unwrap(),
    });
    let path = scratch("limit.json", &told.to_string());
    Server::start(env::current_exe().unwrap().to_str().unwrap(), &[], &[(VARIABLE, path.to_str().unwrap())])
}

/// Is the endpoint, until it is killed.
pub(crate) fn serve(path: &Path) {
    let told: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let headers: Vec<(String, String)> = serde_json::from_value(told["headers"].clone()).unwrap();
    let answer = Answer {
        status: told["status"].as_u64().unwrap().try_into().unwrap(),
        headers,
        body: told["body"].as_str().unwrap().as_bytes().to_vec(),
        delay: Duration::from_millis(told["delay"].as_u64().unwrap()),
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}\n", listener.local_addr().unwrap());
        fs::write(env::var("STANDIN_READY_FILE").unwrap(), url).unwrap();
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        PoemServer::new_with_acceptor(acceptor).run(Bare(answer.into())).await.unwrap();
    });
}

struct Bare(Prepared);

struct Prepared {
    status: StatusCode,
    headers: http::HeaderMap,
    body: bytes::Bytes,
    delay: Duration,
}

impl From<Answer> for Prepared {
    fn from(answer: Answer) -> Self {
        let field = |(name, value): (String, String)| {
            let name = http::HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, http::HeaderValue::from_str(&value).unwrap())
        };
        Self {
            status: StatusCode::from_u16(answer.status).unwrap(),
            headers: answer.headers.into_iter().map(field).collect(),
            body: answer.body.into(),
            delay: answer.delay,
        }
    }
}

impl Endpoint for Bare {
    type Output = Response;

    async fn call(&self, request: poem::Request) -> poem::Result<Response> {
        // A body that nobody reads would keep the connection from being used again.
        let _ = request.into_body().into_bytes().await;
        if !self.0.delay.is_zero() {
            tokio::time::sleep(self.0.delay).await;
        }
        let mut response = Response::builder().status(self.0.status).body(self.0.body.clone());
        *response.headers_mut() = self.0.headers.clone();
        Ok(response)
    }
}
