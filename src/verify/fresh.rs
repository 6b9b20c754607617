//! A case → the same with other texts wherever texts do not matter, so that what must be unique never collides.
//!
//! A text keeps its length and the kinds of its characters, where anything is written about it, and what must become of the
//! request stays the same. Read [`Planner::freshen`] first.

use http::Method;
use serde_json::Value;

use super::{
    Phase,
    case::{Case, Expected, Planner, Shape, Subject},
};
use crate::{
    finding::{Pointer, Trail},
    plan::{Address, Draft},
    schema::{Dice, Schema, Written},
};

/// How long a text is at least, where nothing speaks against it.
const LONG: usize = 8;
/// The longest text that is made anew.
const LONGEST: usize = 2000;
/// The numbers of fresh values, apart from those of drafts.
const FRESH: u64 = 1 << 41;

/// Which texts are made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those with a pattern or a format, too, which may break by it.
    All,
    /// Only those about which nothing is written but their length.
    Free,
}

impl Planner<'_> {
    /// Gives the body of a case texts that no other case has, but for what is tried and for what the document shows.
    pub(super) fn freshen(&self, case: &mut Case, number: u64) {
        let kept = match &case.shape {
            Shape::Draft(_, Subject::Body(at)) => Some(at.clone()),
            Shape::Draft(_, Subject::Shown(_)) => return,
            _ => None,
        };
        if case.phase == Phase::Examples {
            return;
        }
        let (address, draft) = (case.address, case.shape.draft());
        let before = match (&case.shape, &case.expected) {
            (Shape::Draft(..), expected @ (Expected::Accepted | Expected::Refused(_))) => expected.clone(),
            // What is done to the request afterwards is done to a right one.
            _ => Expected::Accepted,
        };
        for reach in [Reach::All, Reach::Free] {
            let mut dice = self.dice(address, FRESH | number);
            let Some(fresh) = self.fresh(address, draft, kept.as_ref(), reach, &mut dice) else { return };
            if self.meaning(address, &fresh).is_some_and(|after| is_same(&before, &after)) {
                *case.shape.draft_mut() = fresh;
                return;
            }
        }
    }

    fn meaning(&self, address: Address, draft: &Draft) -> Option<Expected> {
        self.expected(address, &self.plan.write(address, draft).ok()?)
    }

    fn fresh(
        &self,
        address: Address,
        draft: &Draft,
        kept: Option<&Pointer>,
        reach: Reach,
        dice: &mut Dice,
    ) -> Option<Draft> {
        let (number, value) = draft.body.as_ref()?;
        let content = self.operation(address).body.as_ref()?.content.get(*number)?;
        let about = content.schema.as_ref()?.about();
        let mut value = value.clone();
        renew(&mut value, &about, &Trail::root(), &mut |at, text, about| {
            let is_kept = kept.is_some_and(|kept| at.as_str().starts_with(kept.as_str()));
            (!is_kept).then(|| renewed(text, about, reach, dice)).flatten()
        });
        let is_made = self.operation(address).method == Method::POST;
        if is_made && kept.is_none_or(|kept| !kept.as_str().starts_with("/id")) {
            other_id(&mut value, content.schema.as_ref()?, |name| name == "id", dice);
        }
        Some(Draft { body: Some((*number, value)), ..draft.clone() })
    }
}

/// Gives an object that tells its own id another one, where `is_id` knows its name: who asks for the same id twice may get
/// the same thing twice.
pub(super) fn other_id(value: &mut Value, schema: &Schema, is_id: impl Fn(&str) -> bool, dice: &mut Dice) {
    const MOST: u64 = 1 << 31;
    let about = schema.about();
    for (name, member) in value.as_object_mut().into_iter().flatten().filter(|(name, _)| is_id(name)) {
        let other = match &*member {
            Value::Number(number) if number.is_u64() => Some((1 + dice.below(MOST - 1)).into()),
            Value::String(text) => renewed(text, &about.property(name), Reach::All, dice).map(Value::from),
            _ => None,
        };
        let fits = |other: &Value| schema.property(name).is_some_and(|schema| schema.is_valid(other));
        if let Some(other) = other.filter(fits) {
            *member = other;
        }
    }
}

