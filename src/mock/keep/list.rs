//! What is kept → the list of it: with the filters and on the page that were asked for, counted.
//!
//! A filter is a query parameter that is called as a property of the items; a page is cut as
//! [`plan::resource::page`](crate::plan::resource::page) reads the parameters, which `verify` does too.

use serde_json::{Map, Value, json};

use super::{Turn, view};
use crate::{
    api::{Operation, Parameter},
    finding::{Part, Pointer},
    plan::{
        Checked, Route,
        resource::{
            page::{self, Paging, Start},
            plain, text_of,
        },
    },
    sandbox::Thing,
    schema::{Dice, Schema, Types, Written},
};

/// Names of numbers that say how many there are in all.
const TOTALS: [&str; 9] = [
    "total",
    "totalcount",
    "totalitems",
    "totalresults",
    "totalelements",
    "totalrecords",
    "totalsize",
    "matches",
    "totalentries",
];
/// Names of numbers that say how many there are on the page.
const COUNTS: [&str; 6] =
    ["count", "returned", "numberofelements", "itemcount", "resultcount", "pagecountitems"];
/// Names of numbers that say how many pages there are.
const PAGES: [&str; 5] = ["totalpages", "pages", "pagecount", "pagestotal", "lastpage"];

/// A page of a list.
struct Page {
    /// How many there are in all.
    total: usize,
    /// How many are before it.
    start: usize,
    /// How long it may be.
    length: Option<usize>,
    items: Vec<Value>,
}

/// The body of the answer; `None` where its schema leaves no room for the list.
pub(super) fn body(
    turn: &mut Turn<'_>,
    route: &Route<'_>,
    checked: &Checked,
    schema: &Schema,
    base: Option<Value>,
    dice: &mut Dice,
) -> Option<Value> {
    let seat = turn.resource.list_seat(schema)?;
    let list = view::at(schema, &seat);
    let about = list.item(0);
    let is_told = tells(turn, &about);
    if !is_told {
        return None;
    }
    turn.listed.retain(|thing| is_wanted(thing, route.operation, checked, &about));
    let paging = Paging::of(route.operation);
    let page = cut(turn, route.operation, checked, paging, &list, &about);
    let mut whole = view::placed(base, &seat, Value::Array(page.items.clone()));
    counted(&mut whole, &seat, &page, route, checked, paging);
    if schema.is_valid(&whole) {
        return Some(whole);
    }
    let mended = schema.repair(&whole, dice)?;
    let items = mended.pointer(seat.as_str())?.as_array()?;
    // Where a list must hold something there may be more on it, but nothing less.
    let is_kept =
        |(one, other): (&Value, &Value)| turn.resource.named_in(one) == turn.resource.named_in(other);
    (items.len() >= page.items.len() && page.items.iter().zip(items).all(is_kept)).then_some(mended)
}

/// Whether an item tells which one it is.
fn tells(turn: &Turn<'_>, about: &Written<'_>) -> bool {
    let names = about.names();
    turn.resource.own_name(&names).is_some() || names.is_empty()
}

/// What a list says of a thing: its members, or its id alone where the items are texts or numbers.
fn item(turn: &Turn<'_>, thing: &Thing, about: &Written<'_>) -> Value {
    if about.types().meets(Types::OBJECT) {
        Value::Object(view::shown(about, turn.resource, &thing.value, &thing.id))
    } else {
        thing.id.clone()
    }
}

/// Whether a thing meets the filters that were sent.
fn is_wanted(thing: &Thing, operation: &Operation, checked: &Checked, about: &Written<'_>) -> bool {
    let paging = Paging::of(operation);
    let filters = operation
        .parameters
        .iter()
        .enumerate()
        .filter(|(number, one)| one.part == Part::Query && !paging.has(*number));
    filters.filter_map(|(_, one)| Some((one, checked.parameters.get(&one.name)?))).all(|(one, wanted)| {
        let name = plain(&one.name);
        let names = about.names();
        let is_declared = names.iter().any(|other| plain(other) == name);
        let members = thing.value.as_object().into_iter().flatten();
        let held = members.filter(|(other, _)| plain(other) == name).map(|(_, held)| held).next();
        !is_declared || held.is_some_and(|held| meets(held, wanted))
    })
}

/// Whether one of the values that are held is one of those that are wanted.
fn meets(held: &Value, wanted: &Value) -> bool {
    let all = |value: &Value| {
        value.as_array().map_or_else(|| vec![text_of(value)], |all| all.iter().map(text_of).collect())
    };
    let (held, wanted): (Vec<String>, Vec<String>) = (all(held), all(wanted));
    held.iter().any(|one| wanted.contains(one))
}

