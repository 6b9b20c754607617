//! A provider → whether it keeps anything: one that makes all of its answers up is a mock, and is not held to what it made.
//!
//! It keeps something where it says of an id that was never made that there is no such thing, or where a value that was sent
//! is read again. Both have to fail, for every resource, before a provider is let off: one that loses things tells apart
//! what it has and what it has not, or tells something of what it was given. Read [`keeps`] first.

use serde_json::{Map, Value, json};

use super::{
    course::{Course, Fill, Made},
    equal::is_same,
};
use crate::{
    exchange::Handler,
    plan::resource::{Resource, text_of},
};

/// How short a text is that two people might both have come upon.
const SHORT: usize = 8;

/// How small a number is that is likely to be met by chance.
const SMALL: f64 = 1000.0;

/// Whether the provider shows that it keeps what it is given.
pub(super) async fn keeps<H: Handler>(course: &mut Course<'_, '_, H>, resources: &[Resource]) -> bool {
    for resource in resources {
        course.again();
        if resource.acts.create.is_some() && keeps_one(course, resource).await == Some(true) {
            return true;
        }
    }
    false
}

/// `None` where the answers do not tell.
async fn keeps_one<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<bool> {
    let mut made = Vec::new();
    for fill in [Fill::Long, Fill::Full] {
        made.push(course.make(resource, fill).await?);
    }
    // In the list the one shows what it keeps of all.
    if resource.acts.read.is_none() {
        return Some(shows_in_list(course, resource, &made[0]).await == Some(true));
    }
    // What is told of that which was never made, nobody has sent.
    let mut invented = Vec::new();
    for number in 0..2 {
        let mut held = made[0].held.clone();
        held.put(resource, never_made(&made[0].id, number));
        let seen = course.read(resource, &held).await?;
        if seen.is_gone() {
            return Some(true);
        }
        invented.extend(seen.body.map(|body| resource.told(&body).clone()));
    }
    let one = course.told(resource, &made[0].held).await;
    let other = course.told(resource, &made[1].held).await;
    let kept = |told: &Option<Value>, made: &Made| {
        told.as_ref().map(|told| repeated(&made.sent, &made.id, told, &invented)).unwrap_or_default()
    };
    let others = kept(&other, &made[1]);
    if kept(&one, &made[0]).iter().any(|name| others.contains(name) && differ(&made, name)) {
        return Some(true);
    }
    shows_in_list(course, resource, &made[0]).await
}

/// An id that nobody was given, of the kind of one that was.
fn never_made(id: &Value, number: usize) -> Value {
    match id {
        Value::Number(_) => json!(987_654_321 + number),
        Value::String(text) if text.parse::<i64>().is_ok() => format!("98765432{number}").into(),
        Value::String(text) => {
            // Every third character turned keeps what is between, such as the hyphens and the version of a UUID.
            let turned = |(at, character): (usize, char)| match character {
                '0'..='8' if at % 3 == number => char::from_u32(u32::from(character) + 1).unwrap_or('0'),
                '9' if at % 3 == number => '0',
                'a'..='e' if at % 3 == number => char::from_u32(u32::from(character) + 1).unwrap_or('a'),
                other => other,
            };
            let turned: String = text.chars().enumerate().map(turned).collect();
            if turned == *text { format!("{text}{number}").into() } else { turned.into() }
        }
        other => other.clone(),
    }
}

/// The properties that are read as they were sent, hardly by chance, and that are not `invented`; the id that was asked for
/// is said again by whoever makes an answer up.
fn repeated(sent: &Map<String, Value>, id: &Value, told: &Value, invented: &[Value]) -> Vec<String> {
    let is_telling = |value: &Value| {
        value.as_str().is_some_and(|text| text.len() >= SHORT)
            || value.as_f64().is_some_and(|number| number.abs() >= SMALL)
    };
    let says =
        |told: &Value, name: &str, value: &Value| told.get(name).is_some_and(|told| is_same(value, told));
    let kept = sent.iter().filter(|(name, value)| {
        is_telling(value)
            && text_of(value) != text_of(id)
            && says(told, name, value)
            && !invented.iter().any(|invented| says(invented, name, value))
    });
    kept.map(|(name, _)| name.clone()).collect()
}

fn differ(made: &[Made], name: &str) -> bool {
    made[0].sent.get(name) != made[1].sent.get(name)
}

/// Whether the list tells of one more what was sent for it, and told nothing of that before.
async fn shows_in_list<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    made: &Made,
) -> Option<bool> {
    let before = listed(course, resource, made).await?;
    let draft = course.draft(resource.acts.create?, Fill::Long)?;
    let (seen, draft) = course.create(resource, draft, &made.held).await?;
    let id = seen.done()?.id?;
    let sent = course.told_again(resource.acts.create?, &draft);
    let after = listed(course, resource, made).await?;
    Some(after.iter().any(|item| !repeated(&sent, &id, item, &before).is_empty()))
}

/// What the first page of the list tells of each.
async fn listed<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    made: &Made,
) -> Option<Vec<Value>> {
    let list = resource.acts.list?;
    let draft = course.draft(list, Fill::Least)?;
    let seen = course.send(list, draft, &made.held).await?.done()?;
    let items = resource.items(seen.body.as_ref()?)?.iter();
    Some(items.map(|item| resource.told(item).clone()).collect())
}
