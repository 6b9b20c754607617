//! An answer and what becomes of it on its way → the answer as it is sent: cut off, slowly, or not at all.
//!
//! All of it was asked for ([`sandbox::Fault`](crate::sandbox::Fault)); what is sent claims the length that it would have had.

use std::{fmt, io, time::Duration};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, header};

use crate::exchange::{Conduct, Response, Rest};

/// Into how many pieces a second of a slow body is cut.
const PIECES: u64 = 10;

/// Why an answer is not sent, or not to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing of it is to come.
    Dropped,
    /// Its body is to end early.
    Truncated,
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dropped => "the connection was to be dropped",
            Self::Truncated => "the body was to be cut off",
        })
    }
}

impl std::error::Error for Asked {}

/// Whether an error says that nothing of an answer is to come.
pub(super) fn is_dropped(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Asked>()) == Some(&Asked::Dropped)
}

/// The answer as it is sent. A body that is passed on from elsewhere is only dropped.
pub(super) fn conducted(mut response: Response, conduct: Conduct) -> Response {
    if conduct.is_dropped {
        response.body = Bytes::new();
        response.rest = Some(Rest::new(stream::iter([Err(io::Error::other(Asked::Dropped))])));
        return response;
    }
    if response.rest.is_some()
        || response.body.is_empty()
        || (conduct.cut.is_none() && conduct.pace.is_none())
    {
        return response;
    }
    let whole = std::mem::take(&mut response.body);
    response.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let kept = conduct.cut.map_or(whole.len(), |cut| cut.of(whole.len()));
    let end = conduct.cut.map(|_| Err(io::Error::other(Asked::Truncated)));
    let pieces = pieces(&whole.slice(..kept), conduct.pace);
    let pause = conduct.pace.map(pause);
    let paced = stream::iter(pieces).then(move |piece| async move {
        if let Some(pause) = pause {
            tokio::time::sleep(pause).await;
        }
        Ok(piece)
    });
    response.rest = Some(Rest::new(paced.chain(stream::iter(end))));
    response
}

/// How much of a body is sent at once.
fn pieces(body: &Bytes, pace: Option<u64>) -> Vec<Bytes> {
    let length =
        pace.map_or(body.len(), |pace| usize::try_from((pace / PIECES).max(1)).unwrap_or(usize::MAX));
    let starts = (0..body.len()).step_by(length.max(1));
    starts.map(|start| body.slice(start..body.len().min(start.saturating_add(length)))).collect()
}

/// How long it takes until the next piece.
fn pause(pace: u64) -> Duration {
    let length = (pace / PIECES).max(1);
    Duration::from_micros(length.saturating_mul(1_000_000) / pace.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_body_is_whole_and_takes_as_long_as_its_pace_says() {
        let body = Bytes::from(vec![b'x'; 1000]);
        for pace in [1, 7, 100, 1000, 10_000] {
            let pieces = pieces(&body, Some(pace));
            assert_eq!(pieces.concat().len(), 1000, "{pace}");
            let took = pause(pace) * u32::try_from(pieces.len()).unwrap();
            let right = Duration::from_secs(1000) / u32::try_from(pace).unwrap();
            assert!(
                took >= right.mul_f64(0.95) && took <= right.mul_f64(1.35) + pause(pace),
                "{pace}: {took:?}"
            );
        }
    }
}
