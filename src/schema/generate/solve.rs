//! A goal (schemas that hold together, for one place of the value) → a value.
//!
//! First the schemas are settled into one set of facets: what must all hold is joined, and where there is a choice of
//! branches the decisions say which is tried first; a branch that leads nowhere is left for the next. Then a value is
//! built from the facets. Every goal costs fuel, so the search ends; every level shares its room among its children, so
//! values stay small. Start at [`Maker::solve`].

use serde_json::{Value, json};

use super::{
    choice::Choice,
    facets::{Facets, Types},
    format,
    hint::Hint,
    judge::{Judge, Tests},
    like::Like,
    likeness, negate,
    node::{Files, Node, Step},
    number,
    text::{self, Likeness},
};

/// Below this depth only what is required is made.
const DEEP: u32 = 6;
/// Below this depth nothing is made: a branch that needs more is left.
const DEEPEST: u32 = 64;
/// How many values are made for one place before giving up, where something bars some of them.
const TRIES: u64 = 8;

/// Makes the values of one attempt.
pub(super) struct Maker<'a, 'd> {
    pub(super) files: Files<'a>,
    pub(super) choice: Choice<'d>,
    pub(super) tests: Tests,
    /// How many goals may still be set.
    pub(super) fuel: u32,
    /// Whether simpler attempts have failed, so that costlier ways are worth their time.
    pub(super) thorough: bool,
    /// How many items a list that is answered may have, where that was asked for.
    pub(super) most: Option<usize>,
}

/// What is asked of one place of the value.
#[derive(Debug, Clone)]
pub(super) struct Goal<'a> {
    /// The schemas that must all hold.
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) hint: Hint<'a>,
    pub(super) site: Site,
    pub(super) like: Option<Like<'a>>,
}

/// How much may stand at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    /// How many places below this one may be filled beyond what is required.
    pub(super) room: u32,
    pub(super) depth: u32,
}

impl Site {
    /// Whether only what is required belongs here.
    pub(super) fn is_lean(self) -> bool {
        self.room == 0 || self.depth >= DEEP
    }

    /// The site of each of `count` children.
    pub(super) fn child(self, count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        Self { room: self.room.saturating_sub(1) / count, depth: self.depth + 1 }
    }
}

/// A goal on its way to facets.
#[derive(Clone)]
pub(super) struct Draft<'a> {
    pending: Vec<Node<'a>>,
    forks: Vec<Fork<'a>>,
    /// The references that were followed: one that applies in place a second time says nothing new.
    followed: Vec<String>,
    pub(super) facets: Facets<'a>,
    pub(super) hint: Hint<'a>,
    pub(super) site: Site,
    pub(super) like: Option<Like<'a>>,
}

#[derive(Clone)]
struct Fork<'a> {
    branches: Vec<Node<'a>>,
    /// Whether only one of them may hold.
    exclusive: bool,
}

impl<'a> Fork<'a> {
    /// Whether another branch says the same as this one, though only one of them may hold.
    fn has_twin(&self, index: usize, files: Files<'a>) -> bool {
        let chosen = &self.branches[index];
        let mut others = self.branches.iter().enumerate().filter(|(other, _)| *other != index);
        self.exclusive && others.any(|(_, other)| chosen.is_twin(other, files))
    }
}

