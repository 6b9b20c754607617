//! What was made is on some page of its list, once; what was deleted is on none; pages are as long as they are asked to be.
//!
//! An accusation of a list is made only where it shows twice: somebody else may have changed it meanwhile. Read [`listed`]
//! and [`paged`] first.

use serde_json::Value;

use super::{
    course::{Course, Fill, Made, Seen},
    equal::shown,
    life,
};
use crate::{
    exchange::Handler,
    finding::Pointer,
    plan::{
        Draft,
        resource::{
            Resource,
            page::{self, Paging, Start},
            text_of,
        },
    },
    verify::{check::Check, session::Held},
};

/// How many pages are turned, at most.
const PAGES: usize = 60;

/// How long pages are where that can be said.
const LENGTH: u64 = 100;

/// How often something has to show before it is told.
const SIGHTS: usize = 2;

/// A page, and the items on it.
struct Page {
    seen: Seen,
    body: Value,
    items: Vec<Value>,
}

/// All of a list that was seen.
#[derive(Default)]
struct Walk {
    items: Vec<Value>,
    /// Whether there are no more.
    is_whole: bool,
    /// An item that was seen twice.
    twice: Option<Value>,
}

/// Asks for a page.
async fn turned<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    draft: Draft,
    held: &Held,
) -> Option<Page> {
    let seen = course.send(resource.acts.list?, draft, held).await?.done()?;
    let body = seen.body.clone()?;
    let items = resource.items(&body)?.clone();
    Some(Page { seen, body, items })
}

/// The same request with another value of a query parameter.
pub(super) fn with(draft: &Draft, parameter: usize, value: Value) -> Draft {
    let mut draft = draft.clone();
    draft.parameters.retain(|(number, _)| *number != parameter);
    draft.parameters.push((parameter, value));
    draft
}

/// All pages of the list that a draft asks for, as far as they can be turned, until an item is found.
async fn walk<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    draft: &Draft,
    held: &Held,
    wanted: impl Fn(&Value) -> bool,
) -> Option<Walk> {
    let operation = course.operation(resource.acts.list?);
    let paging = Paging::of(operation);
    let limit =
        paging.limit.and_then(|limit| Some((limit, page::length(&operation.parameters[limit], LENGTH)?)));
    let mut draft = match limit {
        Some((parameter, length)) => with(draft, parameter, length.into()),
        None => draft.clone(),
    };
    let mut walk = Walk::default();
    for number in 0..PAGES as u64 {
        let Page { seen, body, items } = turned(course, resource, draft.clone(), held).await?;
        let ids = |items: &[Value]| -> Vec<String> {
            items.iter().filter_map(|item| resource.named_in(resource.told(item)).map(text_of)).collect()
        };
        let known = ids(&walk.items);
        let again =
            items.iter().find(|item| ids(std::slice::from_ref(item)).iter().any(|id| known.contains(id)));
        walk.twice = walk.twice.or_else(|| again.cloned());
        let count = items.len();
        let is_found = items.iter().any(&wanted);
        walk.items.extend(items);
        if is_found {
            return Some(walk);
        }
        let is_last = count == 0 || walk.twice.is_some();
        draft = match paging.start {
            Some(_) if is_last => {
                walk.is_whole = count == 0;
                return Some(walk);
            }
            Some(Start::Offset(parameter)) => with(&draft, parameter, walk.items.len().into()),
            Some(Start::Page(parameter)) => {
                with(&draft, parameter, (page::first(&operation.parameters[parameter]) + number + 1).into())
            }
            Some(Start::Cursor(parameter)) => {
                let Some(next) = page::next(&operation.parameters[parameter].name, &seen.response, &body)
                else {
                    walk.is_whole = true;
                    return Some(walk);
                };
                with(&draft, parameter, next.into())
            }
            None => {
                // A list that is cut off without a word has a round number of items.
                let is_cut = page::has_more(&seen.response, &body)
                    || limit.is_some_and(|(_, length)| count as u64 >= length)
                    || (count > 0 && count.is_multiple_of(10));
                walk.is_whole = !is_cut;
                return Some(walk);
            }
        };
    }
    Some(walk)
}

/// The request for a list in which something stands that is told so: with what is required of it, as it is told.
fn asked<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource, told: &Value) -> Option<Draft> {
    let list = resource.acts.list?;
    let operation = course.operation(list);
    let paging = Paging::of(operation);
    let mut draft = course.draft(list, Fill::Least)?;
    let parameters = &operation.parameters;
    for (number, parameter) in parameters.iter().enumerate() {
        let is_query = parameter.part == crate::finding::Part::Query;
        let is_sent = draft.parameters.iter().any(|(held, _)| *held == number);
        let has_default =
            parameter.schema.as_ref().is_some_and(|schema| schema.about().certain("default").is_some());
        if !is_query || paging.has(number) || !(is_sent || has_default) {
            continue;
        }
        // What the list leaves out by itself has to be asked for.
        match told.get(&parameter.name).filter(|value| value.is_string() || value.is_boolean()) {
            Some(value) => draft = with(&draft, number, value.clone()),
            None if is_sent => return None,
            None => {}
        }
    }
    Some(draft)
}

