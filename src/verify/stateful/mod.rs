//! What an API keeps → sequences of requests that show whether the provider keeps it: made, read, listed, changed, deleted.
//!
//! Each sequence makes what it needs and stands alone, so that it runs beside others; those that look at a list as a whole
//! run one at a time. A provider that makes its answers up keeps nothing, and is not accused of that. Read
//! [`Verifier::follow`] first.

mod course;
mod enter;
mod equal;
mod filter;
mod less;
mod life;
mod list;
mod precondition;
mod probe;
mod replace;
mod smaller;
mod token;
mod update;

use std::sync::atomic::AtomicUsize;

use futures_util::{StreamExt, stream};
use http::Method;

pub(super) use self::{course::Budget, less::Less};
use self::{
    course::{Course, Fill, Step},
    enter::Reached,
};
use super::{Again, Check, Observer, Replay, Run, Verifier};
use crate::{
    api::Operation,
    exchange::Handler,
    finding::Part,
    plan::{
        Address,
        resource::{Resource, is_key},
    },
};

/// What is tried before all sequences of an API, in words.
const PROBE: &str = "made, then read beside ids that were never made";

/// What is done, one request after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// Made, and read.
    Made(Fill),
    /// Another one made, and both read.
    MadeTwice,
    /// One property changed.
    Updated(String, Fill),
    /// Replaced, and the same again.
    Replaced,
    /// Replaced by one that has everything, and by one that has only what is required.
    ReplacedByLess,
    /// Deleted, and deleted again.
    Deleted,
    /// Asked for with methods that it has not, and refused.
    Refused,
    /// Changed by somebody who has seen an older state.
    Outdated(usize),
    /// Made twice with the same key.
    Repeated,
    /// Looked for in the list.
    Listed,
    /// The list, page after page.
    Paged,
    /// The list with a filter, by the number of its parameter.
    Filtered(usize),
    /// A token issued and used: the number of the credential.
    Issued(usize),
    /// A token used after its end.
    Expired(usize),
}

impl Kind {
    /// What is tried, in words.
    fn told(&self) -> &'static str {
        match self {
            Self::Made(Fill::Least) => "made with what is required, then read",
            Self::Made(Fill::Full) => "made with everything, then read",
            Self::Made(Fill::Long) => "made with long texts, then read",
            Self::MadeTwice => "two made, then the first one read",
            Self::Updated(..) => "made, one property updated, then read",
            Self::Replaced => "made, replaced twice by the same, then read",
            Self::ReplacedByLess => "replaced by everything, then by what is required, then read",
            Self::Deleted => "made, deleted, then looked for",
            Self::Refused => "made, then refused requests sent, then read",
            Self::Outdated(_) => "made, changed, then changed by one who knows the older state",
            Self::Repeated => "made twice with the same key",
            Self::Listed => "made, then looked for in the list",
            Self::Paged => "several made, then listed page by page",
            Self::Filtered(_) => "several made, then listed with a filter",
            Self::Issued(_) => "a token issued, then used, and used again",
            Self::Expired(_) => "a token issued, then used after its end",
        }
    }

    /// What it can tell of a provider, beside what each answer tells.
    fn checks(&self) -> &'static [Check] {
        match self {
            Self::Made(_) => &[Check::CreatedNotReadable, Check::ReadDiffers],
            Self::MadeTwice => &[Check::IdReused, Check::ReadDiffers],
            Self::Updated(..) => &[Check::PatchNotKept, Check::PatchChangesMore],
            Self::Replaced => &[Check::PutNotKept, Check::PutNotRepeatable],
            Self::ReplacedByLess => &[Check::PutMerges],
            Self::Deleted => &[Check::UseAfterDelete, Check::DeletedListed, Check::IdReused],
            Self::Refused => &[Check::RefusalActs],
            Self::Outdated(_) => &[Check::IfMatchIgnored, Check::EtagUnchanged],
            Self::Repeated => &[Check::IdempotencyIgnored],
            Self::Listed => &[Check::CreatedNotListed, Check::OffsetIgnored],
            Self::Paged => &[Check::LimitIgnored, Check::OffsetIgnored],
            Self::Filtered(_) => &[Check::FilterIgnored],
            Self::Issued(_) => &[Check::TokenRefused],
            Self::Expired(_) => &[Check::TokenOutlives],
        }
    }

    /// Whether other requests meanwhile would change what is seen.
    fn is_alone(&self) -> bool {
        matches!(self, Self::Listed | Self::Paged | Self::Filtered(_) | Self::Expired(_))
    }
}

/// A sequence to follow.
#[derive(Debug, Clone)]
pub(super) struct Sequence {
    /// The operation that it is about.
    address: Address,
    /// The number of the resource in its API, where it is about one.
    resource: Option<usize>,
    kind: Kind,
    /// Finds it again.
    pub(super) id: Replay,
    /// What it does without.
    less: Less,
    /// The number of what failed before, where it is that.
    regression: Option<usize>,
}

/// What became of a sequence.
struct Followed {
    /// What was followed; the first one of an API only asks whether there is anything to be followed.
    sequence: Option<Sequence>,
    address: Address,
    steps: Vec<Step>,
    /// Whether it came to a verdict.
    is_told: bool,
}

