//! `color[R]=100&color[G]=200`: a property whose parts are named in brackets (OAS 3.1, section 4.8.12.3).
//!
//! What is below the first brackets is left open by the standard; it is read and written as most servers do, with more
//! brackets. The items of a list are named by their places, or by nothing.

use indexmap::IndexMap;
use serde_json::Value;

use super::{Fields, decoded};
use crate::{
    schema::{Types, Written},
    wire::{
        Fault,
        typed::{READINGS, each, field, picked, wanted},
    },
};

/// How deep brackets are read and written.
pub(super) const DEPTH: usize = 8;

/// What was sent below a name.
#[derive(Debug, Clone, Default)]
struct Tree {
    texts: Vec<String>,
    below: IndexMap<String, Tree>,
}

/// What the fields that belong to `name` may mean together, taken out of `fields`; `None` where there are none.
pub(super) fn read(fields: &mut Fields<'_>, name: &str, about: Option<&Written<'_>>) -> Option<Vec<Value>> {
    let mut tree = Tree::default();
    let mut is_found = false;
    fields.retain(|key, raws| {
        let Some(path) = key.strip_prefix(name).and_then(path) else { return true };
        is_found = true;
        let place =
            path.into_iter().fold(&mut tree, |tree, key| tree.below.entry(key.to_owned()).or_default());
        place.texts.extend(raws.iter().map(|raw| decoded(raw)));
        false
    });
    if !is_found {
        return None;
    }
    let mut found: Vec<Value> = (0..READINGS).map(|way| value(about, &tree, way)).collect();
    found.dedup();
    Some(found)
}

/// The keys in brackets; `None` where something else stands there, or they are too many.
fn path(text: &str) -> Option<Vec<&str>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let keys: Vec<&str> = inner.split("][").collect();
    let is_sound = keys.len() <= DEPTH && !keys.iter().any(|key| key.contains(['[', ']']));
    is_sound.then_some(keys)
}

fn value(about: Option<&Written<'_>>, tree: &Tree, way: usize) -> Value {
    let types = about.map_or(Types::ALL, wanted);
    if tree.below.is_empty() {
        let Some(about) = about else { return texts(&tree.texts) };
        return picked(&field(about, &tree.texts), way).unwrap_or_default();
    }
    let is_list = types.meets(Types::ARRAY) && (!types.meets(Types::OBJECT) || tree.is_numbered());
    match about {
        Some(about) if is_list => list(about, tree, way),
        about => {
            let member = |(key, below): (&String, &Tree)| {
                let about = about.map(|about| about.property(key));
                (key.clone(), value(about.as_ref(), below, way))
            };
            Value::Object(tree.below.iter().map(member).collect())
        }
    }
}

fn list(about: &Written<'_>, tree: &Tree, way: usize) -> Value {
    let mut items: Vec<Tree> = Vec::new();
    for below in tree.below.values() {
        // What is sent twice under one name, as under `[]`, is as many items.
        if below.below.is_empty() {
            items
                .extend(below.texts.iter().map(|text| Tree { texts: vec![text.clone()], ..Tree::default() }));
        } else {
            items.push(below.clone());
        }
    }
    each(about, &items, |about, item| value(Some(about), item, way)).into_iter().collect()
}

fn texts(texts: &[String]) -> Value {
    match texts {
        [text] => Value::String(text.clone()),
        _ => texts.iter().map(|text| Value::String(text.clone())).collect(),
    }
}

impl Tree {
    fn is_numbered(&self) -> bool {
        self.below.keys().all(|key| key.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

/// The fields that say a value below `name`, not yet encoded.
pub(super) fn write(name: &str, value: &Value, depth: usize) -> Result<Vec<(String, String)>, Fault> {
    if depth == 0 {
        return Err(Fault::new(format!("a value under `{name}` is nested deeper than brackets are written")));
    }
    let mut pairs = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if key.contains(['[', ']']) {
                    return Err(Fault::new(format!("the name `{key}` cannot be written in brackets")));
                }
                pairs.extend(write(&format!("{name}[{key}]"), member, depth - 1)?);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                pairs.extend(write(&format!("{name}[{at}]"), item, depth - 1)?);
            }
        }
        value => pairs.push((name.to_owned(), super::write::text(value))),
    }
    Ok(pairs)
}
