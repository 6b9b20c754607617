//! What is kept → what an answer says of it: the members that its schema names, where it tells of the resource.

use serde_json::{Map, Value};

use crate::{
    finding::Pointer,
    plan::resource::Resource,
    schema::{Dice, Schema, Written},
};

/// The members of `kept` that a schema names, the one that tells the id among them; nothing that is only to be sent.
pub(super) fn shown(
    about: &Written<'_>,
    resource: &Resource,
    kept: &Value,
    id: &Value,
) -> Map<String, Value> {
    let names = about.names();
    let own = resource.own_name(&names);
    let is_hidden = |name: &str| about.property(name).certain("writeOnly") == Some(&Value::Bool(true));
    let members = kept.as_object().into_iter().flatten();
    let is_named = |name: &str| names.is_empty() || names.contains(&name) || about.is_open();
    let mut shown: Map<String, Value> = members
        .filter(|(name, _)| is_named(name) && !is_hidden(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(own) = own
        && !shown.contains_key(own)
    {
        shown.insert(own.to_owned(), id.clone());
    }
    // In the order in which the schema names them.
    let place = |name: &String| names.iter().position(|other| other == name).unwrap_or(usize::MAX);
    let mut ordered: Vec<(String, Value)> = shown.into_iter().collect();
    ordered.sort_by_key(|(name, _)| place(name));
    ordered.into_iter().collect()
}

/// What is written about the value at a place.
pub(super) fn at<'s>(schema: &'s Schema, seat: &Pointer) -> Written<'s> {
    seat.tokens().fold(schema.about(), |about, token| about.property(&token))
}

/// `base` with a value at a place, made where it is not there.
pub(super) fn placed(base: Option<Value>, seat: &Pointer, value: Value) -> Value {
    let mut whole = base.filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
    let mut slot = &mut whole;
    for token in seat.tokens() {
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        slot = &mut slot[token];
    }
    *slot = value;
    whole
}

/// A body that says what is kept, as its schema allows it: mended where it does not; `None` where that takes the id.
pub(super) fn body(
    schema: &Schema,
    resource: &Resource,
    base: Option<Value>,
    kept: &Value,
    id: &Value,
    dice: &mut Dice,
) -> Option<Value> {
    let seat = resource.seat(schema);
    let about = at(schema, &seat);
    let shown = shown(&about, resource, kept, id);
    let whole = placed(base, &seat, Value::Object(shown));
    if schema.is_valid(&whole) {
        return Some(whole);
    }
    let mended = schema.repair(&whole, dice)?;
    let told = mended.pointer(seat.as_str())?.as_object()?;
    let own = resource.own_name(&about.names());
    own.is_none_or(|own| told.get(own) == Some(id) || kept.get(own) == told.get(own)).then_some(mended)
}

/// What is kept and what an answer of this schema must say besides, so that every answer says the same.
pub(super) fn completed(
    schema: &Schema,
    resource: &Resource,
    kept: &Value,
    id: &Value,
    dice: &mut Dice,
) -> Value {
    let seat = resource.seat(schema);
    let base = if seat == Pointer::root() { None } else { schema.generate(dice) };
    let Some(whole) = body(schema, resource, base, kept, id, dice) else { return kept.clone() };
    with_more(kept, whole.pointer(seat.as_str()))
}

/// What is kept and what `other` says that it does not.
pub(super) fn with_more(kept: &Value, other: Option<&Value>) -> Value {
    let mut all = kept.as_object().cloned().unwrap_or_default();
    for (name, value) in other.and_then(Value::as_object).into_iter().flatten() {
        if !all.contains_key(name) {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}
