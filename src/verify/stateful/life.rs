//! What is made is there, is what was sent, and stays so until it is deleted; then it is gone.
//!
//! Read [`made`] and [`deleted`] first.

use serde_json::{Map, Value};

use super::{
    METHODS,
    course::{Course, Fill, Made, Seen},
    equal::{Difference, difference, loss, shown},
    list,
};
use crate::{
    exchange::Handler,
    finding::Pointer,
    plan::resource::{Resource, text_of},
    verify::check::Check,
};

/// Words by which a provider says that something is there only to be remembered.
const ENDED: [&str; 9] =
    ["delet", "cancel", "archiv", "remov", "inactiv", "disabl", "revok", "terminat", "closed"];

/// Made, then read.
pub(super) async fn made<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    fill: Fill,
) -> Option<()> {
    let made = course.make(resource, fill).await?;
    let seen = course.read(resource, &made.held).await?;
    if is_lost(course, &seen) {
        return Some(());
    }
    let body = seen.done()?.body?;
    compare(course, resource, &made, resource.told(&body));
    Some(())
}

/// Accuses of what was made and cannot be read.
fn is_lost<H: Handler>(course: &mut Course<'_, '_, H>, seen: &Seen) -> bool {
    if seen.is_gone() {
        let message = format!("a {} for what was made just before", seen.status);
        course.accuse(Check::CreatedNotReadable, &Pointer::root(), message, "what is made can be read");
    }
    seen.is_gone()
}

/// What was answered when it was made is read, and nothing of what was sent is lost.
fn compare<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource, made: &Made, told: &Value) {
    let Some(read) = resource.acts.read else { return };
    let empty = Value::Null;
    let answered = resource.told(made.seen.body.as_ref().unwrap_or(&empty));
    for (name, sent) in &made.sent {
        let is_told = course.is_told(read, resource, name);
        let got = told.get(name);
        if !is_told && got.is_none() {
            continue;
        }
        let at = Pointer::root().join(name);
        let answered = answered.get(name);
        let found = answered.and_then(|answered| of_one_type(difference(&at, answered, got)));
        let word = if found.is_some() { "answered" } else { "sent" };
        let found = found.or_else(|| loss(&at, sent, got));
        if let Some(found) = found {
            return differs(course, Check::ReadDiffers, &found, word);
        }
    }
}

/// Where another type came, a property means something else here, such as a reference to what it was made from.
fn of_one_type(found: Option<Difference>) -> Option<Difference> {
    found.filter(|found| {
        let kind = std::mem::discriminant(&found.expected);
        found.got.as_ref().is_none_or(|got| got.is_null() || std::mem::discriminant(got) == kind)
    })
}

pub(super) fn differs<H: Handler>(
    course: &mut Course<'_, '_, H>,
    check: Check,
    found: &Difference,
    word: &str,
) {
    let message =
        format!("`{}` was {word} as {}, and is read as {}", found.at, shown(&found.expected), found.got());
    course.accuse(check, &found.at, message, "what is written stays as it was written");
}

/// The first of some properties that is not read as it was.
pub(super) fn changed<'n>(
    names: impl IntoIterator<Item = &'n String>,
    before: &Value,
    after: &Value,
) -> Option<Difference> {
    names
        .into_iter()
        .find_map(|name| difference(&Pointer::root().join(name), before.get(name)?, after.get(name)))
}

/// Two made, then the first one read again.
pub(super) async fn made_twice<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
) -> Option<()> {
    let one = course.make(resource, Fill::Full).await?;
    let before = if course.does_without() { None } else { Some(course.told(resource, &one.held).await?) };
    let draft = course.draft(resource.acts.create?, Fill::Full)?;
    let (other, draft) = course.create(resource, draft, &one.held).await?;
    let id = other.done()?.id?;
    if is_given_again(course, resource, &one, &id, draft.body.as_ref().map(|(_, body)| body)) {
        return Some(());
    }
    let before = before?;
    let after = course.told(resource, &one.held).await?;
    if let Some(found) = changed(one.sent.keys(), &before, &after) {
        differs(course, Check::ReadDiffers, &found, "read before");
    }
    Some(())
}

