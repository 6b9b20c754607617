//! A sequence → the same with less: without steps that it need not take, without parts of its bodies, with smaller values.
//!
//! What is left out is told by its place, not by its value, so that the same can be left out of a sequence of other, fresh
//! values; it is left out only where the schema lets it be. Read [`Less::apply`] first.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{finding::Pointer, schema::Schema};

/// What a sequence does without.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in super::super) struct Less {
    /// Steps that need not be taken, by the order in which they come up.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) steps: Vec<usize>,
    /// Parts of bodies that are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<Place>,
    /// How long texts are at most, and how large whole numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) limits: Vec<(Place, u64)>,
}

/// A place in a body of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The number of the body, in the order in which they are made.
    pub(super) body: usize,
    /// The place in it, as a JSON Pointer.
    pub(super) at: String,
}

impl Less {
    /// Takes from a body what it can do without.
    pub(super) fn apply(&self, number: usize, schema: Option<&Schema>, body: &mut Value) {
        let is_valid = |body: &Value| schema.is_none_or(|schema| schema.is_valid(body));
        // Later items first, so that the places of the earlier ones stay where they are.
        for Place { at, .. } in self.parts.iter().rev().filter(|place| place.body == number) {
            if let Some(rest) = without(body, at).filter(is_valid) {
                *body = rest;
            }
        }
        for (Place { at, .. }, most) in self.limits.iter().filter(|(place, _)| place.body == number) {
            if let Some(rest) = limited(body, at, *most).filter(is_valid) {
                *body = rest;
            }
        }
    }
}

/// A value without what stands at a place; `None` where nothing does.
fn without(value: &Value, at: &str) -> Option<Value> {
    let at = Pointer::from_escaped(at.to_owned());
    let (parent, token) = (at.parent()?, at.last()?);
    let mut rest = value.clone();
    match rest.pointer_mut(parent.as_str())? {
        Value::Object(members) => drop(members.shift_remove(&token)?),
        Value::Array(items) => {
            let index = token.parse().ok().filter(|index: &usize| *index < items.len())?;
            items.remove(index);
        }
        _ => return None,
    }
    Some(rest)
}

/// A value in which the text, or the whole number, at a place is not larger than `most`.
fn limited(value: &Value, at: &str, most: u64) -> Option<Value> {
    let mut rest = value.clone();
    let slot = rest.pointer_mut(at)?;
    *slot = match size(slot)? {
        size if size <= most => return None,
        _ => match slot {
            Value::String(text) => {
                text.chars().take(usize::try_from(most).unwrap_or(usize::MAX)).collect::<String>().into()
            }
            _ => most.into(),
        },
    };
    Some(rest)
}

/// How large a text or a whole number is.
pub(super) fn size(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => u64::try_from(text.chars().count()).ok(),
        Value::Number(number) => number.as_u64(),
        _ => None,
    }
}

/// The places of all parts of a value, the outer ones first.
pub(super) fn places(value: &Value, at: &Pointer, found: &mut Vec<Pointer>) {
    let mut visit = |at: Pointer, value: &Value| {
        found.push(at.clone());
        places(value, &at, found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| visit(at.join(name), member)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| visit(at.join(index), item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn place(at: &str) -> Place {
        Place { body: 0, at: at.to_owned() }
    }

    #[test]
    fn parts_are_left_out_and_values_made_smaller_only_in_the_body_that_is_meant() {
        let less = Less {
            steps: Vec::new(),
            parts: vec![place("/a"), place("/list/0"), place("/list/2")],
            limits: vec![(place("/text"), 2), (place("/n"), 3), (place("/absent"), 1)],
        };
        let mut body = json!({"a": 1, "list": [1, 2, 3], "text": "äöü", "n": 7});
        let untouched = body.clone();
        less.apply(1, None, &mut body);
        assert_eq!(body, untouched);
        less.apply(0, None, &mut body);
        assert_eq!(body, json!({"list": [2], "text": "äö", "n": 3}));
    }
}
