//! What was sent → what is kept: made, replaced, or changed by a merge patch (RFC 7396).

use serde_json::{Map, Value};

use super::{Deed, Said, Turn, decoded, view};
use crate::{
    api::{Api, Operation},
    finding::{Code, Finding, Location, Part, Pointer},
    plan::{
        Checked, Route,
        resource::{Identity, Resource, is_id, text_of},
    },
    sandbox::Store,
    schema::{Dice, Schema, Written},
};

/// How many ids are made before it is given up to find one that nothing has.
const ATTEMPTS: u64 = 16;

/// The members of what was sent, without what is wrapped around them; `None` where it is no object.
fn sent(resource: &Resource, checked: &Checked) -> Option<Map<String, Value>> {
    let Some(body) = &checked.body else { return Some(Map::new()) };
    let members = body.as_object()?;
    let mut inner = members.values().filter_map(Value::as_object);
    match (members.len(), inner.next()) {
        (1, Some(inner)) if members.keys().next().is_some_and(|name| resource.is_wrapper(name)) => {
            Some(inner.clone())
        }
        _ => Some(members.clone()),
    }
}

/// What is written about the members that the body of an operation has.
fn asked(operation: &Operation) -> Vec<Written<'_>> {
    let contents = operation.body.iter().flat_map(|body| &body.content);
    contents.filter_map(|content| Some(content.schema.as_ref()?.about())).collect()
}

