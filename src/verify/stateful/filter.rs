//! A filter of a list → nothing is listed that it leaves out.
//!
//! A parameter is taken for a filter where it names a property of the items and lists its values, as far as both say so; what
//! else narrows a list cannot be told. Read [`filtered`] first.

use serde_json::Value;

use super::{
    course::{Course, Fill},
    equal::shown,
    list::with,
};
use crate::{
    api::Parameter,
    exchange::Handler,
    finding::Pointer,
    plan::resource::{Resource, plain},
    schema::Types,
    verify::check::Check,
};

/// How many of the values are asked for.
const VALUES: usize = 6;

/// How many things of different kinds are made.
const MADE: usize = 4;

/// Whether a parameter has a few values only, as filters have.
pub(super) fn is_filter(parameter: &Parameter) -> bool {
    !values(parameter).is_empty()
}

fn values(parameter: &Parameter) -> Vec<Value> {
    let Some(schema) = &parameter.schema else { return Vec::new() };
    let about = schema.about();
    if about.types() == Types::BOOLEAN {
        return vec![Value::Bool(true), Value::Bool(false)];
    }
    let listed = about.certain("enum").and_then(Value::as_array).cloned().unwrap_or_default();
    listed.into_iter().filter(Value::is_string).collect()
}

/// The value of the property that a parameter is named after.
fn of_item<'v>(item: &'v Value, parameter: &str) -> Option<&'v Value> {
    let mut members = item.as_object()?.iter();
    members.find(|(name, _)| plain(name) == plain(parameter)).map(|(_, value)| value)
}

/// Several made, then listed with each value of a filter.
pub(super) async fn filtered<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    number: usize,
) -> Option<()> {
    let list = resource.acts.list?;
    let parameter = &course.operation(list).parameters[number];
    let made = course.make(resource, Fill::Full).await?;
    for _ in 1..MADE {
        if course.does_without() {
            continue;
        }
        let draft = course.draft(resource.acts.create?, Fill::Full)?;
        course.create(resource, draft, &made.held).await?.0.done()?;
    }
    let values = values(parameter);
    let mut is_told = false;
    for value in values.iter().take(VALUES) {
        if course.does_without() {
            continue;
        }
        let draft = course.draft(list, Fill::Least)?;
        let seen = course.send(list, with(&draft, number, value.clone()), &made.held).await?.done()?;
        let body = seen.body?;
        // Only a property of the same values says what is filtered.
        let held =
            resource.items(&body)?.iter().filter_map(|item| of_item(resource.told(item), &parameter.name));
        let held: Vec<&Value> = held.filter(|held| values.contains(held)).collect();
        is_told |= !held.is_empty();
        if let Some(other) = held.into_iter().find(|held| *held != value) {
            let name = &parameter.name;
            let message = format!(
                "an item whose `{name}` is {} is listed with `{name}` {}",
                shown(other),
                shown(value)
            );
            course.accuse(
                Check::FilterIgnored,
                &Pointer::root(),
                message,
                "a filter leaves out what does not meet it",
            );
            return Some(());
        }
    }
    is_told.then_some(())
}
