//! Bodies that are judged before they are passed on: gathered up to a limit.
//!
//! What is over the limit is passed on all the same, and not judged.

use std::io;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::exchange::{Chunks, Rest};

/// A body, gathered as far as it is kept.
pub(super) enum Gathered {
    Whole(Bytes),
    /// It is over the limit: its start, and what comes after that.
    Larger(Bytes, Chunks),
    Broken(io::Error),
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