/// Whether a member only its owner writes: it is passed over in what others send.
fn is_read_only(asked: &[Written<'_>], name: &str) -> bool {
    asked.iter().any(|about| about.property(name).certain("readOnly") == Some(&Value::Bool(true)))
}

/// What a request would repeat that no two things may have in common: an id that its sender chooses, or a unique property.
pub(super) fn repeated(turn: &Turn<'_>, store: &Store, checked: &Checked) -> Option<Finding> {
    let sent = sent(turn.resource, checked)?;
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    let own = turn.resource.own_name(&names).filter(|own| is_id(&sent[*own]));
    let chosen = own.filter(|own| store.get(&turn.shelf, &text_of(&sent[*own])).is_some());
    let is_held = |name: &str, value: &Value| {
        let mut things = store.all(&turn.shelf);
        things.any(|thing| thing.value.get(name) == Some(value))
    };
    let unique = turn.resource.unique.iter().map(String::as_str);
    let name = chosen.or_else(|| {
        unique.into_iter().find(|name| sent.get(*name).is_some_and(|value| is_held(name, value)))
    })?;
    let location = Location::Request(Part::Body, Pointer::root().join(name));
    let message = format!("`{name}` is {} already in another of `{}`", sent[name], turn.resource.path);
    Some(Finding::error(Code::RepeatedKey, location, message).help("send another value"))
}

/// Makes a thing: what the answer tells of it, and what was sent.
pub(super) fn created(
    turn: &mut Turn<'_>,
    route: &Route<'_>,
    checked: &Checked,
    schema: Option<&Schema>,
    base: Option<Value>,
    dice: &mut Dice,
) -> Option<Said> {
    let mut sent = sent(turn.resource, checked)?;
    let asked = asked(route.operation);
    sent.retain(|name, _| !is_read_only(&asked, name));
    let Some((schema, base)) = schema.zip(base) else {
        let id = named(turn, &sent)
            .or_else(|| fresh(turn, &Value::Null, |_| true, |dice| minted(turn, dice), dice))?;
        let kept = Value::Object(sent);
        turn.next = Some((id.clone(), completed(turn.resource, route.api, &kept, &id, dice)));
        return Some(Said(None));
    };
    let place_of = turn.resource.seat(schema);
    let base = with_its_own_name(turn.resource, schema, &place_of, base, dice);
    let told = base.pointer(place_of.as_str()).and_then(Value::as_object).cloned().unwrap_or_default();
    let mut members = told;
    members.extend(sent.clone());
    let (id, place) = identity(turn, route, schema, &base, &sent, dice)?;
    let base = match &place {
        Some(place) => view::placed(Some(base), place, id.clone()),
        None => base,
    };
    if let Some(own) = turn.resource.own_name(&members.keys().map(String::as_str).collect::<Vec<_>>()) {
        // Of an id that stands elsewhere, what the thing itself says may be another.
        let is_other = place.as_ref().is_some_and(|place| place.parent() != Some(place_of.clone()));
        let own = own.to_owned();
        if !is_other {
            members.insert(own, id.clone());
        }
    }
    let kept = Value::Object(members);
    let body = view::body(schema, turn.resource, Some(base), &kept, &id, dice)?;
    // What the answer had to say otherwise is what is kept.
    let told = body.pointer(place_of.as_str()).cloned().unwrap_or_default();
    let kept = view::with_more(&told, Some(&kept));
    turn.next = Some((id.clone(), completed(turn.resource, route.api, &kept, &id, dice)));
    Some(Said(Some(body)))
}

/// An answer that tells what the thing is called, where its schema has a place for that: else something else in it would
/// have to be its id.
fn with_its_own_name(
    resource: &Resource,
    schema: &Schema,
    place_of: &Pointer,
    base: Value,
    dice: &mut Dice,
) -> Value {
    let about = view::at(schema, place_of);
    let Some(own) = resource.own_name(&about.names()).map(|own| place_of.join(own)) else { return base };
    if base.pointer(own.as_str()).is_some() {
        return base;
    }
    let named = (0..ATTEMPTS).find_map(|_| {
        let name = schema.generate(dice)?.pointer(own.as_str()).filter(|name| is_id(name))?.clone();
        Some(view::placed(Some(base.clone()), &own, name)).filter(|whole| schema.is_valid(whole))
    });
    named.unwrap_or(base)
}

/// The id that what was sent tells: in the path of a `PUT`, else in the body.
fn named(turn: &Turn<'_>, sent: &Map<String, Value>) -> Option<Value> {
    let names: Vec<&str> = sent.keys().map(String::as_str).collect();
    turn.resource.own_name(&names).map(|own| sent[own].clone()).filter(is_id)
}

/// The id of what is made, and where in the answer it stands: one that nothing has, unless its sender chose it.
fn identity(
    turn: &Turn<'_>,
    route: &Route<'_>,
    schema: &Schema,
    base: &Value,
    sent: &Map<String, Value>,
    dice: &mut Dice,
) -> Option<(Value, Option<Pointer>)> {
    let fits = |id: &Value| {
        turn.resource.schema.as_ref().is_none_or(|schema| schema.is_valid(id) || is_number(schema, id))
    };
    let places = turn.resource.identities.iter().filter_map(Identity::in_body);
    let told = places
        .filter_map(|place| Some((base.pointer(place.as_str()).filter(|id| is_id(id))?.clone(), place)));
    let told: Vec<(Value, Pointer)> = told.collect();
    let best = told.iter().find(|(id, _)| fits(id)).or(told.first()).cloned();
    let chosen = named(turn, sent);
    let Some((id, place)) = best else {
        let id = chosen.or_else(|| fresh(turn, &Value::Null, |_| true, |dice| minted(turn, dice), dice))?;
        return Some((id, None));
    };
    if chosen.as_ref().is_some_and(|chosen| text_of(chosen) == text_of(&id)) {
        return Some((id, Some(place)));
    }
    let is_right = |other: &Value| {
        fits(other) && schema.is_valid(&view::placed(Some(base.clone()), &place, other.clone()))
    };
    let made =
        |dice: &mut Dice| schema.generate(dice)?.pointer(place.as_str()).filter(|id| is_id(id)).cloned();
    // An answer says again what was sent, and so perhaps the id of what the thing stands in.
    let is_of_another = route.path_values.iter().any(|(_, value)| decoded(value) == text_of(&id));
    let is_own = !is_of_another && is_free(turn, &id) && is_right(&id);
    let id = if is_own { Some(id) } else { fresh(turn, &id, is_right, made, dice) };
    Some((id?, Some(place)))
}

/// Whether a text names a number that the schema allows, as it does in a path.
fn is_number(schema: &Schema, id: &Value) -> bool {
    let number = id.as_str().and_then(|text| text.parse::<i64>().ok());
    number.is_some_and(|number| schema.is_valid(&number.into())) || schema.is_valid(&text_of(id).into())
}

fn is_free(turn: &Turn<'_>, id: &Value) -> bool {
    turn.store.as_ref().is_none_or(|store| !store.knows(&turn.shelf, &text_of(id)))
}

/// An id for a thing of which an answer does not tell one.
fn minted(turn: &Turn<'_>, dice: &mut Dice) -> Option<Value> {
    match &turn.resource.schema {
        Some(schema) => schema.generate(dice).filter(is_id),
        None => Some((turn.store.as_ref().map_or(0, |store| store.made()) + 1).into()),
    }
}

/// An id that nothing has: the number after the greatest, else one that is made, else one with a number at its end.
fn fresh(
    turn: &Turn<'_>,
    like: &Value,
    is_right: impl Fn(&Value) -> bool,
    made: impl Fn(&mut Dice) -> Option<Value>,
    dice: &mut Dice,
) -> Option<Value> {
    let is_good = |id: &Value| is_free(turn, id) && is_right(id);
    let greatest = turn.store.as_ref().and_then(|store| store.greatest(&turn.shelf));
    let next = greatest.and_then(|most| most.checked_add(1)).filter(|_| like.is_number()).map(Value::from);
    let next = next.filter(is_good);
    let drawn = || (0..ATTEMPTS).find_map(|_| made(dice).filter(is_good));
    let numbered = || {
        let text = like.as_str()?;
        let made = turn.store.as_ref()?.made();
        (made..made + ATTEMPTS).map(|number| Value::from(format!("{text}-{}", number + 1))).find(is_good)
    };
    next.or_else(drawn).or_else(numbered)
}

/// Changes or replaces a thing; `None` where what was sent cannot be understood as that.
pub(super) fn changed(
    turn: &mut Turn<'_>,
    route: &Route<'_>,
    checked: &Checked,
    dice: &mut Dice,
) -> Option<()> {
    let mut sent = sent(turn.resource, checked)?;
    let asked = asked(route.operation);
    sent.retain(|name, _| !is_read_only(&asked, name));
    let Some(thing) = &turn.thing else {
        let id = in_path(turn, &sent)?;
        let kept = Value::Object(sent);
        turn.next = Some((id.clone(), completed(turn.resource, route.api, &kept, &id, dice)));
        return Some(());
    };
    let id = thing.id.clone();
    let names: Vec<String> = sent.keys().cloned().collect();
    let own = turn.resource.own_name(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // What a thing is called is not changed: it would be another.
    if let Some(own) = own.filter(|own| text_of(&sent[*own]) != text_of(&id)) {
        sent.shift_remove(own);
    }
    let before = thing.value.as_object().cloned().unwrap_or_default();
    let after = if turn.deed == Deed::Replace {
        replaced(&before, sent, &asked, turn.resource)
    } else {
        patched(before, sent, |name| may_be_null(turn.resource, route.api, name))
    };
    let after = completed(turn.resource, route.api, &Value::Object(after), &id, dice);
    turn.next = Some((id, after));
    Some(())
}

/// Whether what is read of a thing may say null of a property.
fn may_be_null(resource: &Resource, api: &Api, name: &str) -> bool {
    seen(resource, api).is_some_and(|schema| {
        let at = resource.seat(schema);
        let whole = view::placed(None, &at, Value::Object(Map::new()));
        let with = view::placed(Some(whole.clone()), &at.join(name), Value::Null);
        let faults = |value: &Value| schema.violations(value).len();
        view::at(schema, &at).names().contains(&name) && faults(&with) <= faults(&whole)
    })
}

/// The id that the path of a `PUT` names, as the document writes it.
fn in_path(turn: &Turn<'_>, sent: &Map<String, Value>) -> Option<Value> {
    let text = turn.id.as_ref()?;
    let told = named(turn, sent).filter(|id| text_of(id) == *text);
    let number = text.parse::<i64>().ok().map(Value::from);
    let number = number.filter(|id| turn.resource.schema.as_ref().is_some_and(|schema| schema.is_valid(id)));
    Some(told.or(number).unwrap_or_else(|| text.clone().into()))
}

/// What is left of a thing that was replaced: what was sent, and what only its owner writes.
fn replaced(
    before: &Map<String, Value>,
    sent: Map<String, Value>,
    asked: &[Written<'_>],
    resource: &Resource,
) -> Map<String, Value> {
    let may_be_sent = |name: &str| asked.iter().any(|about| about.names().contains(&name));
    let is_open = asked.iter().all(|about| about.names().is_empty());
    let stays = |name: &String| {
        resource.is_own_name(name) || is_read_only(asked, name) || !(is_open || may_be_sent(name))
    };
    let mut after: Map<String, Value> = before
        .iter()
        .filter(|(name, _)| stays(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    after.extend(sent);
    after
}

/// A merge patch (RFC 7396); a null stays where it may be read.
fn patched(
    mut before: Map<String, Value>,
    sent: Map<String, Value>,
    may_be_null: impl Fn(&str) -> bool,
) -> Map<String, Value> {
    for (name, value) in sent {
        match value {
            Value::Null if !may_be_null(&name) => drop(before.shift_remove(&name)),
            value => {
                let held = before.get(&name).cloned().unwrap_or_default();
                before.insert(name, merged(held, value));
            }
        }
    }
    before
}

/// RFC 7396, section 2.
fn merged(held: Value, patch: Value) -> Value {
    let Value::Object(patch) = patch else { return patch };
    let mut held = match held {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    for (name, value) in patch {
        if value.is_null() {
            held.shift_remove(&name);
        } else {
            let inner = held.get(&name).cloned().unwrap_or_default();
            held.insert(name, merged(inner, value));
        }
    }
    Value::Object(held)
}

/// The schema of what is told of a single thing, where one is told.
fn seen<'a>(resource: &Resource, api: &'a Api) -> Option<&'a Schema> {
    success(&api.operations[resource.acts.read?])
}

/// The schema of the first success that has one.
fn success(operation: &Operation) -> Option<&Schema> {
    let responses = operation.responses.iter().filter(|response| response.status.is_success());
    responses.flat_map(|response| &response.content).find_map(|content| content.schema.as_ref())
}

/// What is kept, and all that the answers which tell of it must say besides.
fn completed(resource: &Resource, api: &Api, kept: &Value, id: &Value, dice: &mut Dice) -> Value {
    let read = seen(resource, api);
    let kept = read.map_or_else(|| kept.clone(), |schema| view::completed(schema, resource, kept, id, dice));
    let list = resource.acts.list.and_then(|number| success(&api.operations[number]));
    let item = list.and_then(|schema| {
        let place_of = resource.list_seat(schema)?;
        let held =
            place_of.tokens().try_fold(schema.clone(), |held, token| held.property(&token).cloned())?;
        held.items()
    });
    match item.filter(|item| !item.about().names().is_empty()) {
        Some(item) => view::completed(&item, resource, &kept, id, dice),
        None => kept,
    }
}
