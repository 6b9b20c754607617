//! Tokens that were right and are not any more → new ones, in the middle of a run.
//!
//! A token ends, or a provider forgets it. A refusal counts as that only where the same tokens were let in before and no new
//! ones have been tried since, so that a provider that refuses everybody is not asked to log in again and again. Read
//! [`Verifier::renewed`] first.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::StatusCode;

use super::{
    Verifier,
    case::{Case, Expected, Shape, Subject},
};
use crate::{exchange::Handler, plan::Address};

/// What is known of the tokens that are held.
#[derive(Debug, Default)]
pub(super) struct Renewal {
    known: Mutex<Known>,
    /// Held by whoever logs in again, so that the others wait for what comes of it.
    turn: futures_util::lock::Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    /// How often each was renewed, by API: whoever was refused with an older one need not ask.
    times: usize,
    /// The APIs that let somebody in with the tokens that are held.
    proved: HashSet<usize>,
    /// The operations that refuse new tokens, too.
    hopeless: HashSet<(usize, usize)>,
}

impl Renewal {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often tokens were renewed so far.
    pub(super) fn times(&self) -> usize {
        self.known().times
    }
}

impl<H: Handler> Verifier<'_, H> {
    /// Takes note of an answer to a case that was sent with the tokens that are held.
    pub(super) fn note(&self, case: &Case, status: StatusCode) {
        // What is refused for another reason was let in.
        let is_let_in = !matches!(status.as_u16(), 401 | 403 | 500..=599);
        if is_let_in && self.is_about_tokens(case) {
            self.renewal.known().proved.insert(case.address.api);
        }
    }

    /// Takes note that an operation refuses new tokens as well.
    pub(super) fn give_up(&self, address: Address) {
        self.renewal.known().hopeless.insert((address.api, address.operation));
    }

    /// Logs in again after a refusal of what was right before, unless somebody has since `times`; whether there are new
    /// tokens to try it with.
    pub(super) async fn renewed(&self, case: &Case, status: StatusCode, times: usize) -> bool {
        let Address { api, operation } = case.address;
        if status != StatusCode::UNAUTHORIZED || !self.is_about_tokens(case) {
            return false;
        }
        if self.renewal.known().hopeless.contains(&(api, operation)) {
            return false;
        }
        let _turn = self.renewal.turn.lock().await;
        if self.renewal.times() > times {
            return true;
        }
        if !self.renewal.known().proved.remove(&api) {
            return false;
        }
        self.log_in_again(api).await;
        self.renewal.known().times += 1;
        true
    }

    /// Whether a right token is part of what is tried, and one was issued.
    fn is_about_tokens(&self, case: &Case) -> bool {
        let is_right =
            matches!(case.expected, Expected::Accepted | Expected::Refused(_) | Expected::Anything);
        let is_guest =
            !is_right || matches!(case.shape, Shape::Guest(..) | Shape::Draft(_, Subject::Shown(_)));
        !is_guest
            && self.is_closed(case.address)
            && self.may_get_in(case.address)
            && self.holds_tokens(case.address.api)
    }
}
