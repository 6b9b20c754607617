//! Bodies that are passed on and judged as well: gathered before they are passed on, or overheard while they pass.
//!
//! Up to a limit they are kept; what is over it is passed on all the same, and not judged.

use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, Stream},
};
use http::{HeaderMap, header};

use crate::exchange::{Body, Chunks, Rest};

/// How far a body has come.
#[derive(Debug)]
enum End {
    Coming,
    Whole,
    TooLarge,
    Broken(String),
}

#[derive(Debug)]
struct Kept {
    bytes: Vec<u8>,
    limit: usize,
    /// How many bytes there will be, where that is known: nobody reads on after the last one.
    length: Option<usize>,
    end: End,
}

/// What is known of a body that passes by.
#[derive(Debug, Clone)]
pub(super) struct Heard(Arc<Mutex<Kept>>);

/// A body, gathered as far as it is kept.
pub(super) enum Gathered {
    Whole(Bytes),
    /// It is over the limit: its start, and what comes after that.
    Larger(Bytes, Chunks),
    Broken(io::Error),
}

impl Kept {
    fn hear(&mut self, polled: Option<&io::Result<Bytes>>) {
        match (polled, &self.end) {
            (_, End::Whole | End::TooLarge | End::Broken(_)) => {}
            (None, _) => self.end = End::Whole,
            (Some(Err(error)), _) => self.end = End::Broken(error.to_string()),
            (Some(Ok(chunk)), _) if self.bytes.len() + chunk.len() > self.limit => {
                self.end = End::TooLarge;
                self.bytes = Vec::new();
            }
            (Some(Ok(chunk)), _) => {
                self.bytes.extend_from_slice(chunk);
                if self.length == Some(self.bytes.len()) {
                    self.end = End::Whole;
                }
            }
        }
    }
}

impl Heard {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The body as far as it is known; what is still coming comes to somebody else.
    pub(super) fn body(&self) -> Body {
        let mut kept = self.kept();
        let limit = kept.limit;
        match &kept.end {
            End::Whole => Body::Whole(mem::take(&mut kept.bytes).into()),
            End::Coming => Body::Coming(Rest::new(stream::empty())),
            End::TooLarge => Body::TooLarge { limit },
            End::Broken(why) => Body::Interrupted(format!("the body ended early: {why}")),
        }
    }
}

/// The same chunks, and what is heard of them; `ended` is told when no more will be kept.
pub(super) fn overhear(
    mut chunks: Chunks,
    headers: &HeaderMap,
    limit: usize,
    ended: impl FnOnce(&Heard) + Send + 'static,
) -> (Rest, Heard) {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let heard = Heard(Arc::new(Mutex::new(Kept { bytes: Vec::new(), limit, length, end: End::Coming })));
    let (told, mut ended) = (heard.clone(), Some(ended));
    let passing = stream::poll_fn(move |context| {
        let polled = Pin::new(&mut chunks).poll_next(context);
        if let Poll::Ready(chunk) = &polled {
            told.kept().hear(chunk.as_ref());
            let is_over = !matches!(told.kept().end, End::Coming);
            if is_over && let Some(ended) = ended.take() {
                ended(&told);
            }
        }
        polled
    });
    (Rest::new(passing), heard)
}

/// Waits for a body, as far as it is kept.
pub(super) async fn gather(mut chunks: Chunks, limit: usize) -> Gathered {
    let mut start = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => start.extend_from_slice(&chunk),
            Err(error) => return Gathered::Broken(error),
        }
        if start.len() > limit {
            return Gathered::Larger(start.into(), chunks);
        }
    }
    Gathered::Whole(start.into())
}

/// A start and what comes after it, as one.
pub(super) fn joined(start: Bytes, rest: Chunks) -> Rest {
    Rest::new(stream::once(std::future::ready(Ok(start))).chain(rest))
}
