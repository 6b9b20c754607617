//! Requests that were answered → their answers, for whoever asks the same again.
//!
//! An answer depends on the document, the seed, the request and, where tokens are issued or judged, on the time. So where no
//! time comes into it, the same request has the same answer, header field by header field, and need not be worked out twice.
//! Only GET and HEAD, which change nothing (RFC 9110, section 9.2.1), are remembered, without a body, a few hundred of them,
//! and each when it comes for the second time: whoever never asks the same twice costs nothing. Read [`Memory::recall`] and [`Memory::keep`].

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use http::Method;

use crate::{
    exchange::{Body, Reply, Request},
    plan::Address,
};

/// How many requests are remembered at most.
const ROOM: usize = 512;
/// The most bytes that an answer has which is remembered.
const LONGEST: usize = 16 * 1024;

/// Answers by request.
pub(super) struct Memory {
    state: RandomState,
    slots: Vec<Slot>,
}

/// Where requests with some hashes are remembered, of which the last one counts.
#[derive(Default)]
struct Slot {
    /// The hash of a request that was seen once.
    seen: AtomicU64,
    kept: RwLock<Option<Arc<Kept>>>,
}

/// An exchange that would be the same again.
pub(super) struct Kept {
    request: Request,
    /// The operation that was meant.
    pub(super) address: Address,
    pub(super) reply: Reply,
}

impl Memory {
    /// What was answered to the same request; `None` where nothing of it is remembered.
    pub(super) fn recall(&self, request: &Request) -> Option<Arc<Kept>> {
        if !may_be_kept(request) {
            return None;
        }
        let slot = self.slot(self.hash(request));
        let kept = slot.kept.read().unwrap_or_else(PoisonError::into_inner).clone()?;
        is_same(&kept.request, request).then_some(kept)
    }

    /// Remembers an answer that no time and no other request came into, if it was asked for before.
    pub(super) fn keep(&self, request: &Request, address: Address, reply: &Reply) {
        if !may_be_kept(request) || reply.response.body.len() > LONGEST || !reply.callbacks.is_empty() {
            return;
        }
        let hash = self.hash(request);
        let slot = self.slot(hash);
        if slot.seen.swap(hash, Ordering::Relaxed) != hash {
            return;
        }
        let kept = Arc::new(Kept { request: request.clone(), address, reply: reply.clone() });
        *slot.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
    }

    fn hash(&self, request: &Request) -> u64 {
        let Request { path, query, headers, .. } = request;
        let mut text = Vec::with_capacity(256);
        text.extend_from_slice(path.as_bytes());
        text.push(b'?');
        text.extend_from_slice(query.as_deref().unwrap_or_default().as_bytes());
        for value in headers.values() {
            text.push(b'\n');
            text.extend_from_slice(value.as_bytes());
        }
        self.state.hash_one(&text)
    }

    fn slot(&self, hash: u64) -> &Slot {
        #[expect(clippy::cast_possible_truncation, reason = "it is less than the number of slots")]
        let at = (hash % ROOM as u64) as usize;
        &self.slots[at]
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self { state: RandomState::new(), slots: (0..ROOM).map(|_| Slot::default()).collect() }
    }
}

/// What is in it is secret.
impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory")
    }
}

fn may_be_kept(request: &Request) -> bool {
    matches!(request.method, Method::GET | Method::HEAD)
        && matches!(&request.body, Body::Whole(bytes) if bytes.is_empty())
}

/// Whether two requests say the same in the same order, as one client does that asks again.
fn is_same(one: &Request, other: &Request) -> bool {
    one.method == other.method
        && one.path == other.path
        && one.query == other.query
        && one.headers.len() == other.headers.len()
        && one.headers.iter().eq(other.headers.iter())
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::exchange::Response;

    const ADDRESS: Address = Address { api: 0, operation: 0 };

    fn reply() -> Reply {
        Reply::new(Response::empty(StatusCode::OK), "because")
    }

    #[test]
    fn what_was_asked_twice_is_remembered_for_the_very_same_request_alone() {
        let memory = Memory::default();
        let request = Request::new(Method::GET, "/pets?tag=a").header("accept", "a/b");
        memory.keep(&request, ADDRESS, &reply());
        assert!(memory.recall(&request).is_none());
        memory.keep(&request, ADDRESS, &reply());
        assert!(memory.recall(&request).is_some());
        for other in [
            Request::new(Method::HEAD, "/pets?tag=a").header("accept", "a/b"),
            Request::new(Method::GET, "/pets?tag=b").header("accept", "a/b"),
            Request::new(Method::GET, "/pets").header("accept", "a/b"),
            Request::new(Method::GET, "/pets?tag=a").header("accept", "a/c"),
            Request::new(Method::GET, "/pets?tag=a").header("x-accept", "a/b"),
            Request::new(Method::GET, "/pets?tag=a").header("accept", "a/b").header("x", "y"),
            request.clone().body("{}"),
        ] {
            assert!(memory.recall(&other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn what_has_a_body_or_changes_something_or_is_long_is_not_remembered() {
        let memory = Memory::default();
        let request = Request::new(Method::GET, "/pets");
        let with_body = request.clone().body("{}");
        let unsafe_one = Request::new(Method::DELETE, "/pets");
        let long = Response { body: vec![b'a'; LONGEST + 1].into(), ..Response::empty(StatusCode::OK) };
        for _ in 0..2 {
            memory.keep(&with_body, ADDRESS, &reply());
            memory.keep(&unsafe_one, ADDRESS, &reply());
            memory.keep(&request, ADDRESS, &Reply::new(long.clone(), "because"));
        }
        assert!(memory.recall(&with_body).is_none());
        assert!(memory.recall(&unsafe_one).is_none());
        assert!(memory.recall(&request).is_none());
    }
}
