//! A valid value → the same with one place of it exchanged for what the schema does not allow there.
//!
//! What stands there then is made from the negation of the schema's normal form (`negate`) by the one generator, so a fault
//! is as random as a right value is, and as small where the decisions are. Start at [`broken`].

use serde_json::Value;

use super::{
    Origin,
    judge::Tests,
    like::{Aim, Like},
    negate::negated,
    node::{Node, Place},
};
use crate::{
    finding::Pointer,
    schema::{Dice, Schema, Written, absolute},
};

/// How many places are tried before giving up.
const ATTEMPTS: u64 = 8;
/// How many values are made for one of them.
const TRIES: u64 = 3;

/// `value` with one fault, and the place that was exchanged; `None` where none was found.
pub(in crate::schema) fn broken(schema: &Schema, value: &Value, dice: &mut Dice) -> Option<(Pointer, Value)> {
    (0..ATTEMPTS).find_map(|_| {
        let (at, about) = place(schema, value, dice);
        let held = value.pointer(at.as_str())?;
        let rules = about.rules();
        let rule = dice.pick(&rules)?;
        let other = against(schema, *rule, held, dice)?;
        let mut changed = value.clone();
        *changed.pointer_mut(at.as_str())? = other;
        (!schema.is_valid(&changed)).then_some((at, changed))
    })
}

/// A place in `value`, and what is written about it.
fn place<'s>(schema: &'s Schema, value: &Value, dice: &mut Dice) -> (Pointer, Written<'s>) {
    let (mut at, mut about, mut held) = (Pointer::root(), schema.about(), value);
    // Of a value with parts, mostly a part is meant.
    while dice.below(4) != 0 {
        let (token, next, below) = match held {
            Value::Object(members) => {
                let names: Vec<&String> = members.keys().collect();
                let Some(name) = dice.pick(&names).copied() else { break };
                (name.clone(), &members[name], about.property(name))
            }
            Value::Array(items) if !items.is_empty() => {
                let index = usize::try_from(dice.below(items.len() as u64)).unwrap_or(0);
                (index.to_string(), &items[index], about.item(index))
            }
            _ => break,
        };
        if below.rules().is_empty() {
            break;
        }
        (at, about, held) = (at.join(token), below, next);
    }
    (at, about)
}

/// A value that breaks the schema at `rule`, made anew, or like the one that stands there.
fn against(schema: &Schema, rule: Place<'_>, held: &Value, dice: &mut Dice) -> Option<Value> {
    let files = super::Files(&schema.library().files);
    let normal = schema.library().canonical(&absolute(rule.schema, &rule.file.into()));
    let normal = normal.filter(|normal| normal.kind() != super::CanonicalKind::Raw);
    let node = negated(&normal.map_or(Node::Written(rule), Node::Normal), files)?;
    let origin = Origin { node, place: rule, files };
    let is_like = (held.is_object() || held.is_array()) && dice.flip();
    let like = is_like.then_some(Like { value: held, aim: Aim::Repair });
    let mut tests = Tests::default();
    (0..TRIES).find_map(|attempt| origin.attempt(like, dice, attempt, &mut tests))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, sync::Arc};

    use serde_json::json;

    use super::*;
    use crate::schema::Library;

    #[test]
    fn every_rule_of_a_schema_is_broken_sooner_or_later_and_everything_else_stays_as_it_was() {
        let order = json!({
            "type": "object", "required": ["customer", "items"], "additionalProperties": false,
            "properties": {
                "customer": {"type": "string", "minLength": 2, "maxLength": 20},
                "kind": {"enum": ["gift", "plain"]},
                "discount": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
                "items": {
                    "type": "array", "minItems": 1, "maxItems": 5,
                    "items": {"type": "object", "required": ["sku"],
                              "properties": {"sku": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"}}},
                },
            },
        });
        let files = [("standin:a".to_owned(), Arc::new(order))].into_iter().collect();
        let schema = Library::new(files).unwrap().compile("standin:a", &Pointer::root()).unwrap();
        let mut keywords = BTreeSet::new();
        for seed in 0..400 {
            let mut dice = Dice::seeded(seed);
            let value = schema.generate(&mut dice).unwrap();
            let (at, changed) = broken(&schema, &value, &mut dice).unwrap();
            let faults = schema.violations(&changed);
            assert!(
                faults.iter().all(|fault| fault.instance.as_str().starts_with(at.as_str())),
                "{at}: {faults:?}"
            );
            keywords.extend(faults.into_iter().map(|fault| fault.keyword));
        }
        let reached: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let all = [
            "additionalProperties",
            "enum",
            "exclusiveMaximum",
            "maxItems",
            "maxLength",
            "minItems",
            "minLength",
            "minimum",
            "pattern",
            "required",
            "type",
        ];
        assert_eq!(reached, all);
    }

    #[test]
    fn the_smallest_decisions_break_a_schema_in_the_plainest_way() {
        let files = [("standin:a".to_owned(), Arc::new(json!({"type": "string"})))].into_iter().collect();
        let schema = Library::new(files).unwrap().compile("standin:a", &Pointer::root()).unwrap();
        let found = broken(&schema, &json!("a"), &mut Dice::smallest());
        assert_eq!(found, Some((Pointer::root(), json!({}))));
    }
}