/// A number that was sent, else the one that the parameter has where it is not.
fn number(operation: &Operation, checked: &Checked, parameter: usize) -> Option<usize> {
    let parameter = &operation.parameters[parameter];
    let usual = |one: &Parameter| one.schema.as_ref()?.about().keyword("default")?.as_u64();
    let sent = checked.parameters.get(&parameter.name);
    let sent = sent.and_then(|sent| sent.as_u64().or_else(|| sent.as_str()?.parse().ok()));
    sent.or_else(|| usual(parameter)).and_then(|number| usize::try_from(number).ok())
}

fn cut(
    turn: &Turn<'_>,
    operation: &Operation,
    checked: &Checked,
    paging: Paging,
    list: &Written<'_>,
    about: &Written<'_>,
) -> Page {
    let of = |parameter: usize| number(operation, checked, parameter);
    let most = list.keyword("maxItems").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
    let length = paging.limit.and_then(of);
    let length = length.into_iter().chain(most).min();
    let start = match paging.start {
        None => 0,
        Some(Start::Offset(parameter) | Start::Cursor(parameter)) => of(parameter).unwrap_or(0),
        Some(Start::Page(parameter)) => {
            let first = usize::try_from(page::first(&operation.parameters[parameter])).unwrap_or(1).min(1);
            of(parameter).unwrap_or(first).saturating_sub(first).saturating_mul(length.unwrap_or(0))
        }
    };
    let things = turn.listed.iter().skip(start).take(length.unwrap_or(usize::MAX));
    let items = things.map(|thing| item(turn, thing, about)).collect();
    Page { total: turn.listed.len(), start, length, items }
}

/// Writes into what is around a list how many there are, and where it goes on.
fn counted(
    whole: &mut Value,
    seat: &Pointer,
    page: &Page,
    route: &Route<'_>,
    checked: &Checked,
    paging: Paging,
) {
    let Some(holder) = seat.parent().and_then(|parent| whole.pointer_mut(parent.as_str())) else { return };
    let next = page.start + page.items.len();
    let has_more = next < page.total;
    let pages = page.length.filter(|length| *length > 0).map(|length| page.total.div_ceil(length));
    let parameter = |number: usize| &route.operation.parameters[number];
    let asked = |number: usize| self::number(route.operation, checked, number);
    let (start, number) = match paging.start {
        Some(Start::Offset(number) | Start::Page(number) | Start::Cursor(number)) => {
            (Some(parameter(number).name.as_str()), Some(number))
        }
        None => (None, None),
    };
    let write = |members: &mut Map<String, Value>| {
        for (name, value) in members.iter_mut() {
            let name = plain(name);
            let is = |names: &[&str]| names.contains(&name.as_str());
            let said = match value {
                Value::Number(_) if is(&TOTALS) => Some(json!(page.total)),
                Value::Number(_) if is(&COUNTS) => Some(json!(page.items.len())),
                Value::Number(_) if is(&PAGES) => pages.map(|pages| json!(pages)),
                Value::Number(_) if start.is_some_and(|start| plain(start) == name) => {
                    number.and_then(asked).map(|asked| json!(asked))
                }
                Value::Number(_)
                    if paging.limit.is_some_and(|limit| plain(&parameter(limit).name) == name) =>
                {
                    page.length.map(|length| json!(length))
                }
                Value::Bool(_) if is(&["hasmore", "hasnext", "hasnextpage", "more"]) => Some(json!(has_more)),
                Value::String(_) | Value::Null if name.starts_with("next") => Some(match start {
                    Some(start) if has_more => following(value, start, next),
                    _ => Value::Null,
                }),
                _ => None,
            };
            if let Some(said) = said {
                *value = said;
            }
        }
    };
    let Some(members) = holder.as_object_mut() else { return };
    write(members);
    for inner in members.values_mut().filter_map(Value::as_object_mut) {
        write(inner);
    }
}

/// Where the next page begins, in the form in which it was made up: as a reference, or as what the parameter takes.
fn following(made_up: &Value, parameter: &str, next: usize) -> Value {
    let text = made_up.as_str().unwrap_or_default();
    match text.split_once('?').or_else(|| text.contains("://").then_some((text, ""))) {
        Some((before, _)) => format!("{before}?{parameter}={next}").into(),
        None => next.to_string().into(),
    }
}