/// Accuses of an id that two have; those that the client chooses may be the same.
fn is_given_again<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    one: &Made,
    id: &Value,
    sent: Option<&Value>,
) -> bool {
    let is_chosen = |body: &Map<String, Value>| body.values().any(|value| text_of(value) == text_of(id));
    let is_chosen = sent.and_then(Value::as_object).is_some_and(is_chosen);
    let is_same = text_of(id) == text_of(&one.id) && !is_chosen;
    if is_same {
        let message = format!("the id {} was given before, to another `{}`", shown(id), resource.path);
        course.accuse(Check::IdReused, &Pointer::root(), message, "an id names one thing");
    }
    is_same
}

/// Made, deleted, then looked for.
pub(super) async fn deleted<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let delete = resource.acts.delete?;
    let made = course.make(resource, Fill::Least).await?;
    let draft = course.draft(delete, Fill::Least)?;
    course.send(delete, draft.clone(), &made.held).await?.done()?;
    let seen = match resource.acts.read {
        Some(_) if !course.does_without() => course.read(resource, &made.held).await,
        _ => None,
    };
    let mut is_remembered = false;
    if let Some(seen) = seen.filter(Seen::is_success) {
        let told = seen.body.as_ref().map(|body| resource.told(body).clone());
        is_remembered = told.is_some_and(|told| is_ended(&told));
        if !is_remembered {
            let message = format!("a {} for what was deleted just before", seen.status);
            course.accuse(
                Check::UseAfterDelete,
                &Pointer::root(),
                message,
                "what is deleted is answered with 404 or 410",
            );
        }
    }
    if !course.does_without() {
        course.send(delete, draft, &made.held).await?;
    }
    if !is_remembered && resource.acts.list.is_some() && !course.does_without() {
        list::not_listed(course, resource, &made).await;
    }
    let draft = course.draft(resource.acts.create?, Fill::Least)?;
    let (other, draft) = course.create(resource, draft, &made.held).await?;
    let id = other.done()?.id?;
    is_given_again(course, resource, &made, &id, draft.body.as_ref().map(|(_, body)| body));
    Some(())
}

/// Whether something says of itself that it is no more.
pub(super) fn is_ended(told: &Value) -> bool {
    let says = |text: &str| ENDED.iter().any(|word| text.to_ascii_lowercase().contains(word));
    told.as_object().into_iter().flatten().any(|(name, value)| match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) if says(text) && text.len() < 24 => true,
        _ => says(name),
    })
}

/// Made, then asked for with what is refused; it stays as it was.
pub(super) async fn refused<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let read = resource.acts.read?;
    let made = course.make(resource, Fill::Full).await?;
    let before = course.told(resource, &made.held).await?;
    let operation = course.operation(read);
    let operations = &course.verifier.plan.apis()[course.api].operations;
    let of_path = |method: &http::Method| {
        operations.iter().any(|other| other.path == operation.path && other.method == *method)
    };
    let mut is_tried = !course.does_without() && wrong(course, resource, &made).await.unwrap_or(false);
    let absent: Vec<_> = METHODS.into_iter().filter(|method| !of_path(method)).collect();
    for method in absent {
        if course.does_without() {
            continue;
        }
        let draft = course.draft(read, Fill::Least)?;
        let seen = course.send_raw(read, draft, &made.held, method).await?;
        is_tried |= (400..500).contains(&seen.status);
        if seen.is_success() {
            return None;
        }
    }
    let seen = course.read(resource, &made.held).await?;
    let told = seen.body.as_ref().map(|body| resource.told(body).clone());
    let found = match told.filter(|_| seen.is_success()) {
        Some(after) => changed(made.sent.keys(), &before, &after),
        None => None,
    };
    if is_tried && seen.is_gone() {
        let message = format!("a {} after requests that were refused", seen.status);
        course.accuse(Check::RefusalActs, &Pointer::root(), message, "what is refused changes nothing");
    }
    if let Some(found) = found.filter(|_| is_tried) {
        differs(course, Check::RefusalActs, &found, "read before");
    }
    Some(())
}

/// Sends an update in which one value is wrong and all others are new; whether it was refused.
async fn wrong<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource, made: &Made) -> Option<bool> {
    let update = resource.acts.update?;
    let mut draft = course.draft(update, Fill::Full)?;
    let schema = course.schema(update, &draft)?;
    let (_, body) = draft.body.as_mut()?;
    let wrong = body.as_object()?.keys().rev().find_map(|name| {
        let mut wrong = body.clone();
        wrong[name] = serde_json::json!({"standin": []});
        (!schema.is_valid(&wrong)).then_some(wrong)
    })?;
    *body = wrong;
    let seen = course.send(update, draft, &made.held).await?;
    Some((400..500).contains(&seen.status))
}
