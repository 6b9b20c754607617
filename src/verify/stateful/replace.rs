//! A replacement → all that it sends is there, and nothing else; the same again changes nothing (RFC 9110, sections 9.2.2
//! and 9.3.4).
//!
//! Read [`replaced`] and [`replaced_by_less`] first.

use serde_json::{Map, Value};

use super::{
    course::{Course, Fill, Made},
    equal::{difference, shown},
    life::changed,
    update::unkept,
};
use crate::{
    exchange::Handler,
    finding::Pointer,
    plan::{Draft, resource::Resource},
    verify::check::Check,
};

/// A replacement of what was made, which says the same id where it says one.
fn drafted<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    made: &Made,
    fill: Fill,
) -> Option<Draft> {
    let replace = resource.acts.replace?;
    let mut draft = course.draft(replace, fill)?;
    let schema = course.schema(replace, &draft);
    let (_, body) = draft.body.as_mut()?;
    let names: Vec<String> =
        body.as_object()?.keys().filter(|name| resource.is_own_name(name)).cloned().collect();
    for name in names {
        let mut other = body.clone();
        other[&name] = made.id.clone();
        if schema.is_none_or(|schema| schema.is_valid(&other)) {
            *body = other;
        }
    }
    Some(draft)
}

/// Made, replaced twice by the same, then read.
pub(super) async fn replaced<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let (replace, read) = resource.acts.replace.zip(resource.acts.read)?;
    let made = course.make(resource, Fill::Full).await?;
    let before = course.told(resource, &made.held).await?;
    let draft = drafted(course, resource, &made, Fill::Long)?;
    let sent = course.told_again(replace, &draft);
    let seen = course.send(replace, draft.clone(), &made.held).await?.done()?;
    let after = course.told(resource, &made.held).await?;
    let answered = seen.body.as_ref().map(|body| resource.told(body));
    let told = sent.keys().filter(|name| course.is_told(read, resource, name));
    let found = told.into_iter().find_map(|name| unkept(name, &sent, answered, &before, &after));
    if let Some(found) = found {
        found.told(course, Check::PutNotKept);
        return Some(());
    }
    let again = course.send(replace, draft, &made.held).await?;
    if matches!(again.status, 400 | 404 | 405 | 409 | 410 | 422) {
        let message = format!("a {} to what was answered with a {} just before", again.status, seen.status);
        course.accuse(
            Check::PutNotRepeatable,
            &Pointer::root(),
            message,
            "PUT is idempotent (RFC 9110, section 9.2.2)",
        );
        return Some(());
    }
    again.done()?;
    let later = course.told(resource, &made.held).await?;
    if let Some(found) = changed(sent.keys(), &after, &later) {
        let (was, is) = (shown(&found.expected), found.got());
        let message =
            format!("`{}` was {was} after it was sent once, and is {is} after it was sent twice", found.at);
        course.accuse(
            Check::PutNotRepeatable,
            &found.at,
            message,
            "PUT is idempotent (RFC 9110, section 9.2.2)",
        );
    }
    Some(())
}

/// Replaced by one with everything, then by one with what is required.
pub(super) async fn replaced_by_less<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
) -> Option<()> {
    let replace = resource.acts.replace?;
    let made = course.make(resource, Fill::Least).await?;
    let full = drafted(course, resource, &made, Fill::Long)?;
    let sent = full.body.as_ref()?.1.as_object()?.clone();
    course.send(replace, full, &made.held).await?.done()?;
    let before = course.told(resource, &made.held).await?;
    let least = drafted(course, resource, &made, Fill::Least)?;
    let rest = least.body.as_ref()?.1.as_object()?.clone();
    course.send(replace, least, &made.held).await?.done()?;
    let after = course.told(resource, &made.held).await?;
    let root = Pointer::root();
    let is_left = |(name, value): &(&String, &Value)| {
        let stays = |told: &Value| {
            told.get(name.as_str()).is_some_and(|told| difference(&root, value, Some(told)).is_none())
        };
        !rest.contains_key(*name) && is_telling(value) && stays(&before) && stays(&after)
    };
    let left = sent.iter().find(is_left);
    if let Some((name, value)) = left {
        let message = format!(
            "`/{name}` is {}, as the replacement before this one said; this one says nothing of it",
            shown(value)
        );
        course.accuse(
            Check::PutMerges,
            &root.join(name),
            message,
            "what a replacement leaves out is gone, or as it is for want of a word",
        );
    }
    Some(())
}

/// Whether a value is none that things have of themselves.
fn is_telling(value: &Value) -> bool {
    let any = |members: &Map<String, Value>| members.values().any(is_telling);
    match value {
        Value::String(text) => text.len() >= 6,
        Value::Number(number) => {
            number.as_f64().is_some_and(|number| number.abs() > 10.0 || number.fract() != 0.0)
        }
        Value::Array(items) => items.iter().any(is_telling),
        Value::Object(members) => any(members),
        Value::Null | Value::Bool(_) => false,
    }
}
