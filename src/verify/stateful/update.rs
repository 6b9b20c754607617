//! An update of one property → that property is changed, and no other (RFC 5789, section 2).
//!
//! Read [`updated`] first.

use serde_json::{Map, Value};

use super::{
    course::{Course, Fill},
    equal::{Difference, difference, is_kept, loss, shown},
    life::{changed, differs},
};
use crate::{
    exchange::Handler,
    finding::Pointer,
    plan::{Draft, resource::Resource},
    verify::check::Check,
};

/// How often another value is looked for.
const ATTEMPTS: usize = 8;

/// Made, one property updated, then read.
pub(super) async fn updated<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    name: &String,
    fill: Fill,
) -> Option<()> {
    let update = resource.acts.update?;
    let made = course.make(resource, fill).await?;
    let before = course.told(resource, &made.held).await?;
    let draft = drafted(course, update, name, before.get(name))?;
    let draft = course.lessened(update, draft);
    let sent = draft.body.as_ref()?.1.as_object()?.clone();
    let is_told = course.told_again(update, &draft).contains_key(name);
    let seen = course.send(update, draft, &made.held).await?.done()?;
    let after = course.told(resource, &made.held).await?;
    let answered = seen.body.as_ref().map(|body| resource.told(body));
    let is_told = is_told && course.is_told(resource.acts.read?, resource, name);
    if let Some(unkept) = unkept(name, &sent, answered, &before, &after).filter(|_| is_told) {
        unkept.told(course, Check::PatchNotKept);
        return Some(());
    }
    let others = made.sent.keys().filter(|other| !sent.contains_key(*other));
    if let Some(found) = changed(others, &before, &after) {
        let (was, is) = (shown(&found.expected), found.got());
        let message = format!("`/{name}` alone was sent, and `{}` was {was} before and is {is}", found.at);
        course.accuse(
            Check::PatchChangesMore,
            &found.at,
            message,
            "an update leaves what it does not send as it is",
        );
    }
    Some(())
}

/// An update with another value of one property, and with what every update must have.
fn drafted<H: Handler>(
    course: &mut Course<'_, '_, H>,
    update: usize,
    name: &str,
    before: Option<&Value>,
) -> Option<Draft> {
    let root = Pointer::root();
    (0..ATTEMPTS).find_map(|attempt| {
        // A text that was cut off on the way shows only where it is long.
        let fill = if attempt % 2 == 0 { Fill::Long } else { Fill::Full };
        let whole = course.whole(update, fill)?;
        let (content, body) = whole.body.clone()?;
        let value = body.get(name).filter(|value| !value.is_null())?.clone();
        let is_other = before.is_none_or(|before| difference(&root, &value, Some(before)).is_some());
        let least = course.whole(update, Fill::Least)?;
        let least = least.body.and_then(|(_, body)| body.as_object().cloned()).unwrap_or_default();
        let alone: Map<String, Value> = [(name.to_owned(), value.clone())].into_iter().collect();
        let mut with = least;
        with.insert(name.to_owned(), value);
        let schema = course.schema(update, &whole);
        let fits = |body: &Value| schema.is_none_or(|schema| schema.is_valid(body));
        let body = [Value::Object(alone), Value::Object(with)].into_iter().find(fits)?;
        is_other.then_some(Draft { body: Some((content, body)), ..whole })
    })
}

/// What of a sent property is not read.
pub(super) enum Unkept {
    /// It is read otherwise than it was answered or sent.
    Differs(Difference, &'static str),
    /// It is what it was before.
    Same(Difference),
}

impl Unkept {
    pub(super) fn told<H: Handler>(&self, course: &mut Course<'_, '_, H>, check: Check) {
        match self {
            Self::Differs(found, word) => differs(course, check, found, word),
            Self::Same(found) => {
                let message = format!(
                    "`{}` was sent as {}, and is still {}",
                    found.at,
                    shown(&found.expected),
                    found.got()
                );
                course.accuse(check, &found.at, message, "what is written stays as it was written");
            }
        }
    }
}

/// Whether a property is read as it was sent, as far as that can be told.
pub(super) fn unkept(
    name: &str,
    sent: &Map<String, Value>,
    answered: Option<&Value>,
    before: &Value,
    after: &Value,
) -> Option<Unkept> {
    let at = Pointer::root().join(name);
    let (sent, got) = (sent.get(name)?, after.get(name));
    let answered = answered.and_then(|answered| answered.get(name));
    let found = answered.and_then(|answered| difference(&at, answered, got));
    if let Some(found) = found {
        return Some(Unkept::Differs(found, "answered"));
    }
    if let Some(found) = loss(&at, sent, got) {
        return Some(Unkept::Differs(found, "sent"));
    }
    let same = before.get(name).zip(got).filter(|(before, got)| is_kept(before, sent, got));
    same.map(|(_, got)| Unkept::Same(Difference { at, expected: sent.clone(), got: Some(got.clone()) }))
}
