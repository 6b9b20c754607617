//! A value that the one to be made shall be like: a broken one to repair, or one whose properties are to be echoed.
//!
//! What fits is kept as it is; what does not is brought as near as its facets allow, and only where nothing near fits is
//! it made anew. So the search is the same as without a likeness, only that each place may have something to go by. Start
//! at [`Maker::likened`].

use serde_json::{Map, Value};

use super::{
    distance,
    facets::{Facets, Types},
    judge::member_nodes,
    near,
    solve::{Draft, Goal, Maker},
};

/// How many properties of an object that is barred are changed, each by itself.
const WIDEST: usize = 24;
/// How many other values are tried for each of them.
const OTHERS: u64 = 3;

/// What the value at one place shall be like.
#[derive(Debug, Clone, Copy)]
pub(super) struct Like<'a> {
    pub(super) value: &'a Value,
    pub(super) aim: Aim,
}

/// What likeness is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aim {
    /// The value is to become valid with as little change as possible.
    Repair,
    /// The object is to be filled as usual, and to take what the other one says about the same names.
    Fill,
    /// The value stands under the name under which it was sent: it is taken as a whole where it fits.
    Echo,
}

impl<'a> Like<'a> {
    /// What the property `name` shall be like.
    pub(super) fn member(self, name: &str) -> Option<Self> {
        let aim = if self.aim == Aim::Repair { Aim::Repair } else { Aim::Echo };
        Some(Self { value: self.value.get(name)?, aim })
    }

    /// The properties that it has.
    pub(super) fn members(self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    pub(super) fn is_repair(self) -> bool {
        self.aim == Aim::Repair
    }
}

impl<'a> Maker<'a, '_> {
    /// The value itself where it reaches the goal.
    pub(super) fn kept(&mut self, goal: &Goal<'a>) -> Option<Value> {
        let like = goal.like.filter(|like| like.aim != Aim::Fill)?;
        let kept = goal.nodes.iter().all(|node| self.judge().accepts(node, like.value));
        kept.then(|| like.value.clone())
    }

    /// A value with the draft's facets that is like another; `None` where none is near enough.
    pub(super) fn likened(&mut self, draft: &Draft<'a>, like: Like<'a>) -> Option<Value> {
        let types = draft.facets.types;
        let is_typed = types.meets(Types::of(like.value));
        let made = match like.value {
            Value::Null => None,
            _ if draft.facets.values.is_some() => self.nearest_listed(&draft.facets, like),
            Value::Object(_)
                if is_typed && self.echoes(&draft.facets.object, &draft.hint, draft.site, like) =>
            {
                self.object(&draft.facets.object, &draft.hint, draft.site, Some(like))
            }
            Value::Array(items) if is_typed => self.array_like(draft, items, like),
            Value::Array(items) => match items.as_slice() {
                [item] if like.is_repair() => return self.likened(draft, Like { value: item, ..like }),
                _ => None,
            },
            value if !is_typed && types.meets(Types::ARRAY) && like.is_repair() => {
                self.array_like(draft, std::slice::from_ref(value), like)
            }
            _ => self.near_scalar(&draft.facets, like),
        };
        let made = made?;
        if !self.is_barred(draft, &made) {
            return Some(made);
        }
        self.unbarred_object(draft, made.as_object().filter(|_| like.is_repair())?)
    }

    /// An object that is not barred, one property less or one property other than an object that is.
    fn unbarred_object(&mut self, draft: &Draft<'a>, barred: &Map<String, Value>) -> Option<Value> {
        let optional = |name: &&String| !draft.facets.object.required.contains(*name);
        for name in barred.keys().filter(optional).take(WIDEST) {
            let mut less = barred.clone();
            less.shift_remove(name);
            let less = Value::Object(less);
            if !self.is_barred(draft, &less) {
                return Some(less);
            }
        }
        barred.keys().take(WIDEST).find_map(|name| self.with_other_member(draft, barred, name))
    }

    fn with_other_member(
        &mut self,
        draft: &Draft<'a>,
        barred: &Map<String, Value>,
        name: &str,
    ) -> Option<Value> {
        let nodes = member_nodes(&draft.facets.object, name, &mut self.tests).into_iter().cloned().collect();
        let goal = Goal {
            nodes,
            hint: draft.hint.property(name, self.files),
            site: draft.site.child(1),
            like: None,
        };
        let before = self.choice.shift();
        for attempt in 0..OTHERS {
            self.choice.set_shift(before + attempt);
            let member = self.solve(goal.clone());
            self.choice.set_shift(before);
            let mut other = barred.clone();
            other.insert(name.to_owned(), member?);
            let other = Value::Object(other);
            if !self.is_barred(draft, &other) {
                return Some(other);
            }
        }
        None
    }

    fn near_scalar(&mut self, facets: &Facets<'a>, like: Like<'a>) -> Option<Value> {
        let mut candidates = near::readings(like.value);
        if like.is_repair() {
            candidates.extend(near::candidates(like.value, facets));
        }
        candidates.into_iter().find(|candidate| self.judge().fits(facets, candidate))
    }

    /// The listed value that is nearest.
    fn nearest_listed(&mut self, facets: &Facets<'a>, like: Like<'a>) -> Option<Value> {
        let mut listed = facets.values.clone().unwrap_or_default();
        listed.retain(|value| self.judge().fits(facets, value));
        if like.is_repair() { near::nearest(like.value, listed) } else { near::equal(like.value, listed) }
    }

    /// How much of the likeness each branch would cost; the order of the branches is kept among equals.
    pub(super) fn by_distance(
        &mut self,
        draft: &Draft<'a>,
        ranked: &mut [(u32, usize)],
        fork: &[super::node::Node<'a>],
    ) {
        let Some(like) = draft.like else { return };
        let mut budget = distance::BUDGET;
        for (rank, index) in ranked.iter_mut() {
            let distance = self.judge().distance(&fork[*index], like.value, &mut budget);
            // What is not repaired may lack much; only a branch for another kind of value is out of place.
            *rank = if like.is_repair() { distance } else { *rank + distance / distance::NOT_LISTED };
        }
    }
}
