//! A value that breaks a schema → the nearest one that satisfies it.
//!
//! The value is made anew, like the broken one: the search keeps what fits and mends what does not. What the validator
//! still refuses after that is taken out, place by place, and the rest mended again; only where no rest is left is the
//! value generated. Start at [`repair`].

use serde_json::Value;

use super::{
    Origin, Tests,
    like::{Aim, Like},
    naming,
};
use crate::{
    finding::Pointer,
    schema::{Dice, Schema, Types},
};

/// How often the value is mended, what is refused being taken out in between.
const ROUNDS: u64 = 12;
/// How many attempts are made in a round; those after the first take costlier ways.
const ATTEMPTS: u64 = 4;

/// The valid value nearest to `broken`; `None` where none was found.
pub(in crate::schema) fn repair(schema: &Schema, broken: &Value, dice: &mut Dice) -> Option<Value> {
    let repaired = if schema.is_valid(broken) { Some(broken.clone()) } else { mended(schema, broken, dice) };
    repaired.map(|repaired| naming::named(schema, repaired, dice))
}

fn mended(schema: &Schema, broken: &Value, dice: &mut Dice) -> Option<Value> {
    let origin = Origin::of(schema)?;
    let mut tests = Tests::default();
    let mut rest = meant(schema, broken);
    if schema.is_valid(&rest) {
        return Some(rest);
    }
    for _ in 0..ROUNDS {
        let mended = mend(&origin, schema, &rest, dice, &mut tests);
        if let Some(mended) = mended.as_ref().filter(|mended| schema.is_valid(mended)) {
            return Some(mended.clone());
        }
        let Some(less) = without_refused(schema, mended.unwrap_or(rest)) else { break };
        if schema.is_valid(&less) {
            return Some(less);
        }
        rest = less;
    }
    schema.generate(dice)
}

/// The value that is to be mended: where a text is no valid type but says a value in JSON, that value.
fn meant(schema: &Schema, broken: &Value) -> Value {
    let text = broken.as_str().filter(|_| !schema.about().types().meets(Types::STRING));
    let parsed = text.and_then(|text| serde_json::from_str(text).ok());
    parsed.filter(|parsed: &Value| parsed.is_object() || parsed.is_array()).unwrap_or_else(|| broken.clone())
}

/// A value like `rest`: the first valid one, else the first.
fn mend(
    origin: &Origin<'_>,
    schema: &Schema,
    rest: &Value,
    dice: &mut Dice,
    tests: &mut Tests,
) -> Option<Value> {
    let like = Like { value: rest, aim: Aim::Repair };
    let mut first = None;
    for attempt in 0..ATTEMPTS {
        let made = origin.attempt(Some(like), dice, attempt, tests);
        if made.as_ref().is_some_and(|made| schema.is_valid(made)) {
            return made;
        }
        first = first.or(made);
    }
    first
}

/// The value without what the validator refuses of it: the deepest places that do not stand in one another; `None` where
/// that is all of it.
fn without_refused(schema: &Schema, mut value: Value) -> Option<Value> {
    let mut refused = schema.refused(&value);
    refused.sort_by_key(|pointer| std::cmp::Reverse(pointer.tokens().count()));
    let deepest = refused.first()?.tokens().count();
    refused.retain(|pointer| pointer.tokens().count() == deepest);
    // Later items first, so that the places of the earlier ones stay where they are.
    refused.sort_by_key(|pointer| {
        std::cmp::Reverse(pointer.last().and_then(|token| token.parse::<usize>().ok()))
    });
    for pointer in refused {
        remove(&mut value, &pointer)?;
    }
    Some(value)
}

/// Takes out what stands at a place; `None` where that is the whole.
fn remove(value: &mut Value, pointer: &Pointer) -> Option<()> {
    let (parent, token) = (pointer.parent()?, pointer.last()?);
    match value.pointer_mut(parent.as_str()) {
        Some(Value::Object(members)) => drop(members.shift_remove(&token)),
        Some(Value::Array(items)) => {
            let index = token.parse().ok().filter(|index: &usize| *index < items.len());
            index.map(|index| items.remove(index));
        }
        _ => {}
    }
    Some(())
}