impl<'p, H: Handler> Verifier<'p, H> {
    /// Follows the sequences that fall to this run.
    pub(super) async fn follow_all(&self, run: &mut Run, observer: &impl Observer) {
        let mut sequences = self.sequences();
        let before = self.followed_before(&sequences, run);
        if let Some(shard) = self.options.shard {
            sequences.retain(|sequence| shard.has(&sequence.id));
        }
        match self.options.only {
            Some(id) => sequences.retain(|sequence| sequence.id == id),
            None => sequences.retain(|sequence| self.is_asked_for(sequence)),
        }
        self.follow(before.into_iter().chain(sequences).collect(), run, observer).await;
    }

    /// The sequences that failed before, as they did.
    fn followed_before(&self, sequences: &[Sequence], run: &mut Run) -> Vec<Sequence> {
        let regressions = self.options.regressions.iter().enumerate();
        let kept = regressions.filter_map(|(number, one)| Some((number, one, one.sequence()?)));
        let found = kept.filter_map(|(number, regression, less)| {
            let api = |sequence: &&Sequence| &self.plan.apis()[sequence.address.api];
            let is_it = |one: &&Sequence| regression.is_of(&api(one).title, &one.id);
            let Some(known) = sequences.iter().find(is_it) else {
                run.outcome.again.push((number, Again::Gone));
                return None;
            };
            Some(Sequence { less, regression: Some(number), ..known.clone() })
        });
        found.collect()
    }

    /// Whether a sequence can tell anything that counts.
    fn is_asked_for(&self, sequence: &Sequence) -> bool {
        let counts = |check: &Check| self.options.checks.contains(check);
        Check::ALL.iter().any(|check| check.is_of_answers() && counts(check))
            || sequence.kind.checks().iter().any(counts)
    }

    /// The sequences of all APIs, in the order of the resources.
    pub(super) fn sequences(&self) -> Vec<Sequence> {
        let mut found = Vec::new();
        for (api, resources) in self.resources.iter().enumerate() {
            for (number, resource) in resources.iter().enumerate() {
                let all = self.of_resource(api, resource).into_iter();
                found.extend(all.map(|(operation, kind)| (Address { api, operation }, Some(number), kind)));
            }
            for credential in 0..self.books[api].credentials().len() {
                let issuer = self.books[api].issuers(credential).next();
                let Some((operation, _)) = issuer else { continue };
                let address = Address { api, operation };
                found.push((address, None, Kind::Issued(credential)));
                found.push((address, None, Kind::Expired(credential)));
            }
        }
        // Once time has passed for one token, it has passed for all.
        found.sort_by_key(|(.., kind)| (kind.is_alone(), matches!(kind, Kind::Expired(_))));
        let named = found.into_iter().map(|(address, resource, kind)| {
            let what = format!("{} {kind:?}", kind.told());
            let id = Replay::case(self.planner().operation(address), &what, "sequence", self.options.seed);
            Sequence { address, resource, kind, id, less: Less::default(), regression: None }
        });
        named.collect()
    }

    fn of_resource(&self, api: usize, resource: &Resource) -> Vec<(usize, Kind)> {
        let acts = resource.acts;
        let Some(create) = acts.create else { return Vec::new() };
        let operation = |number: usize| &self.plan.apis()[api].operations[number];
        let mut all = Vec::new();
        if let Some(read) = acts.read {
            all.extend([Fill::Least, Fill::Full, Fill::Long].map(|fill| (read, Kind::Made(fill))));
            all.extend([(create, Kind::MadeTwice), (read, Kind::Refused)]);
            if let Some(update) = acts.update {
                for name in
                    properties(operation(update)).into_iter().filter(|name| !resource.is_own_name(name))
                {
                    let kinds = [Fill::Full, Fill::Least].map(|fill| Kind::Updated(name.clone(), fill));
                    all.extend(kinds.map(|kind| (update, kind)));
                }
            }
            all.extend(
                acts.replace.into_iter().flat_map(|act| [(act, Kind::Replaced), (act, Kind::ReplacedByLess)]),
            );
            let changes = [acts.update, acts.replace, acts.delete].into_iter().flatten();
            let is_guarded = |act: &usize| operation(*act).response(412).is_some();
            all.extend(changes.filter(is_guarded).map(|act| (act, Kind::Outdated(act))));
        }
        all.extend(acts.delete.map(|act| (act, Kind::Deleted)));
        let is_keyed = operation(create).parameters.iter().any(is_key);
        all.extend(is_keyed.then_some((create, Kind::Repeated)));
        if let Some(list) = acts.list {
            all.extend([(list, Kind::Listed), (list, Kind::Paged)]);
            let parameters = operation(list).parameters.iter().enumerate();
            let filters = parameters.filter(|(_, one)| one.part == Part::Query && filter::is_filter(one));
            all.extend(filters.map(|(number, _)| (list, Kind::Filtered(number))));
        }
        all
    }

