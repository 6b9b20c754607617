//! Facets of an object → an object.

use serde_json::{Map, Value};

use super::{
    facets::{Broken, Objects, Types},
    hint::Hint,
    judge::{Judge, member_nodes},
    like::{Aim, Like},
    node::{Node, Step},
    solve::{Goal, Maker, Site},
    words,
};

/// The most properties that `minProperties` can make the generator make.
const MOST: u64 = 1000;
/// How many names are made up for one property before giving up.
const TRIES: u64 = 24;
/// An optional property is left out in one of so many cases.
const ABSENT: u64 = 5;

/// An object being filled.
struct Filling<'f, 'a> {
    objects: &'f Objects<'a>,
    hint: &'f Hint<'a>,
    site: Site,
    like: Option<Like<'a>>,
    members: Map<String, Value>,
}

/// What a made-up property is for.
#[derive(Default)]
struct Extra<'a> {
    /// What its name must be like, beyond what the object asks of every name.
    name: Vec<Node<'a>>,
    pattern: Option<String>,
    /// What its value must be like, beyond what the object asks.
    value: Vec<Node<'a>>,
}

impl<'a> Maker<'a, '_> {
    /// An object with these facets, like another one where there is one to go by.
    pub(super) fn object(
        &mut self,
        objects: &Objects<'a>,
        hint: &Hint<'a>,
        site: Site,
        like: Option<Like<'a>>,
    ) -> Option<Value> {
        if objects.min > MOST || objects.max.is_some_and(|max| max < objects.min) {
            return None;
        }
        let mut names = self.known_names(objects, hint);
        if let Some(like) = like.filter(|like| like.is_repair()) {
            names = self.names_like(objects, like, names);
        }
        let chosen = self.chosen(objects, hint, &names, site, like);
        let site = site.child(chosen.iter().filter(|chosen| **chosen).count());
        let mut filling = Filling { objects, hint, site, like, members: Map::new() };
        for (name, _) in names.iter().zip(&chosen).filter(|(_, chosen)| **chosen) {
            let added = self.add(&mut filling, name, Vec::new());
            if added.is_none() && objects.required.contains(name) {
                return None;
            }
        }
        self.break_rules(&mut filling)?;
        self.fill_up(&mut filling, &names)?;
        self.add_some(&mut filling, &names);
        self.put_in_order(objects, like, &mut filling.members);
        if !like.is_some_and(Like::is_repair) {
            self.agree(objects, like, &mut filling.members);
        }
        Some(Value::Object(in_order(filling.members, &names)))
    }

    /// The names that the schema speaks of: as written first, then the others in the order of the alphabet.
    fn known_names(&mut self, objects: &Objects<'a>, hint: &Hint<'a>) -> Vec<String> {
        let mut others: Vec<&String> = objects.layers.iter().flat_map(|layer| layer.named.keys()).collect();
        others.extend(&objects.required);
        others.sort();
        let written = hint.names(self.files);
        let mut names: Vec<String> = Vec::new();
        for name in written.into_iter().chain(others.into_iter().map(String::as_str)) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names.retain(|name| objects.required.contains(name) || self.may_be_present(objects, name));
        names
    }

    fn may_be_present(&mut self, objects: &Objects<'a>, name: &str) -> bool {
        let key = Value::from(name);
        let files = self.files;
        let mut judge = Judge { files, tests: &mut self.tests, depth: 0 };
        if !objects.names.iter().all(|node| judge.accepts(node, &key)) {
            return false;
        }
        let nodes = member_nodes(objects, name, &mut self.tests);
        !nodes.iter().any(|node| node.is_nothing())
    }

    /// The names of the object to repair, in its order, without those that may not be there; then all others.
    fn names_like(&mut self, objects: &Objects<'a>, like: Like<'a>, known: Vec<String>) -> Vec<String> {
        let own = like.members().into_iter().flat_map(Map::keys);
        let mut names: Vec<String> = own
            .filter(|name| objects.required.contains(name) || self.may_be_present(objects, name))
            .cloned()
            .collect();
        names.extend(known.into_iter().filter(|name| like.member(name).is_none()));
        names
    }

    /// Whether an optional property is made: most of them are; where there is something to go by, what that has, and
    /// of an object to repair no more.
    fn wants(
        &mut self,
        objects: &Objects<'a>,
        hint: &Hint<'a>,
        name: &str,
        site: Site,
        like: Option<Like<'a>>,
    ) -> bool {
        let by_chance = !like.is_some_and(Like::is_repair) && !site.is_lean() && self.choice.keeps(ABSENT);
        let Some(member) = like.and_then(|like| like.member(name)) else { return by_chance };
        // What may only be sent is not told again.
        if !member.is_repair() && hint.property(name, self.files).is_set("writeOnly", self.files) {
            return false;
        }
        // A null that may not be there stands for a property that is absent.
        !member.value.is_null()
            || self.may_be(objects, name, member.value)
            || !member.is_repair() && by_chance
    }

    /// Which of the names to fill: all required ones, and of the others those that are wanted, as far as there is room.
    fn chosen(
        &mut self,
        objects: &Objects<'a>,
        hint: &Hint<'a>,
        names: &[String],
        site: Site,
        like: Option<Like<'a>>,
    ) -> Vec<bool> {
        let most = objects.max.unwrap_or(u64::MAX);
        let reserved = objects.required.len() + objects.broken.len();
        let mut optional = most.saturating_sub(reserved as u64);
        let mut chosen = Vec::with_capacity(names.len());
        for name in names {
            let required = objects.required.contains(name);
            let added = !required && optional > 0 && self.wants(objects, hint, name, site, like);
            optional -= u64::from(added);
            chosen.push(required || added);
        }
        chosen
    }

    /// Adds the property; `None` where it can have no value.
    fn add(&mut self, filling: &mut Filling<'_, 'a>, name: &str, more: Vec<Node<'a>>) -> Option<()> {
        let mut nodes: Vec<Node<'a>> =
            member_nodes(filling.objects, name, &mut self.tests).into_iter().cloned().collect();
        nodes.extend(more);
        let hint = filling.hint.property(name, self.files);
        let like = filling.like.and_then(|like| like.member(name).or_else(|| self.wrapped(filling, like)));
        let goal = Goal { nodes, hint, site: filling.site, like };
        let value = self.solve(goal)?;
        filling.members.insert(name.to_owned(), value);
        Some(())
    }

    /// What was sent, for an object that is wrapped in the one that is filled.
    fn wrapped(&self, filling: &Filling<'_, 'a>, like: Like<'a>) -> Option<Like<'a>> {
        let sent = like.members().filter(|_| like.aim == Aim::Fill && filling.site.depth <= 1)?;
        (!self.shares(filling.objects, filling.hint, sent)).then_some(like)
    }

    /// Adds a property for each rule that must be broken.
    fn break_rules(&mut self, filling: &mut Filling<'_, 'a>) -> Option<()> {
        for broken in &filling.objects.broken {
            let mut judge = self.judge();
            if !filling.members.iter().any(|(name, value)| judge.breaks(broken, name, value)) {
                self.invent(filling, &breaking(broken))?;
            }
        }
        Some(())
    }

    /// Adds properties until there are as many as there must be.
    fn fill_up(&mut self, filling: &mut Filling<'_, 'a>, names: &[String]) -> Option<()> {
        for name in names {
            if filling.members.len() as u64 >= filling.objects.min {
                break;
            }
            if !filling.members.contains_key(name) {
                // A known property that can have no value here is no loss: made-up ones follow.
                let _ = self.add(filling, name, Vec::new());
            }
        }
        while (filling.members.len() as u64) < filling.objects.min {
            self.invent(filling, &Extra::default())?;
        }
        Some(())
    }

    /// Adds some made-up properties to what is a map: an object that speaks of values but of no names.
    fn add_some(&mut self, filling: &mut Filling<'_, 'a>, names: &[String]) {
        let objects = filling.objects;
        let speaks = objects.layers.iter().any(|layer| layer.rest.is_some() || !layer.patterns.is_empty());
        let full = objects.max.is_some_and(|max| filling.members.len() as u64 >= max);
        if !names.is_empty() || !speaks || full || filling.site.room == 0 || !filling.members.is_empty() {
            return;
        }
        let room = objects.max.unwrap_or(u64::MAX).min(3);
        for _ in 0..self.choice.below(room + 1) {
            if self.invent(filling, &Extra::default()).is_none() {
                return;
            }
        }
    }

    /// Adds a property with a made-up name.
    fn invent(&mut self, filling: &mut Filling<'_, 'a>, extra: &Extra<'a>) -> Option<()> {
        if filling.objects.max.is_some_and(|max| filling.members.len() as u64 >= max) {
            return None;
        }
        let before = self.choice.shift();
        for attempt in 0..TRIES {
            self.choice.set_shift(before + attempt);
            let name = self.name(filling, extra, attempt);
            let name = name.filter(|name| self.is_free(filling, extra, name));
            let added = name.and_then(|name| self.add(filling, &name, extra.value.clone()));
            self.choice.set_shift(before);
            if added.is_some() {
                return added;
            }
        }
        None
    }

    fn is_free(&mut self, filling: &Filling<'_, 'a>, extra: &Extra<'a>, name: &str) -> bool {
        let key = Value::from(name);
        !filling.members.contains_key(name)
            && filling.objects.names.iter().chain(&extra.name).all(|node| self.judge().accepts(node, &key))
            && extra.pattern.as_ref().is_none_or(|pattern| self.tests.matches(pattern, name))
            && self.may_be_present(filling.objects, name)
    }

    /// A name that matches; every other attempt makes the shortest that it can.
    fn matching_name(&mut self, pattern: &str, attempt: u64) -> Option<String> {
        let length = if attempt.is_multiple_of(4) { self.choice.between(4, 8) } else { attempt % 4 - 1 };
        self.tests.pattern(pattern)?.text(length, None, &mut self.choice)
    }

    /// A name for a made-up property; where names come from changes with each attempt.
    fn name(&mut self, filling: &Filling<'_, 'a>, extra: &Extra<'a>, attempt: u64) -> Option<String> {
        let objects = filling.objects;
        if let Some(pattern) = &extra.pattern {
            return self.matching_name(pattern, attempt);
        }
        let patterns: Vec<&String> = objects
            .layers
            .iter()
            .flat_map(|layer| layer.patterns.iter().map(|(pattern, _)| pattern))
            .collect();
        if !patterns.is_empty() && attempt.is_multiple_of(2) {
            let pattern = self.choice.pick(&patterns)?;
            return self.matching_name(pattern, attempt);
        }
        let mut nodes: Vec<Node<'a>> = objects.names.iter().chain(&extra.name).cloned().collect();
        if nodes.is_empty() {
            let word = self.choice.word(&words::NOUNS);
            let number = filling.members.len();
            return Some(if filling.members.contains_key(word) {
                format!("{word}{number}")
            } else {
                word.to_owned()
            });
        }
        nodes.push(Node::of_types(Types::STRING));
        let site = Site { room: 1, depth: filling.site.depth };
        match self.solve(Goal { nodes, hint: Hint::default(), site, like: None })? {
            Value::String(name) => Some(name),
            _ => None,
        }
    }
}

/// A property that breaks the rule.
fn breaking<'a>(broken: &Broken<'a>) -> Extra<'a> {
    match broken {
        Broken::Name(node) => Extra { name: vec![Node::not(node.clone())], ..Extra::default() },
        Broken::Matching { pattern, node } => {
            Extra { pattern: Some(pattern.clone()), value: vec![Node::not(node.clone())], ..Extra::default() }
        }
        Broken::Undeclared { names, patterns, node } => {
            let mut name = super::facets::Facets::of(Types::STRING);
            name.text.barred.clone_from(names);
            name.text.barred_patterns.clone_from(patterns);
            Extra {
                name: vec![Node::made(Step::Leaf(Box::new(name)))],
                value: vec![Node::not(node.clone())],
                ..Extra::default()
            }
        }
    }
}

/// The members in the order of the known names; made-up ones last.
fn in_order(mut members: Map<String, Value>, names: &[String]) -> Map<String, Value> {
    let mut ordered = Map::new();
    for name in names {
        if let Some(value) = members.shift_remove(name) {
            ordered.insert(name.clone(), value);
        }
    }
    ordered.extend(members);
    ordered
}
