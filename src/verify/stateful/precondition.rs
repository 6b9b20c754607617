//! A request that says under which condition it is to be done → it is not done under another: `If-Match` (RFC 9110, section
//! 13.1.1) and keys by which a repeated request is known.
//!
//! Read [`outdated`] and [`repeated`] first.

use http::Method;
use serde_json::Value;

use super::{
    course::{Course, Fill, Made, Seen},
    equal::{difference, shown},
};
use crate::{
    exchange::Handler,
    finding::{Part, Pointer},
    plan::{
        Draft,
        resource::{Resource, text_of},
    },
    verify::check::Check,
};

fn etag(seen: &Seen) -> Option<String> {
    seen.response.header("etag").map(str::to_owned)
}

/// Made, changed, then changed by one who knows only the older state.
pub(super) async fn outdated<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    act: usize,
) -> Option<()> {
    let made = course.make(resource, Fill::Full).await?;
    let first = course.read(resource, &made.held).await?.done()?;
    let old = etag(&first)?;
    let change = resource.acts.update.or(resource.acts.replace)?;
    let draft = course.draft(change, Fill::Long)?;
    let draft = at_state(course, change, draft, &old);
    course.send(change, draft, &made.held).await?.done()?;
    let second = course.read(resource, &made.held).await?.done()?;
    let new = etag(&second)?;
    let (one, other) = (first.body.as_ref()?, second.body.as_ref()?);
    let has_changed = difference(&Pointer::root(), one, Some(other)).is_some();
    if new == old {
        // A weak one may be the same for what means the same (RFC 9110, section 8.8.1).
        if has_changed && !old.starts_with("W/") {
            let message = format!("the ETag is `{old}`, as it was before the change");
            course.accuse(
                Check::EtagUnchanged,
                &Pointer::root(),
                message,
                "a strong ETag changes with what it stands for",
            );
        }
        return Some(());
    }
    last(course, resource, act, &made, &old).await
}

/// Does what was to be done only to the older state.
async fn last<H: Handler>(
    course: &mut Course<'_, '_, H>,
    resource: &Resource,
    act: usize,
    made: &Made,
    old: &str,
) -> Option<()> {
    let is_deletion = course.operation(act).method == Method::DELETE;
    let draft = course.draft(act, if is_deletion { Fill::Least } else { Fill::Full })?;
    let draft = at_state(course, act, draft, old);
    let seen = course.send(act, draft, &made.held).await?;
    if seen.is_success() {
        let message = format!(
            "a {} though `If-Match` is `{old}`, and `{}` has changed since",
            seen.status, resource.path
        );
        course.accuse(Check::IfMatchIgnored, &Pointer::root(), message, "412 (RFC 9110, section 13.1.1)");
    }
    Some(())
}

/// The request, to be done only where the resource is in this state.
fn at_state<H: Handler>(course: &Course<'_, '_, H>, act: usize, mut draft: Draft, state: &str) -> Draft {
    let parameters = &course.operation(act).parameters;
    draft.parameters.retain(|(number, _)| !parameters[*number].name.eq_ignore_ascii_case("if-match"));
    draft.carried.push((Part::Header, "If-Match".to_owned(), state.to_owned()));
    draft
}

/// Made twice with the same key.
pub(super) async fn repeated<H: Handler>(course: &mut Course<'_, '_, H>, resource: &Resource) -> Option<()> {
    let create = resource.acts.create?;
    let key = course.key(create)?;
    let mut draft = course.draft(create, Fill::Full)?;
    if !draft.parameters.iter().any(|(number, _)| *number == key) {
        let schema = course.operation(create).parameters[key].schema.as_ref();
        let mut dice = course.dice(create);
        let value =
            schema.map_or_else(|| Some(Value::from("standin")), |schema| schema.generate(&mut dice))?;
        draft.parameters.push((key, value));
    }
    let made = course.make_as(resource, draft).await?;
    let draft = Draft { carried: Vec::new(), ..made.draft.clone() };
    let (again, _) = course.create(resource, draft, &made.held).await?;
    let id = again.clone().done()?.id?;
    if text_of(&id) != text_of(&made.id) {
        let message =
            format!("the same request with the same key made {} and then {}", shown(&made.id), shown(&id));
        course.accuse(Check::IdempotencyIgnored, &Pointer::root(), message, "the first answer once more");
    }
    Some(())
}
