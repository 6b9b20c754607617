//! What was sent → values that say the same of it: made ones, and examples with what was sent in place of what they say.
//!
//! A name is echoed in the object that is answered, or in the one that is wrapped in it (`{"data": {…}}`); never in the
//! items of a list, of which what was sent can only bound the number. Start at [`like`] and [`echoed`].

use serde_json::{Map, Value};

use super::{
    Origin, Tests,
    facets::Objects,
    hint::Hint,
    like::{Aim, Like},
    likeness, naming, near,
    solve::{Maker, Site},
};
use crate::schema::{Dice, Schema};

/// How many values like what was sent are made and judged before one is made without it.
const ATTEMPTS: u64 = 3;
/// How many properties of an example are replaced, at most.
const WIDEST: usize = 64;

/// A valid value that takes from `sent`, an object, what it says of the same names; `None` where none was found.
pub(in crate::schema) fn like(schema: &Schema, sent: &Value, dice: &mut Dice) -> Option<Value> {
    let origin = Origin::of(schema)?;
    let mut tests = Tests::default();
    let like = Like { value: sent, aim: Aim::Fill };
    let made = (0..ATTEMPTS).find_map(|attempt| {
        origin.attempt(Some(like), dice, attempt, &mut tests).filter(|made| schema.is_valid(made))
    });
    match made {
        Some(made) => Some(naming::named(schema, made, dice)),
        None => schema.generate(dice),
    }
}

/// `example` with what `sent` says of the same names, wherever it stays valid.
pub(in crate::schema) fn echoed(schema: &Schema, example: &Value, sent: &Value) -> Value {
    let Some(sent) = sent.as_object().filter(|sent| !sent.is_empty()) else { return example.clone() };
    let mut answer = example.clone();
    let wrapped = |answer: &Value, name: &str| {
        let inner = answer.get(name).and_then(Value::as_object);
        inner.is_some_and(|inner| inner.keys().any(|name| sent.contains_key(name)))
    };
    let most = most(sent);
    let Some(members) = example.as_object() else {
        shorten(schema, &mut answer, "", most);
        return answer;
    };
    let is_direct = members.keys().any(|name| sent.contains_key(name));
    for name in members.keys().take(WIDEST) {
        let at = crate::finding::Pointer::root().join(name);
        shorten(schema, &mut answer, at.as_str(), most);
        if let Some(value) = sent.get(name) {
            replace(schema, &mut answer, at.as_str(), value);
        } else if !is_direct && wrapped(example, name) {
            let inner = example.get(name).and_then(Value::as_object).into_iter().flat_map(Map::keys);
            for name in inner.take(WIDEST) {
                if let Some(value) = sent.get(name) {
                    replace(schema, &mut answer, at.join(name).as_str(), value);
                }
            }
        }
    }
    answer
}

/// Puts `value`, or what it may mean, at a place of the answer, where that stays valid.
fn replace(schema: &Schema, answer: &mut Value, at: &str, value: &Value) {
    let is_sound = |answer: &Value| schema.is_valid(answer) && schema.misnames(answer).is_none();
    for reading in near::readings(value) {
        let Some(place) = answer.pointer_mut(at) else { return };
        let before = std::mem::replace(place, reading);
        if is_sound(answer) {
            return;
        }
        if let Some(place) = answer.pointer_mut(at) {
            *place = before;
        }
    }
}

/// Cuts a list to as many items as were asked for, where that stays valid.
fn shorten(schema: &Schema, answer: &mut Value, at: &str, most: Option<usize>) {
    let Some(most) = most else { return };
    let Some(Value::Array(items)) = answer.pointer_mut(at) else { return };
    if items.len() <= most {
        return;
    }
    let cut = items.split_off(most);
    if schema.is_valid(answer) {
        return;
    }
    if let Some(Value::Array(items)) = answer.pointer_mut(at) {
        items.extend(cut);
    }
}

/// How many items were asked for.
pub(super) fn most(sent: &Map<String, Value>) -> Option<usize> {
    let bound = |(name, value): (&String, &Value)| {
        let asked = value.as_u64()?;
        let words = likeness::split(name).concat();
        let asks =
            ["limit", "perpage", "pagesize", "maxresults", "maxitems", "top"].contains(&words.as_str());
        usize::try_from(asked).ok().filter(|_| asks)
    };
    sent.iter().find_map(bound)
}

impl<'a> Maker<'a, '_> {
    /// Whether the object, or one that is wrapped in it, has a name of which something was sent.
    pub(super) fn echoes(&self, objects: &Objects<'a>, hint: &Hint<'a>, site: Site, like: Like<'a>) -> bool {
        let Some(sent) = like.members().filter(|_| like.aim == Aim::Fill) else { return true };
        self.shares(objects, hint, sent) || site.depth == 0 && self.is_wrapper(hint, sent)
    }

    /// Whether the object has a name of which something was sent.
    pub(super) fn shares(&self, objects: &Objects<'a>, hint: &Hint<'a>, sent: &Map<String, Value>) -> bool {
        let named =
            objects.layers.iter().flat_map(|layer| layer.named.keys()).any(|name| sent.contains_key(name));
        named || hint.names(self.files).iter().any(|name| sent.contains_key(*name))
    }

    fn is_wrapper(&self, hint: &Hint<'a>, sent: &Map<String, Value>) -> bool {
        hint.names(self.files).iter().any(|name| {
            let inner = hint.property(name, self.files);
            inner.names(self.files).iter().any(|name| sent.contains_key(*name))
        })
    }
}
