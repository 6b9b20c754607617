//! What an API keeps → sequences of requests that show whether the provider keeps it: made, read, listed, changed, deleted.
//!
//! Each sequence makes what it needs and stands alone, so that it runs beside others; those that look at a list as a whole
//! run one at a time. A provider that makes its answers up keeps nothing, and is not accused of that. Read
//! [`Verifier::follow`] first.

mod course;
mod equal;
mod filter;
mod life;
mod list;
mod precondition;
mod probe;
mod replace;
mod token;
mod update;

use std::sync::atomic::AtomicUsize;

use futures_util::{StreamExt, stream};
use http::Method;

pub(super) use self::course::{Budget, Step};
use self::course::{Course, Fill};
use super::{Observer, Replay, Verifier};
use crate::{
    api::Operation,
    exchange::Handler,
    finding::Part,
    plan::{
        Address,
        resource::{Resource, is_key},
    },
};

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
            Self::Issued(_) => "a token issued, then used",
            Self::Expired(_) => "a token issued, then used after its end",
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
    /// By which it is told from others.
    number: u64,
}

impl Sequence {
    /// What tells it from all other cases.
    pub(super) fn id<H: Handler>(&self, verifier: &Verifier<'_, H>) -> Replay {
        let operation = &verifier.plan.apis()[self.address.api].operations[self.address.operation];
        let what = format!("{} {:?}", self.kind.told(), self.kind);
        Replay::case(operation, &what, "sequence", verifier.options.seed)
    }
}

/// What became of a sequence.
pub(super) struct Followed {
    pub(super) address: Address,
    pub(super) steps: Vec<Step>,
    /// Whether it came to a verdict.
    pub(super) is_told: bool,
}

impl<H: Handler> Verifier<'_, H> {
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
        let numbered = found.into_iter().zip(0..);
        numbered
            .map(|((address, resource, kind), number)| Sequence { address, resource, kind, number })
            .collect()
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

    /// Follows sequences and gives each, in order, to `take`; tells the APIs whose provider keeps nothing.
    pub(super) async fn follow(
        &self,
        sequences: Vec<Sequence>,
        most: usize,
        observer: &impl Observer,
        mut take: impl FnMut(Followed),
    ) -> Vec<usize> {
        let budget = Budget(AtomicUsize::new(most));
        let mut made_up = Vec::new();
        for api in 0..self.resources.len() {
            let is_about = |one: &Sequence| one.address.api == api && one.resource.is_some();
            if !sequences.iter().any(is_about) || !observer.goes_on() {
                continue;
            }
            let mut course =
                Course::new(self, api, &budget, "made, then read beside ids that were never made", 1 << 20);
            let keeps = probe::keeps(&mut course, &self.resources[api]).await;
            let address = Address { api, operation: 0 };
            take(Followed { address, steps: course.steps, is_told: true });
            if !keeps {
                made_up.push(api);
            }
        }
        let is_tried = |one: &Sequence| one.resource.is_none() || !made_up.contains(&one.address.api);
        let tried = sequences.into_iter().filter(is_tried);
        let (alone, together): (Vec<_>, Vec<_>) = tried.partition(|one| one.kind.is_alone());
        for (some, workers) in [(together, self.options.workers.max(1)), (alone, 1)] {
            let followed = stream::iter(some)
                .take_while(|_| std::future::ready(observer.goes_on()))
                .map(|sequence| self.followed(sequence, &budget, observer))
                .buffered(workers);
            let mut followed = std::pin::pin!(followed);
            while let Some(one) = followed.next().await {
                take(one);
            }
        }
        made_up
    }

    /// Follows a sequence, and once more with other values where the answers gave no verdict.
    async fn followed(&self, sequence: Sequence, budget: &Budget, observer: &impl Observer) -> Followed {
        let Sequence { address, resource, kind, number } = sequence;
        let mut course = Course::new(self, address.api, budget, kind.told(), number);
        let resource = resource.map(|number| &self.resources[address.api][number]);
        let mut is_told = false;
        for _ in 0..2 {
            course.again();
            is_told = self.attempt(&mut course, address, resource, &kind, observer).await.is_some();
            if is_told {
                break;
            }
            // A token may have come to its end on the way.
            if course.blocked == Some(401) {
                self.tokens.forget(address.api);
                self.log_in().await;
            }
        }
        Followed { address, steps: course.steps, is_told }
    }

    /// `None` where the answers tell nothing of what is to be shown.
    async fn attempt(
        &self,
        course: &mut Course<'_, '_, H>,
        address: Address,
        resource: Option<&Resource>,
        kind: &Kind,
        observer: &impl Observer,
    ) -> Option<()> {
        match (kind, resource) {
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