fn is_same(before: &Expected, after: &Expected) -> bool {
    match (before, after) {
        (Expected::Refused(before), Expected::Refused(after)) => {
            (before.code, &before.location, &before.keyword) == (after.code, &after.location, &after.keyword)
        }
        (before, after) => before == after,
    }
}

/// What a text becomes, by its place and what is written about it; `None` where it stays.
type Renew<'r> = &'r mut dyn FnMut(&Pointer, &str, &Written<'_>) -> Option<String>;

fn renew(value: &mut Value, about: &Written<'_>, trail: &Trail<'_>, with: Renew<'_>) {
    match value {
        Value::String(text) => {
            if let Some(fresh) = with(&trail.pointer(), text, about) {
                *text = fresh;
            }
        }
        Value::Object(members) => {
            let discriminator = about.keyword("discriminator").and_then(|told| told.get("propertyName"));
            let others =
                members.iter_mut().filter(|(name, _)| discriminator.is_none_or(|told| told != name.as_str()));
            for (name, member) in others {
                renew(member, &about.property(name), &trail.key(name), with);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                renew(item, &about.item(at), &trail.index(at), with);
            }
        }
        _ => {}
    }
}

/// A text of the same kind; `None` where its own words count.
fn renewed(text: &str, about: &Written<'_>, reach: Reach, dice: &mut Dice) -> Option<String> {
    let has = |keyword: &str| about.keyword(keyword).is_some();
    if text.is_empty() || text.len() > LONGEST || has("enum") || has("const") {
        return None;
    }
    let is_free = !["pattern", "format", "contentEncoding", "contentMediaType"].into_iter().any(has);
    if is_free {
        if is_telling(text) {
            return None;
        }
        let most =
            about.keyword("maxLength").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok());
        let own = text.chars().count();
        let length = own.max(LONG.min(most.unwrap_or(LONG)));
        return Some(
            text.chars().chain("a".chars().cycle()).take(length).map(|one| rolled(one, dice)).collect(),
        );
    }
    match about.keyword("format").and_then(Value::as_str) {
        _ if reach == Reach::Free => None,
        Some("uuid") => {
            // The version and the variant stay (RFC 9562, section 4).
            let kept = [14, 19];
            let hex = |dice: &mut Dice| char::from_digit(u32::try_from(dice.below(16)).unwrap_or(0), 16);
            let characters = text.chars().enumerate();
            let fresh = characters.map(|(at, one)| match one {
                _ if kept.contains(&at) || !one.is_ascii_hexdigit() => one,
                _ => hex(dice).unwrap_or(one),
            });
            Some(fresh.collect())
        }
        Some("email" | "idn-email") => {
            let (local, host) = text.rsplit_once('@')?;
            let padded = local.chars().chain("a".chars().cycle()).take(local.chars().count().max(LONG));
            Some(format!("{}@{host}", padded.map(|one| rolled(one, dice)).collect::<String>()))
        }
        None => Some(text.chars().map(|one| rolled(one, dice)).collect()),
        Some(_) => None,
    }
}

/// Whether a text looks like one that somebody may look up, though nothing is written about it: a code of a country or a
/// currency, a place, a date.
fn is_telling(text: &str) -> bool {
    let is_code = (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_date =
        text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_digit() || b"-:.TZ+".contains(&byte));
    is_code || is_date || text.contains('/')
}

/// Another character of the same kind.
fn rolled(character: char, dice: &mut Dice) -> char {
    let (first, many) = match character {
        'a'..='z' => (b'a', 26),
        'A'..='Z' => (b'A', 26),
        '0'..='9' => (b'0', 10),
        other => return other,
    };
    char::from(first + u8::try_from(dice.below(many)).unwrap_or(0))
}
