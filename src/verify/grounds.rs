//! What the path of a case names → made once for those that only look at it, and made cheaply for all others.
//!
//! A case that may change something has a resource of its own. To think of a body takes longer than to send it: the one that
//! was taken once is sent again with other texts, for as long as the provider takes that. Read [`Verifier::shared`] first.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use http::Method;

use super::{
    Phase, Verifier,
    case::{Case, Expected, Shape, Subject},
    session::{Held, Sent},
};
use crate::{
    exchange::Handler,
    finding::Part,
    plan::{Address, Draft, Optional},
};

/// What is known of making things.
#[derive(Debug, Default)]
pub(super) struct Grounds(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// What those cases share that only look at it, by API and path of the innermost resource.
    shared: HashMap<(usize, String), Held>,
    /// For each operation that makes something a request that was taken; `None` where it is not taken with other texts.
    taken: HashMap<(usize, usize), Option<Draft>>,
}

impl Grounds {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<H: Handler> Verifier<'_, H> {
    /// Whether a case only looks at what its path names, and need not have it for itself.
    pub(super) fn shares(&self, case: &Case) -> bool {
        let planner = self.planner();
        let operation = planner.operation(case.address);
        let looks = [Method::GET, Method::HEAD].contains(&operation.method);
        let is_in_path = |number: usize| operation.parameters[number].part == Part::Path;
        looks && case.expected != Expected::NotAllowed && !case.shape.keeps_path(is_in_path)
    }

    /// What the path of an operation names, for a case that only looks at it.
    pub(super) async fn shared(&self, address: Address, number: u64) -> Held {
        let Some(key) = self.key(address) else { return Held::default() };
        if let Some(held) = self.grounds.known().shared.get(&key) {
            return held.clone();
        }
        let (held, _) = self.ground(address, number).await;
        if self.named(address).into_iter().all(|resource| held.get(resource).is_some()) {
            self.grounds.known().shared.insert(key, held.clone());
        }
        held
    }

    /// Forgets what cases share: it is not there any more.
    pub(super) fn forget_shared(&self, address: Address) {
        if let Some(key) = self.key(address) {
            self.grounds.known().shared.remove(&key);
        }
    }

    fn key(&self, address: Address) -> Option<(usize, String)> {
        Some((address.api, self.named(address).last()?.path.clone()))
    }

    /// Sends the request that makes something, within what is there.
    pub(super) async fn make(&self, maker: Address, held: &Held, number: u64) -> Option<Sent> {
        let key = (maker.api, maker.operation);
        let taken = self.grounds.known().taken.get(&key).cloned();
        if let Some(Some(draft)) = taken.clone() {
            let sent = self.sent(maker, self.with_other_texts(maker, draft, number), held).await?;
            let status = sent.reply.response.status;
            if status.is_success() {
                return Some(sent);
            }
            // Who asks, and when, is not about the texts.
            if !matches!(status.as_u16(), 401 | 403 | 429) {
                self.grounds.known().taken.insert(key, None);
            }
        }
        let mut dice = self.planner().dice(maker, 1 << 32 | number);
        let draft = self.plan.draft(maker, Optional::Left, &mut dice).ok()?;
        let sent = self.sent(maker, draft.clone(), held).await?;
        if taken.is_none() && sent.reply.response.status.is_success() {
            self.grounds.known().taken.insert(key, Some(draft));
        }
        Some(sent)
    }

    fn with_other_texts(&self, address: Address, draft: Draft, number: u64) -> Draft {
        let shape = Shape::Draft(draft, Subject::Other);
        let (phase, expected) = (Phase::Coverage, Expected::Accepted);
        let mut case = Case { address, phase, expected, what: String::new(), shape };
        self.planner().freshen(&mut case, 1 << 32 | number);
        std::mem::take(case.shape.draft_mut())
    }
}