impl<'a> Maker<'a, '_> {
    /// A value that reaches the goal.
    pub(super) fn solve(&mut self, goal: Goal<'a>) -> Option<Value> {
        if goal.site.depth > DEEPEST {
            return None;
        }
        if let Some(kept) = self.kept(&goal) {
            return Some(kept);
        }
        self.settle(Draft {
            pending: goal.nodes,
            forks: Vec::new(),
            followed: Vec::new(),
            facets: Facets::of(Types::ALL),
            hint: goal.hint,
            site: goal.site,
            like: goal.like,
        })
    }

    pub(super) fn judge(&mut self) -> Judge<'_, 'a> {
        Judge { files: self.files, tests: &mut self.tests, depth: 0 }
    }

    fn settle(&mut self, mut draft: Draft<'a>) -> Option<Value> {
        self.fuel = self.fuel.checked_sub(1)?;
        while let Some(node) = draft.pending.pop() {
            draft.take(node.step(self.files), self.files)?;
        }
        match draft.forks.pop() {
            Some(fork) => self.fork(&draft, &fork),
            None => self.build(&draft),
        }
    }

    /// Tries the branches, the chosen one first.
    fn fork(&mut self, draft: &Draft<'a>, fork: &Fork<'a>) -> Option<Value> {
        for index in self.ranked(draft, &fork.branches) {
            if fork.has_twin(index, self.files) {
                continue;
            }
            let mut next = draft.clone();
            if fork.exclusive {
                self.exclude(&mut next, &fork.branches, index);
            }
            next.pending.push(fork.branches[index].clone());
            if let Some(value) = self.settle(next) {
                return Some(value);
            }
        }
        None
    }

    /// Makes all branches but one fail: by testing at first, which is nearly always enough and cheap; by construction in
    /// later attempts.
    fn exclude(&self, draft: &mut Draft<'a>, branches: &[Node<'a>], chosen: usize) {
        let others = branches.iter().enumerate().filter(|(index, _)| *index != chosen);
        let others = others.map(|(_, node)| node.clone());
        if self.thorough {
            draft.pending.extend(others.map(Node::not));
        } else {
            draft.facets.barred.extend(others);
        }
    }

    /// Builds a value of one of the types that are left.
    fn build(&mut self, draft: &Draft<'a>) -> Option<Value> {
        if draft.facets.is_empty() {
            return None;
        }
        if let Some(likened) = draft.like.and_then(|like| self.likened(draft, like)) {
            return Some(likened);
        }
        if let Some(example) = self.example(draft) {
            return Some(example);
        }
        if draft.facets.values.is_some() {
            return self.listed(draft);
        }
        for types in self.kinds(draft) {
            if let Some(value) = self.unbarred(draft, types) {
                return Some(value);
            }
        }
        None
    }

    /// Makes values of one type until one is not barred.
    fn unbarred(&mut self, draft: &Draft<'a>, types: Types) -> Option<Value> {
        let before = self.choice.shift();
        let tries = if draft.facets.barred.is_empty() { 1 } else { TRIES };
        for attempt in 0..tries {
            self.choice.set_shift(before + attempt);
            let value = self.of_type(draft, types);
            self.choice.set_shift(before);
            let Some(value) = value else { continue };
            if !self.is_barred(draft, &value) {
                return Some(value);
            }
        }
        None
    }

    pub(super) fn is_barred(&mut self, draft: &Draft<'a>, value: &Value) -> bool {
        draft.facets.barred.iter().any(|node| self.judge().accepts(node, value))
    }

    fn of_type(&mut self, draft: &Draft<'a>, types: Types) -> Option<Value> {
        let facets = &draft.facets;
        if types == Types::NULL {
            return Some(Value::Null);
        }
        if types == Types::BOOLEAN {
            return Some(Value::Bool(self.choice.below(2) == 1));
        }
        let names = draft.hint.called(self.files);
        if types.meets(Types::NUMBER) {
            let likely = names.iter().find_map(|name| likeness::number(name));
            let range = draft.hint.text("format", self.files).and_then(format::range);
            return number::value(&facets.number, types, likely, range, &mut self.choice);
        }
        if types == Types::STRING {
            if let Some(content) = self.content(draft) {
                return Some(Value::String(content));
            }
            let likeness = Likeness {
                names: &names,
                format: draft.hint.text("format", self.files),
                description: draft.hint.text("description", self.files),
            };
            return text::value(&facets.text, likeness, &mut self.tests, &mut self.choice).map(Value::String);
        }
        if types == Types::ARRAY {
            return self.array(&facets.array, &draft.hint, draft.site);
        }
        self.object(&facets.object, &draft.hint, draft.site, None)
    }

    /// One of the listed values that have the other facets, in the order in which they are written.
    fn listed(&mut self, draft: &Draft<'a>) -> Option<Value> {
        let facets = &draft.facets;
        let mut fitting = facets.values.clone().unwrap_or_default();
        fitting.retain(|value| self.judge().fits(facets, value));
        if fitting.len() > 1 {
            let written = draft.hint.listed(self.files);
            let place = |value: &Value| written.iter().position(|other| super::facets::same(other, value));
            fitting.sort_by_key(|value| (value.is_null(), place(value).unwrap_or(usize::MAX)));
        }
        self.choice.pick(&fitting).cloned()
    }

    /// A written example that has all the facets, some of the time.
    fn example(&mut self, draft: &Draft<'a>) -> Option<Value> {
        let examples = draft.hint.examples(self.files);
        if examples.is_empty() || self.choice.surprises() || self.choice.below(2) == 0 {
            return None;
        }
        let first = self.choice.index(examples.len());
        let ordered = examples[first..].iter().chain(&examples[..first]);
        ordered.copied().find(|example| self.judge().fits(&draft.facets, example)).cloned()
    }
}

impl<'a> Draft<'a> {
    /// Adds what one more schema asks for; `None` where that leaves nothing.
    fn take(&mut self, step: Step<'a>, files: Files<'a>) -> Option<()> {
        match step {
            Step::Nothing => return None,
            Step::Leaf(facets) => {
                self.facets.meet(*facets);
                return (!self.facets.is_empty()).then_some(());
            }
            Step::All(nodes) => self.pending.extend(nodes.into_iter().rev()),
            Step::Any(branches) => self.forks.push(Fork { branches, exclusive: false }),
            Step::One(branches) => self.forks.push(Fork { branches, exclusive: true }),
            Step::Not(node) => self.bar(node, files),
            Step::Jump { key, name, to, place } => {
                if !self.followed.contains(&key) {
                    self.followed.push(key);
                    self.pending.push(to);
                    self.hint.enter(place, name);
                }
            }
        }
        Some(())
    }

    /// Asks for what breaks a schema: by construction where that is possible, else by testing.
    fn bar(&mut self, node: Node<'a>, files: Files<'a>) {
        if let Step::Jump { key, to, .. } = node.step(files) {
            let key = format!("not {key}");
            if self.followed.contains(&key) {
                return self.facets.barred.push(to);
            }
            self.followed.push(key);
            return self.pending.push(Node::not(to));
        }
        match negate::negated(&node, files) {
            Some(negated) => self.pending.push(negated),
            None => self.facets.barred.push(node),
        }
    }
}

/// The values to fall back on where nothing was found: one of each type.
pub(super) fn plainest() -> Vec<Value> {
    vec![Value::Null, json!(false), json!(true), json!(0), json!(1), json!(""), json!([]), json!({})]
}
