//! What a sandbox asks to go wrong: faults, and answers that surprise.
//!
//! A [`Trouble`] is kept by its sandbox and overrides what the options say. Every decision depends on the seed, the sandbox
//! and the number of the request, so a run that asks the same in the same order meets the same faults.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use sha2::{Digest, Sha256};

use super::Options;
use crate::{
    api::{Operation, Status},
    plan::Prefer,
    sandbox::{Fault, Sandbox, Struck},
    schema::{Dice, Temper},
};

/// What a sandbox asks to go wrong.
#[derive(Debug, Default)]
pub struct Trouble {
    wanted: RwLock<Wanted>,
    /// How many requests had a chance to meet it.
    requests: AtomicU64,
}

/// What is to go wrong, where it is other than the options say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// The faults.
    pub faults: Option<Vec<Fault>>,
    /// Whether answers surprise.
    pub temper: Option<Temper>,
}

impl Trouble {
    /// What was asked for.
    pub fn wanted(&self) -> Wanted {
        self.wanted.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks for something else; the requests are counted anew.
    pub fn want(&self, wanted: Wanted) {
        *self.wanted.write().unwrap_or_else(PoisonError::into_inner) = wanted;
        self.requests.store(0, Ordering::Relaxed);
    }
}

/// What one request gets.
#[derive(Debug, Clone, Default)]
pub(super) struct Met {
    pub(super) struck: Struck,
    /// Mixed into the seed of an answer that surprises, so that the next one surprises otherwise.
    pub(super) number: u64,
    pub(super) temper: Temper,
    /// The status of an error that it gets.
    pub(super) status: Option<u16>,
    /// Which keys of `Prefer` had a say.
    pub(super) applied: Vec<&'static str>,
}

/// Whether a request of a sandbox may meet something.
pub(super) fn is_likely(options: &Options, sandbox: &Sandbox) -> bool {
    let wanted = sandbox.kept::<Trouble>().wanted();
    !wanted.faults.as_ref().unwrap_or(&options.troubles).is_empty()
        || wanted.temper.unwrap_or(options.temper) == Temper::Surprising
}

/// What a request that means `operation` meets.
pub(super) fn met(options: &Options, sandbox: &Sandbox, prefer: &Prefer, operation: &Operation) -> Met {
    let trouble = sandbox.kept::<Trouble>();
    let wanted = trouble.wanted();
    let faults = wanted.faults.as_ref().unwrap_or(&options.troubles);
    let temper = prefer.temper.or(wanted.temper).unwrap_or(options.temper);
    let delay = prefer.delay.map(|time| Fault::from(crate::sandbox::Kind::Delay(time)));
    let asked: Vec<&Fault> = prefer.faults.iter().chain(&delay).collect();
    if faults.is_empty() && asked.is_empty() && temper == Temper::Usual {
        return Met::default();
    }
    let number = trouble.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let mut dice = dice(prefer.seed.unwrap_or_else(|| sandbox.seed()), sandbox, number);
    let line = operation.line();
    // An answer that surprises is now and then one of the errors that a client has to expect.
    let surprise =
        (temper == Temper::Surprising).then(|| Fault::from(crate::sandbox::Kind::Error(None)).at(SURPRISING));
    let own = faults.iter().chain(&surprise);
    let mut struck = Struck::of(own, &operation.id, &line, &mut dice);
    let of_caller = Struck::of(asked.iter().copied(), &operation.id, &line, &mut dice);
    let mut of_caller = of_caller;
    for struck in [&mut struck, &mut of_caller] {
        let status = struck.error.and_then(|(status, drawn)| error(operation, status, drawn));
        struck.error = status.map(|status| (Some(status), 0));
        if status.is_none() {
            struck.told.retain(|told| !told.starts_with("error"));
        }
    }
    let is_met = of_caller.told.iter().any(|told| !told.starts_with("delay")) || prefer.delay.is_none();
    let is_met = is_met && !of_caller.told.is_empty() && !prefer.faults.is_empty();
    let applied = [("fault", is_met), ("surprise", prefer.temper.is_some())];
    let applied = applied.into_iter().filter_map(|(key, is_met)| is_met.then_some(key)).collect();
    struck.join(of_caller);
    let status = struck.error.and_then(|(status, _)| status);
    Met { struck, number, temper, status, applied }
}

/// How often a surprise is an error, in millionths.
const SURPRISING: u64 = 100_000;

/// Decisions that depend on the seed, the sandbox, and the number of the request.
fn dice(seed: u64, sandbox: &Sandbox, number: u64) -> Dice {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    hash.update(number.to_be_bytes());
    hash.update(sandbox.name().as_str().as_bytes());
    let digest = hash.finalize();
    Dice::seeded(digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
}

/// The status of an error that the operation declares: the one that is wanted, else one of those that come of themselves,
/// else any; `None` where it declares none.
fn error(operation: &Operation, wanted: Option<u16>, drawn: u64) -> Option<u16> {
    if let Some(status) = wanted {
        return operation.response(status).map(|_| status);
    }
    let declared = operation.responses.iter().filter_map(|response| match response.status {
        Status::Exact(status) => Some(status),
        Status::Range(5) | Status::Default => Some(500),
        Status::Range(4) => Some(429),
        Status::Range(_) => None,
    });
    let errors: Vec<u16> = declared.filter(|status| *status >= 400).collect();
    let sudden: Vec<u16> =
        errors.iter().copied().filter(|status| *status >= 500 || matches!(status, 408 | 429)).collect();
    let among = if sudden.is_empty() { errors } else { sudden };
    let index = usize::try_from(drawn).unwrap_or_default().checked_rem(among.len())?;
    among.get(index).copied()
}
