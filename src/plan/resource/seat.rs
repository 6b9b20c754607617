//! A schema of an answer → where in it a resource stands, or a list of such: what [`Resource::told`] and
//! [`Resource::items`] find in a value, told before there is one.

use super::{HOLDERS, Resource, matching, plain};
use crate::{
    finding::Pointer,
    schema::{Schema, Types, Written},
};

impl Resource {
    /// Where an answer of this schema tells of the resource; the whole where nothing is wrapped around it.
    pub fn seat(&self, schema: &Schema) -> Pointer {
        let about = schema.about();
        let root = Pointer::root();
        // What tells the id tells the resource; a name or a number many things have.
        let rank = |about: &Written<'_>| {
            let found = matching(about, &root, &self.names).into_iter();
            let mut own = found.filter(|(_, at)| at.last().is_some_and(|name| self.is_own_name(&name)));
            own.next().map(|(rank, _)| rank)
        };
        let mut seats = vec![(rank(&about).unwrap_or(usize::MAX), root.clone())];
        let names = about.names();
        for name in &names {
            let held = about.property(name);
            if is_object(&held) {
                seats.push((rank(&held).unwrap_or(usize::MAX), root.join(name)));
            }
        }
        // Where no id tells, an object that holds another and nothing else is a wrapper.
        if seats.len() == 2 && names.len() == 1 && seats.iter().all(|(rank, _)| *rank == usize::MAX) {
            return seats.pop().map_or(root, |(_, seat)| seat);
        }
        seats.into_iter().min_by_key(|(rank, _)| *rank).map_or(root, |(_, seat)| seat)
    }

    /// Where an answer of this schema has the list of such resources.
    pub fn list_seat(&self, schema: &Schema) -> Option<Pointer> {
        if let Some(said) = &self.items {
            return Some(said.clone());
        }
        let about = schema.about();
        let root = Pointer::root();
        if is_list(&about) {
            return Some(root);
        }
        let deeper = || {
            let mut names = about.names().into_iter();
            names.find_map(|name| self.inner_list(&about.property(name), &root.join(name)))
        };
        self.inner_list(&about, &root).or_else(deeper)
    }

    fn inner_list(&self, about: &Written<'_>, at: &Pointer) -> Option<Pointer> {
        let names = about.names().into_iter();
        let lists: Vec<&str> = names.filter(|name| is_list(&about.property(name))).collect();
        let collection = self.path.rsplit('/').nth(1).unwrap_or_default();
        let held = lists.iter().find(|name| **name == collection || HOLDERS.contains(name));
        let only = lists.first().filter(|_| lists.len() == 1);
        held.or(only).map(|name| at.join(name))
    }

    /// The property of these by which a thing tells its id.
    pub fn own_name<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        let mut found = self.names.iter().filter(|own| self.is_own_name(own));
        found.find_map(|own| names.iter().find(|name| plain(name) == *own).copied())
    }
}

fn is_list(about: &Written<'_>) -> bool {
    let types = about.types();
    types.meets(Types::ARRAY) && !types.meets(Types::OBJECT.or(Types::STRING))
}

fn is_object(about: &Written<'_>) -> bool {
    let types = about.types();
    types.meets(Types::OBJECT) && !types.meets(Types::ARRAY.or(Types::STRING)) || !about.names().is_empty()
}