    /// Follows sequences and enters each, in order; takes note of the APIs whose provider keeps nothing.
    async fn follow(&self, sequences: Vec<Sequence>, run: &mut Run, observer: &impl Observer) {
        let budget = Budget(AtomicUsize::new(self.options.most.saturating_sub(run.number)));
        let mut reached = Reached { done: 0, all: sequences.len() };
        // Whoever follows one again knows that there was something to be found.
        let asked = if self.options.only.is_some() { 0 } else { self.resources.len() };
        for api in 0..asked {
            let is_about = |one: &Sequence| one.address.api == api && one.resource.is_some();
            if !sequences.iter().any(is_about) || !observer.goes_on() {
                continue;
            }
            let less = Less::default();
            let mut course = Course::new(self, api, &budget, PROBE, 1 << 33, &less);
            let keeps = probe::keeps(&mut course, &self.resources[api]).await;
            let address = Address { api, operation: 0 };
            let steps = course.steps;
            let followed = Followed { sequence: None, address, steps, is_told: true };
            self.enter_followed(followed, run, reached, observer).await;
            if !keeps {
                run.outcome.made_up.push(api);
            }
        }
        let is_tried =
            |one: &Sequence| one.resource.is_none() || !run.outcome.made_up.contains(&one.address.api);
        let tried: Vec<Sequence> = sequences.into_iter().filter(is_tried).collect();
        let (alone, together): (Vec<_>, Vec<_>) = tried.into_iter().partition(|one| one.kind.is_alone());
        for (some, workers) in [(together, self.options.workers.max(1)), (alone, 1)] {
            let followed = stream::iter(some)
                .take_while(|_| std::future::ready(observer.goes_on()))
                .map(|sequence| self.followed(sequence, &budget, observer))
                .buffered(workers);
            let mut followed = std::pin::pin!(followed);
            while let Some(one) = followed.next().await {
                reached.done += 1;
                self.enter_followed(one, run, reached, observer).await;
            }
        }
    }

    /// Follows a sequence, and once more with other values where the answers gave no verdict.
    async fn followed(&self, sequence: Sequence, budget: &Budget, observer: &impl Observer) -> Followed {
        let less = sequence.less.clone();
        let mut course = self.course(&sequence, budget, &less);
        let mut is_told = false;
        for _ in 0..2 {
            course.again();
            is_told = self.attempt(&mut course, &sequence, observer).await.is_some();
            if is_told {
                break;
            }
            // A token may have come to its end on the way.
            if course.blocked == Some(401) {
                self.tokens.forget(sequence.address.api);
                self.log_in().await;
            }
        }
        Followed { address: sequence.address, steps: course.steps, is_told, sequence: Some(sequence) }
    }

    /// What a sequence is followed with.
    fn course<'v>(&'v self, sequence: &Sequence, budget: &'v Budget, less: &'v Less) -> Course<'v, 'p, H> {
        let number = u64::from(sequence.id.lot());
        Course::new(self, sequence.address.api, budget, sequence.kind.told(), number, less)
    }

    /// `None` where the answers tell nothing of what is to be shown.
    async fn attempt(
        &self,
        course: &mut Course<'_, '_, H>,
        sequence: &Sequence,
        observer: &impl Observer,
    ) -> Option<()> {
        let address = sequence.address;
        let resource = sequence.resource.map(|number| &self.resources[address.api][number]);
        match (&sequence.kind, resource) {
            (Kind::Issued(credential), _) => token::issued(course, address.operation, *credential).await,
            (Kind::Expired(credential), _) => {
                token::expired(course, address.operation, *credential, observer).await
            }
            (_, None) => None,
            (Kind::Made(fill), Some(resource)) => life::made(course, resource, *fill).await,
            (Kind::MadeTwice, Some(resource)) => life::made_twice(course, resource).await,
            (Kind::Deleted, Some(resource)) => life::deleted(course, resource).await,
            (Kind::Refused, Some(resource)) => life::refused(course, resource).await,
            (Kind::Updated(name, fill), Some(resource)) => {
                update::updated(course, resource, name, *fill).await
            }
            (Kind::Replaced, Some(resource)) => replace::replaced(course, resource).await,
            (Kind::ReplacedByLess, Some(resource)) => replace::replaced_by_less(course, resource).await,
            (Kind::Outdated(act), Some(resource)) => precondition::outdated(course, resource, *act).await,
            (Kind::Repeated, Some(resource)) => precondition::repeated(course, resource).await,
            (Kind::Listed, Some(resource)) => list::listed(course, resource).await,
            (Kind::Paged, Some(resource)) => list::paged(course, resource).await,
            (Kind::Filtered(parameter), Some(resource)) => {
                filter::filtered(course, resource, *parameter).await
            }
        }
    }
}

/// The names of the properties that the body of an operation may have.
fn properties(operation: &Operation) -> Vec<String> {
    let contents = operation.body.iter().flat_map(|body| &body.content);
    let mut schemas = contents.filter_map(|content| content.schema.as_ref());
    let names = schemas.next().map(|schema| schema.about().names()).unwrap_or_default();
    names.into_iter().map(str::to_owned).collect()
}

/// The methods by which something is asked for, changed or deleted.
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
