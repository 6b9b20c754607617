//! A value → values that differ from it in one thing, each chosen because somebody may draw the line there.
//!
//! Nothing here decides whether a neighbour is right: the schema does, so that the same list tries what must be taken and
//! what must be refused. Read [`neighbours`] first.

mod list;
mod number;
mod text;

use std::collections::HashMap;

use serde_json::{Value, json};

pub(super) use self::number::{AS_FRACTION, is_beyond};
use self::{
    list::{lists, objects},
    number::numbers,
    text::texts,
};
use crate::{
    finding::{Pointer, Trail},
    schema::{Schema, Written},
};

/// How deep a value is looked into.
const DEEP: u32 = 8;
/// How many neighbours a value has at most.
const MOST: usize = 800;
/// How many of the values of an enum are tried.
const LISTED: usize = 50;

/// What becomes of the value at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    /// Where.
    pub(super) at: Pointer,
    /// What stands there then; nothing where it is taken away.
    pub(super) to: Option<Value>,
    /// What is tried, in words.
    pub(super) what: String,
}

impl Change {
    /// The value with the change made to it; `None` where there is no such place, or nothing changes.
    pub(super) fn made(&self, value: &Value) -> Option<Value> {
        let mut changed = value.clone();
        let slot = changed.pointer_mut(self.at.as_str());
        if let (Some(slot), Some(to)) = (slot, &self.to) {
            if slot == to {
                return None;
            }
            *slot = to.clone();
            return Some(changed);
        }
        let (parent, name) = parent(&self.at)?;
        let members = changed.pointer_mut(parent.as_str())?.as_object_mut()?;
        match &self.to {
            Some(to) => drop(members.insert(name, to.clone())),
            None => drop(members.shift_remove(&name)?),
        }
        Some(changed)
    }
}

/// The object that holds what stands at a place, and its name there.
fn parent(at: &Pointer) -> Option<(Pointer, String)> {
    let (parent, _) = at.as_str().rsplit_once('/')?;
    Some((Pointer::from_escaped(parent.to_owned()), at.last()?))
}

/// The changes that lead to the neighbours of `value`: the first of each place in it, then the second of each, and so on, so
/// that no place goes without where there are too many.
pub(super) fn neighbours(schema: &Schema, value: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    visit(value, &schema.about(), &Trail::root(), DEEP, &mut changes);
    let mut turns: HashMap<Pointer, usize> = HashMap::new();
    let mut ordered: Vec<(usize, Change)> = Vec::new();
    for change in changes {
        let turn = turns.entry(change.at.clone()).or_default();
        ordered.push((*turn, change));
        *turn += 1;
    }
    ordered.sort_by_key(|(turn, _)| *turn);
    ordered.into_iter().take(MOST).map(|(_, change)| change).collect()
}

fn visit(value: &Value, about: &Written<'_>, trail: &Trail<'_>, depth: u32, changes: &mut Vec<Change>) {
    let at = trail.pointer();
    let put = |(to, what): Tried| Change { at: at.clone(), to: Some(to), what };
    changes.extend(listed(about).map(put));
    let own = match value {
        Value::String(text) => texts(text, about),
        Value::Number(number) => numbers(number, about),
        Value::Array(items) => lists(items, about),
        Value::Object(members) => objects(members, about),
        Value::Bool(held) => vec![tried(!held, "the other boolean")],
        Value::Null => Vec::new(),
    };
    changes.extend(own.into_iter().map(put));
    changes.extend(of_other_types(value).map(put));
    if depth == 0 {
        return;
    }
    match value {
        Value::Object(members) => {
            let name = "standinUnknown";
            let unknown = Change {
                at: at.join(name),
                to: Some("unknown".into()),
                what: "a property that the schema does not name".to_owned(),
            };
            changes.extend((!members.contains_key(name)).then_some(unknown));
            for (name, member) in members {
                let trail = trail.key(name);
                changes.push(Change { at: trail.pointer(), to: None, what: format!("without `{name}`") });
                visit(member, &about.property(name), &trail, depth - 1, changes);
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                visit(first, &about.item(0), &trail.index(0), depth - 1, changes);
                changes.extend(of_later_items(items, first, &at));
            }
        }
        _ => {}
    }
}

