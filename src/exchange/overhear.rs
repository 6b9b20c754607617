//! A body that passes by → its start, and how far it has come.
//!
//! Nobody waits for what is heard: each chunk is passed on as it comes. Read [`overhear`] first.

use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Poll,
};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use http::{HeaderMap, header};

use super::{Body, Chunks, Rest};

/// How far a body has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It goes on.
    Coming,
    /// That was all of it.
    Whole,
    /// It broke off: why.
    Broken(String),
}

/// What is known of a body that passes by.
#[derive(Debug, Clone)]
pub struct Heard(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    start: Vec<u8>,
    passed: usize,
    limit: usize,
    /// How many bytes there will be, where that is known: nobody reads on after the last one.
    length: Option<usize>,
    end: End,
}

/// What of a body has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passed {
    /// Its first bytes, up to a limit.
    pub start: Bytes,
    /// How many bytes have passed.
    pub length: usize,
    /// How far it has come.
    pub end: End,
}

impl Kept {
    fn hear(&mut self, polled: Option<&io::Result<Bytes>>) {
        match (polled, &self.end) {
            (_, End::Whole | End::Broken(_)) => {}
            (None, _) => self.end = End::Whole,
            (Some(Err(error)), _) => self.end = End::Broken(error.to_string()),
            (Some(Ok(chunk)), _) => {
                let room = self.limit - self.start.len();
                self.start.extend_from_slice(&chunk[..chunk.len().min(room)]);
                self.passed += chunk.len();
                if self.length == Some(self.passed) {
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

    /// What has passed by now; the start goes to whoever asks first.
    pub fn passed(&self) -> Passed {
        let mut kept = self.kept();
        Passed { start: mem::take(&mut kept.start).into(), length: kept.passed, end: kept.end.clone() }
    }

    /// The body as far as it is known, to whoever asks first; what is still coming comes to somebody else.
    pub fn body(&self) -> Body {
        let limit = self.kept().limit;
        let Passed { start, length, end } = self.passed();
        match end {
            _ if length > limit => Body::TooLarge { limit },
            End::Whole => Body::Whole(start),
            End::Coming => Body::Coming(Rest::new(stream::empty())),
            End::Broken(why) => Body::Interrupted(format!("the body ended early: {why}")),
        }
    }
}

/// Tells somebody once that a body has ended, or that nobody reads it any more.
struct Ending<F: FnOnce(&Heard)> {
    heard: Heard,
    told: Option<F>,
}

impl<F: FnOnce(&Heard)> Ending<F> {
    fn tell(&mut self) {
        if let Some(told) = self.told.take() {
            told(&self.heard);
        }
    }
}

impl<F: FnOnce(&Heard)> Drop for Ending<F> {
    fn drop(&mut self) {
        self.tell();
    }
}

/// How long header fields say that a body is.
pub fn claimed_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The same chunks, `length` bytes of them where that is known, and what is heard of them: their first bytes up to `limit`.
/// `ended` is told when there are no more, or nobody reads on.
pub fn overhear(
    mut chunks: Chunks,
    length: Option<usize>,
    limit: usize,
    ended: impl FnOnce(&Heard) + Send + 'static,
) -> (Rest, Heard) {
    let kept = Kept { start: Vec::new(), passed: 0, limit, length, end: End::Coming };
    let heard = Heard(Arc::new(Mutex::new(kept)));
    let mut ending = Ending { heard: heard.clone(), told: Some(ended) };
    let passing = stream::poll_fn(move |context| {
        let polled = Pin::new(&mut chunks).poll_next(context);
        if let Poll::Ready(chunk) = &polled {
            ending.heard.kept().hear(chunk.as_ref());
            let is_over = ending.heard.kept().end != End::Coming;
            if is_over {
                ending.tell();
            }
        }
        polled
    });
    (Rest::new(passing), heard)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use futures_util::{FutureExt, StreamExt};

    use super::*;

    fn chunks(texts: &[&'static str]) -> Chunks {
        let chunks: Vec<_> = texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect();
        Box::pin(stream::iter(chunks))
    }

    fn passed(rest: &Rest) -> Vec<u8> {
        let chunks: Vec<_> = rest.take().unwrap().collect().now_or_never().unwrap();
        chunks.into_iter().flat_map(Result::unwrap).collect()
    }

    #[test]
    fn all_of_a_body_passes_and_its_start_is_kept() {
        let (tell, told) = mpsc::channel();
        let ended = move |heard: &Heard| tell.send(heard.passed()).unwrap();
        let (rest, heard) = overhear(chunks(&["abc", "def"]), None, 4, ended);
        assert_eq!(heard.passed(), Passed { start: Bytes::new(), length: 0, end: End::Coming });
        assert_eq!(passed(&rest), b"abcdef");
        let all = Passed { start: Bytes::from_static(b"abcd"), length: 6, end: End::Whole };
        assert_eq!(told.try_recv(), Ok(all));
    }

    #[test]
    fn a_body_that_nobody_reads_on_is_told_to_be_coming_still() {
        let (tell, told) = mpsc::channel();
        let ended = move |heard: &Heard| tell.send(heard.passed().end).unwrap();
        let (rest, _) = overhear(chunks(&["abc"]), None, 4, ended);
        drop(rest);
        assert_eq!(told.try_recv(), Ok(End::Coming));
    }
}
