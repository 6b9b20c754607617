//! A list or an object → those near it: with as many members as are allowed, one more or fewer, one of them twice.

use serde_json::{Map, Value, json};

use super::{Tried, length_of, tried};
use crate::schema::Written;

/// The most items or properties that are made up because a bound says so.
const MOST: usize = 1000;

pub(super) fn lists(items: &[Value], about: &Written<'_>) -> Vec<Tried> {
    let mut all = vec![tried(json!([]), "an empty list")];
    let Some(first) = items.first() else { return all };
    let is_unique = about.keyword("uniqueItems") == Some(&Value::Bool(true));
    let item = |number: usize| {
        let item = &items[number % items.len()];
        if is_unique && number >= items.len() { varied(item, number) } else { item.clone() }
    };
    let of_length = |length: usize| -> Value { (0..length).map(item).collect() };
    all.push(tried(json!([first]), "a list of one item"));
    all.push(tried(json!([first, first]), "an item twice"));
    all.push(tried(first.clone(), "the item without a list around it"));
    if let Some(least) = length_of(about, "minItems").filter(|least| *least <= MOST) {
        all.push(tried(of_length(least), "the fewest items"));
        all.extend(least.checked_sub(1).map(|length| tried(of_length(length), "too few items")));
    }
    if let Some(most) = length_of(about, "maxItems").filter(|most| *most <= MOST) {
        all.push(tried(of_length(most), "the most items"));
        all.push(tried(of_length(most + 1), "too many items"));
    }
    all
}

/// An item that differs from another, where a number can tell them apart.
fn varied(item: &Value, number: usize) -> Value {
    match item {
        Value::Number(held) => held.as_i64().map_or_else(
            || item.clone(),
            |held| json!(held.saturating_add(i64::try_from(number).unwrap_or_default())),
        ),
        Value::String(text) => {
            let digits = number.to_string();
            let kept = text.chars().count().saturating_sub(digits.len());
            format!("{}{digits}", text.chars().take(kept).collect::<String>()).into()
        }
        Value::Object(members) => {
            let mut members = members.clone();
            let told = members.values_mut().find(|member| member.is_string() || member.is_i64());
            if let Some(member) = told {
                *member = varied(member, number);
            }
            Value::Object(members)
        }
        _ => item.clone(),
    }
}

pub(super) fn objects(members: &Map<String, Value>, about: &Written<'_>) -> Vec<Tried> {
    let mut all =
        vec![tried(json!({}), "an empty object"), tried(json!([members]), "a list with the object in it")];
    let of_size = |size: usize| {
        let mut some: Map<String, Value> =
            members.iter().take(size).map(|(name, value)| (name.clone(), value.clone())).collect();
        let like = members.values().next().cloned().unwrap_or_else(|| "a".into());
        for number in some.len()..size {
            some.insert(format!("standin{number}"), like.clone());
        }
        Value::Object(some)
    };
    if let Some(least) = length_of(about, "minProperties").filter(|least| *least <= MOST) {
        all.push(tried(of_size(least), "the fewest properties"));
        all.extend(least.checked_sub(1).map(|size| tried(of_size(size), "too few properties")));
    }
    if let Some(most) = length_of(about, "maxProperties").filter(|most| *most <= MOST) {
        all.push(tried(of_size(most), "the most properties"));
        all.push(tried(of_size(most + 1), "too many properties"));
    }
    all
}