/// What holds of the first item holds of those after it, which some look at no more.
fn of_later_items<'a>(
    items: &'a [Value],
    first: &'a Value,
    at: &'a Pointer,
) -> impl Iterator<Item = Change> + 'a {
    let others = of_other_types(first).map(|(other, what)| (other, format!("{what} as the last item")));
    let members = first.as_object().into_iter().flatten();
    let lacking = members.map(|(name, _)| {
        let mut lacking = first.clone();
        if let Value::Object(members) = &mut lacking {
            members.shift_remove(name);
        }
        (lacking, format!("a last item without `{name}`"))
    });
    others.chain(lacking).map(|(item, what)| {
        let mut all = items.to_vec();
        all.push(item);
        Change { at: at.clone(), to: Some(Value::Array(all)), what }
    })
}

/// A value to try, and what it is in words.
type Tried = (Value, String);

fn tried(value: impl Into<Value>, what: &str) -> Tried {
    (value.into(), what.to_owned())
}

fn listed(about: &Written<'_>) -> impl Iterator<Item = Tried> {
    let members = about.keyword("enum").and_then(Value::as_array).into_iter().flatten();
    let all = members.take(LISTED).chain(about.keyword("const"));
    all.map(|member| (member.clone(), format!("the listed value {member}")))
}

fn of_other_types(value: &Value) -> impl Iterator<Item = Tried> {
    let all = [
        (Value::Null, "null"),
        (json!(true), "a boolean"),
        (json!(12), "a number"),
        (json!(1.5), "a fraction"),
        (json!("text"), "a text"),
        (json!("true"), "the text `true`"),
        (json!([]), "a list"),
        (json!({}), "an object"),
    ];
    let own = std::mem::discriminant(value);
    let is_number = value.is_number();
    let others = all.into_iter().filter(move |(other, _)| std::mem::discriminant(other) != own || is_number);
    others.map(|(other, what)| tried(other, what))
}

fn length_of(about: &Written<'_>, keyword: &str) -> Option<usize> {
    // Beyond, a message would be large for what it tells.
    let length = usize::try_from(about.keyword(keyword)?.as_u64()?).ok()?;
    (length <= 20_000).then_some(length)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::schema::Library;

    fn schema(schema: Value) -> Schema {
        let files = [("standin:a".to_owned(), Arc::new(schema))].into_iter().collect();
        Library::new(files).unwrap().compile("standin:a", &Pointer::root()).unwrap()
    }

    fn told(schema: &Schema, value: &Value, is_right: bool) -> Vec<String> {
        let changes = neighbours(schema, value).into_iter();
        let judged = changes.filter_map(|change| Some((schema.is_valid(&change.made(value)?), change)));
        judged
            .filter(|(right, _)| *right == is_right)
            .map(|(_, change)| format!("{}: {}", change.at, change.what))
            .collect()
    }

    #[test]
    fn the_neighbours_of_a_value_stand_on_both_sides_of_every_bound() {
        let pet = schema(json!({
            "type": "object", "required": ["name"], "additionalProperties": false,
            "properties": {"name": {"type": "string", "minLength": 2, "maxLength": 4}, "age": {"type": "integer", "minimum": 1}},
        }));
        let value = json!({"name": "Rex", "age": 3});
        let right = told(&pet, &value, true);
        for wanted in [
            "/name: the shortest text",
            "/name: the longest text",
            "/age: without `age`",
            "/age: the minimum",
        ] {
            assert!(right.iter().any(|told| told == wanted), "{wanted}: {right:?}");
        }
        let wrong = told(&pet, &value, false);
        for wanted in [
            "/name: without `name`",
            "/name: a text that is too short",
            "/name: a text that is too long",
            "/age: a step below the minimum",
            "/age: a fraction",
            "/standinUnknown: a property that the schema does not name",
            ": a list",
        ] {
            assert!(wrong.iter().any(|told| told == wanted), "{wanted}: {wrong:?}");
        }
    }

    #[test]
    fn a_change_that_changes_nothing_is_none() {
        let put = |at: &str, to: Option<Value>| Change {
            at: Pointer::from_escaped(at.to_owned()),
            to,
            what: String::new(),
        };
        let value = json!({"a": {"b": 1}});
        assert_eq!(put("/a/b", Some(json!(1))).made(&value), None);
        assert_eq!(put("/a/c", None).made(&value), None);
        assert_eq!(put("/a/c", Some(json!(2))).made(&value), Some(json!({"a": {"b": 1, "c": 2}})));
        assert_eq!(put("/a/b", None).made(&value), Some(json!({"a": {}})));
        assert_eq!(put("", Some(json!([]))).made(&value), Some(json!([])));
    }
}
