//! Callbacks → requests to other servers: sent beside the answers that they follow from, and told in the log.
//!
//! Nobody waits for a callback, so none may take long, lead elsewhere, or pile up. Read `Caller::send` first.

use std::{
    fmt::Write,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, redirect::Policy};
use tokio::sync::Semaphore;

use super::upstream::told;
use crate::exchange::{Outgoing, Response};

/// How long one callback may take, its answer included.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many are sent at once.
const AT_ONCE: usize = 16;
/// How many are kept until it is their turn, those that are being sent included.
const KEPT: usize = 1024;
/// The most bytes that an answer may have in order to be judged.
const MOST: usize = 1024 * 1024;

/// What becomes of the callbacks of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Callbacks {
    /// They are sent.
    #[default]
    Sent,
    /// They are not, for instance where whoever may ask the mock may not reach what it can.
    Withheld,
}

/// Sends callbacks.
#[derive(Debug, Clone)]
pub(super) struct Caller(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    callbacks: Callbacks,
    /// Made when it is first needed, which in most mocks is never.
    client: OnceLock<Result<Client, String>>,
    at_once: Semaphore,
    kept: Arc<Semaphore>,
}

impl Caller {
    pub(super) fn new(callbacks: Callbacks) -> Self {
        Self(Arc::new(Shared {
            callbacks,
            client: OnceLock::new(),
            at_once: Semaphore::new(AT_ONCE),
            kept: Arc::new(Semaphore::new(KEPT)),
        }))
    }

    /// Has calls sent, and does not wait for them.
    ///
    /// The server tells nobody when an answer has left. But the runtime runs the task that is begun here on the thread of
    /// the one that answers, once that lets go: by then an answer that the connection takes at once is written. So whoever is
    /// called because of an answer has that answer already, unless it is long or its reader slow.
    pub(super) fn send(&self, calls: Vec<Outgoing>) {
        if calls.is_empty() || self.0.callbacks == Callbacks::Withheld {
            return;
        }
        let caller = self.clone();
        tokio::spawn(async move {
            for call in calls {
                caller.begin(call);
            }
        });
    }

    fn begin(&self, call: Outgoing) {
        let Ok(kept) = Arc::clone(&self.0.kept).try_acquire_owned() else {
            tracing::warn!("callback `{}` is not sent: {KEPT} others are waiting", call.name);
            return;
        };
        let shared = Arc::clone(&self.0);
        tokio::spawn(async move {
            let turn = shared.at_once.acquire().await.expect("nobody closes the semaphore");
            shared.call(&call).await;
            drop((turn, kept));
        });
    }
}

impl Shared {
    /// Sends one callback, and tells what came of it.
    async fn call(&self, call: &Outgoing) {
        let line = format!("callback `{}`: {} {}", call.name, call.request.method, call.url());
        let client = self.client.get_or_init(client);
        let answered = match client {
            Ok(client) => answer(client, call).await.map_err(|error| told(&*error)),
            Err(why) => Err(why.clone()),
        };
        match answered {
            Ok(response) => {
                let mut told = format!("{line} → {}", response.status.as_u16());
                for finding in call.judge.judge(&response) {
                    let _ = write!(told, "\n  {finding}");
                }
                tracing::info!("{told}");
            }
            Err(why) => tracing::warn!("{line} is not answered: {why}"),
        }
    }
}

/// A redirect could lead the callback, and what it holds, to where nobody sent it; a proxy of the environment's leads to no
/// host of this machine's.
fn client() -> Result<Client, String> {
    let built = Client::builder().timeout(PATIENCE).redirect(Policy::none()).no_proxy().build();
    built.map_err(|error| told(&error))
}

async fn answer(
    client: &Client,
    call: &Outgoing,
) -> Result<Response, Box<dyn std::error::Error + Send + Sync>> {
    let mut request =
        client.request(call.request.method.clone(), call.url()).headers(call.request.headers.clone());
    let bytes = call.request.bytes();
    if !bytes.is_empty() {
        request = request.body(bytes.to_vec());
    }
    let mut answer = request.send().await?;
    let mut response = Response::empty(answer.status());
    response.headers = std::mem::take(answer.headers_mut());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MOST {
            return Err(format!("its answer has more than {MOST} bytes").into());
        }
    }
    response.body = body.into();
    Ok(response)
}