/// Made, then looked for in the list.
pub(super) async fn listed<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let made = course.make(resource, Fill::Full).await?;
    let told = match resource.acts.read {
        Some(_) => course.told(resource, &made.held).await?,
        None => resource.told(made.seen.body.as_ref()?).clone(),
    };
    let draft = asked(course, resource, &told)?;
    let is_it = |item: &Value| resource.is_named(item, &made.id);
    for sight in 1..=SIGHTS {
        let walk = walk(course, resource, &draft, &made.held, is_it).await?;
        if walk.items.iter().any(is_it) {
            return Some(());
        }
        if let Some(twice) = walk.twice {
            if sight == SIGHTS {
                let id = resource.named_in(resource.told(&twice)).map(shown).unwrap_or_default();
                let message = format!("the item {id} stands on two pages");
                course.accuse(
                    Check::OffsetIgnored,
                    &Pointer::root(),
                    message,
                    "each item stands on one page",
                );
            }
            continue;
        }
        let has_ids = walk.items.iter().all(|item| resource.named_in(resource.told(item)).is_some());
        if !walk.is_whole || !has_ids {
            return None;
        }
        if sight == SIGHTS {
            let message = format!(
                "{} is on no page of the list, which has {} item(s)",
                shown(&made.id),
                walk.items.len()
            );
            course.accuse(Check::CreatedNotListed, &Pointer::root(), message, "what is there is listed");
        }
    }
    Some(())
}

/// Accuses of what was deleted and is listed.
pub(super) async fn not_listed<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    made: &Made,
) -> Option<()> {
    let told = resource.told(made.seen.body.as_ref()?).clone();
    let draft = asked(course, resource, &told)?;
    let is_it = |item: &Value| resource.is_named(item, &made.id);
    let walk = walk(course, resource, &draft, &made.held, is_it).await?;
    let left = walk.items.into_iter().find(is_it)?;
    if !life::is_ended(resource.told(&left)) {
        let message = format!("{} is listed though it was deleted", shown(&made.id));
        course.accuse(Check::DeletedListed, &Pointer::root(), message, "what is deleted is not listed");
    }
    Some(())
}

/// Several made, then listed in short pages.
pub(super) async fn paged<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let list = resource.acts.list?;
    let operation = course.operation(list);
    let paging = Paging::of(operation);
    let limit = paging.limit?;
    let length = page::length(&operation.parameters[limit], 2).filter(|length| *length < 20)?;
    let made = course.make(resource, Fill::Full).await?;
    for _ in 0..=length {
        if course.does_without() {
            continue;
        }
        let draft = course.draft(resource.acts.create?, Fill::Full)?;
        course.create(resource, draft, &made.held).await?.0.done()?;
    }
    let told = resource.told(made.seen.body.as_ref()?).clone();
    let draft = with(&asked(course, resource, &told)?, limit, length.into());
    let first = turned(course, resource, draft.clone(), &made.held).await?;
    if first.items.len() as u64 > length {
        let name = &operation.parameters[limit].name;
        let message = format!("{} items on a page, with `{name}={length}`", first.items.len());
        course.accuse(
            Check::LimitIgnored,
            &Pointer::root(),
            message,
            "a page is no longer than is asked for",
        );
        return Some(());
    }
    for sight in 1..=SIGHTS {
        let first = turned(course, resource, draft.clone(), &made.held).await?;
        if first.items.is_empty() {
            return None;
        }
        let Some(wrong) = out_of_step(course, resource, &draft, &made.held, &first, paging.start?).await?
        else {
            return Some(());
        };
        if sight == SIGHTS {
            course.accuse(Check::OffsetIgnored, &Pointer::root(), wrong, "each item stands on one page");
        }
    }
    Some(())
}

/// How the page after the first one does not follow it; `None` within where it does.
async fn out_of_step<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    draft: &Draft,
    held: &Held,
    first: &Page,
    start: Start,
) -> Option<Option<String>> {
    let parameters = &course.operation(resource.acts.list?).parameters;
    let (parameter, value) = match start {
        Start::Offset(parameter) => (parameter, 1.into()),
        Start::Page(parameter) => (parameter, (page::first(&parameters[parameter]) + 1).into()),
        Start::Cursor(parameter) => {
            let Some(next) = page::next(&parameters[parameter].name, &first.seen.response, &first.body)
            else {
                return Some(None);
            };
            (parameter, next.into())
        }
    };
    let name = &parameters[parameter].name;
    let second = turned(course, resource, with(draft, parameter, value), held).await?;
    let id = |item: &Value| resource.named_in(resource.told(item)).cloned().unwrap_or_else(|| item.clone());
    let (one, other): (Vec<Value>, Vec<Value>) =
        (first.items.iter().map(id).collect(), second.items.iter().map(id).collect());
    let both = one.iter().find(|id| other.contains(id));
    Some(match start {
        Start::Offset(_) if one.first() == other.first() => {
            Some(format!("with `{name}=1` the first item is {}, as without", one.first().map(shown)?))
        }
        Start::Offset(_) => match (one.get(1), other.first()) {
            (Some(expected), got) if Some(expected) != got => Some(format!(
                "with `{name}=1` the first item is {}, and without it {} is the second",
                got.map_or_else(|| "absent".to_owned(), shown),
                shown(expected)
            )),
            _ => None,
        },
        Start::Page(_) | Start::Cursor(_) => both
            .map(|id| format!("the item {} is on the first page, and on the second by `{name}`", shown(id))),
    })
}
