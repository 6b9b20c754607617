//! An operation → the requests that try it: right ones at every bound, wrong ones with a single fault, and odd ones.
//!
//! The cases are the same for each seed, but for the values that do not matter. Read [`Planner::all`] first.

mod bodies;
mod branches;
mod crash;
mod credentials;
mod examples;
mod methods;
mod values;

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::{
    Phase,
    case::{Case, Expected, Planner, Shape, Subject},
};
use crate::{
    exchange::Request,
    plan::{Address, Draft, Optional},
    schema::Dice,
};

/// How many cases an operation has at most.
const MOST: usize = 1500;

impl Planner<'_> {
    /// The cases of an operation, right ones first; why there are none, where no right request can be made.
    /// `share` is how many of them are likely to be sent.
    pub(super) fn all(&self, address: Address, share: usize) -> Result<Vec<Case>, String> {
        let least = self.plan.draft(address, Optional::Left, &mut Dice::smallest());
        let least =
            least.or_else(|_| self.plan.draft(address, Optional::Left, &mut self.dice(address, 0)))?;
        let full = self.plan.draft(address, Optional::Sent, &mut self.dice(address, 1))?;
        let (full, cursors) = self.without_cursors(address, full);
        let mut turned = least.clone();
        turned.parameters.extend(cursors);
        let mut cases = vec![
            right(address, least.clone(), "only what is required"),
            right(address, full.clone(), "everything that may be sent"),
        ];
        cases.extend(self.shown(address, &least));
        cases.extend(self.named(address, &least));
        cases.extend(self.each_alone(address, &least, &full));
        cases.extend(self.branches(address, &full, share));
        let mut words = HashSet::new();
        for draft in [&full, &least, &turned] {
            let found = self.around(address, draft, share, &mut words);
            cases.extend(found);
        }
        cases.extend(self.absent(address, &full));
        cases.extend(self.repeated(address, &least, &full));
        cases.extend(self.bodies(address, &least, &full));
        cases.extend(self.methods(address, &least));
        cases.extend(self.guests(address, &least));
        cases.extend(self.crashes(address, &least, &full));
        self.keep_each_once(address, &mut cases);
        cases.sort_by_key(|case| rank(&case.expected));
        cases.truncate(MOST.min(share));
        Ok(cases)
    }

    /// Leaves out what was tried in the same words, and what looks the same when it is written.
    fn keep_each_once(&self, address: Address, cases: &mut Vec<Case>) {
        let (mut words, mut requests) = (HashSet::new(), HashSet::new());
        cases.retain(|case| {
            let is_new = words.insert((case.what.clone(), rank(&case.expected)));
            let looks = matches!(case.expected, Expected::Accepted | Expected::Refused(_));
            let looks = looks.then(|| self.request(address, &case.shape)).flatten();
            is_new && looks.is_none_or(|request| requests.insert(digest(&request)))
        });
    }
}

/// Where a case stands among those of its operation: what shows that the operation works comes first.
fn rank(expected: &Expected) -> u8 {
    match expected {
        Expected::Accepted => 0,
        Expected::Admitted | Expected::Status(_) => 1,
        Expected::Refused(_) | Expected::NotAllowed | Expected::Unauthorized => 2,
        Expected::Anything => 3,
    }
}

fn digest(request: &Request) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    add(request.method.as_str().as_bytes());
    add(request.path.as_bytes());
    add(request.query.as_deref().unwrap_or_default().as_bytes());
    for (name, value) in &request.headers {
        add(name.as_str().as_bytes());
        add(value.as_bytes());
    }
    add(request.bytes());
    hash.finalize().into()
}

fn right(address: Address, draft: Draft, what: &str) -> Case {
    let shape = Shape::Draft(draft, Subject::Other);
    Case { address, phase: Phase::Coverage, expected: Expected::Accepted, what: what.to_owned(), shape }
}
