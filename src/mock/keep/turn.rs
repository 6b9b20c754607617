//! One request that is about what is kept: what it says in its answer, and what is kept after it.

use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::{Deed, Held, key, list, segment, tag, view, write};
use crate::{
    api::{Operation, Status},
    exchange::{Request, Response},
    finding::{Finding, Severity},
    plan::{
        Answer, Checked, Route,
        resource::{Resource, text_of},
    },
    sandbox::{Shelf, Store, Thing},
    schema::{Dice, Schema},
};

/// What an answer says; nothing where it has no body.
pub(in crate::mock) struct Said(pub(in crate::mock) Option<Value>);

/// A request about what is kept, on its way.
pub(in crate::mock) struct Turn<'k> {
    pub(super) resource: &'k Resource,
    pub(super) deed: Deed,
    pub(super) shelf: Shelf,
    /// The id in the path.
    pub(super) id: Option<String>,
    /// The thing that it is about, as it is before.
    pub(super) thing: Option<Thing>,
    pub(super) listed: Vec<Thing>,
    /// What is kept after it: the id, and the value.
    pub(super) next: Option<(Value, Value)>,
    /// Held by those who change something, so that nobody else does meanwhile.
    pub(super) store: Option<Held<'k>>,
}

impl Turn<'_> {
    /// How many things were made before; it makes the decisions of two equal requests differ.
    pub(in crate::mock) fn made(&self) -> u64 {
        self.store.as_ref().filter(|_| self.deed == Deed::Create).map_or(0, |store| store.made())
    }

    /// The status that what is done calls for, where the operation has one for each case.
    pub(in crate::mock) fn status(&self, operation: &Operation) -> Option<u16> {
        if self.deed != Deed::Replace {
            return None;
        }
        if self.thing.is_none() {
            return Some(201);
        }
        let statuses = operation.responses.iter().filter_map(|response| match response.status {
            Status::Exact(status @ 200..=299) => Some(status),
            _ => None,
        });
        let lowest = statuses.clone().min()?;
        statuses.filter(|status| *status != 201).min().filter(|status| *status != lowest)
    }

    /// What is wrong where a thing would repeat what is declared to be unique.
    pub(super) fn repeated(&self, route: &Route<'_>, store: &Store, checked: &Checked) -> Option<Finding> {
        let is_said = route.operation.responses.iter().any(|one| one.status == Status::Exact(409));
        is_said.then(|| write::repeated(self, store, checked)).flatten()
    }

    /// The body of the answer, with what is kept in the place of what was made up; `None` where the document leaves no
    /// room for it, and all is to be answered as if nothing were kept.
    pub(in crate::mock) fn body(
        &mut self,
        route: &Route<'_>,
        answer: &Answer<'_>,
        checked: &Checked,
        base: Option<Value>,
        dice: &mut Dice,
    ) -> Option<Said> {
        let schema = answer.content.and_then(|content| content.schema.as_ref());
        if answer.content.is_some() && schema.is_none() {
            return None;
        }
        match self.deed {
            Deed::Create => write::created(self, route, checked, schema, base, dice),
            Deed::Update | Deed::Replace => {
                write::changed(self, route, checked, dice)?;
                self.told(schema, base, dice)
            }
            Deed::Read | Deed::Delete => self.told(schema, base, dice),
            Deed::List => list::body(self, route, checked, schema?, base, dice).map(|body| Said(Some(body))),
        }
    }

    /// An answer that tells of the thing, where it can; one to a deletion need not.
    fn told(&self, schema: Option<&Schema>, base: Option<Value>, dice: &mut Dice) -> Option<Said> {
        let Some(schema) = schema else { return (self.deed != Deed::Read).then_some(Said(base)) };
        let held = self.thing.as_ref().map(|thing| (&thing.id, &*thing.value));
        let (id, kept) = self.next.as_ref().map(|(id, kept)| (id, kept)).or(held)?;
        let about = view::at(schema, &self.resource.seat(schema));
        let names = about.names();
        let shares = kept.as_object().into_iter().flatten().any(|(name, _)| names.contains(&name.as_str()));
        if !shares && self.deed != Deed::Read {
            return Some(Said(base));
        }
        (shares || names.is_empty())
            .then(|| view::body(schema, self.resource, base, kept, id, dice))
            .flatten()
            .map(|body| Said(Some(body)))
    }

    /// Judges the answer, keeps what it makes, and says so; `None` where it is not what the document says, and nothing is
    /// kept.
    pub(in crate::mock) fn settle(
        mut self,
        route: &Route<'_>,
        request: &Request,
        response: &mut Response,
    ) -> Option<String> {
        if !response.status.is_success() {
            return None;
        }
        let declares = |response: &Response, name: &HeaderName| response.headers.contains_key(name);
        if let Some((id, _)) = &self.next
            && declares(response, &header::LOCATION)
        {
            let path = if self.deed == Deed::Create {
                format!(
                    "{}/{}",
                    request.path.trim_end_matches('/'),
                    segment(&text_of(id)).replace("%2D", "-")
                )
            } else {
                request.path.clone()
            };
            put(route, request, response, header::LOCATION, &path);
        }
        if declares(response, &header::ETAG)
            && let Some(tag) = self.tag()
        {
            put(route, request, response, header::ETAG, &tag);
        }
        let found = route.check_response(&request.method, response);
        if found.iter().any(|finding| finding.severity == Severity::Error) {
            return None;
        }
        self.keep(route, request)
    }

    /// The tag of the thing after this.
    fn tag(&self) -> Option<String> {
        match (&self.next, &self.thing, &self.store) {
            (Some(_), Some(thing), _) => Some(tag(thing.number, thing.version + 1)),
            (Some(_), None, Some(store)) => Some(tag(store.made() + 1, 1)),
            (None, Some(thing), _) => Some(tag(thing.number, thing.version)),
            _ => None,
        }
    }

    fn keep(&mut self, route: &Route<'_>, request: &Request) -> Option<String> {
        let path = |id: &Value| format!("`{}/{}`", self.shelf.path, text_of(id));
        let Some(store) = &mut self.store else {
            return Some(match (&self.thing, self.deed) {
                (Some(thing), Deed::Read) => format!("state: {}", path(&thing.id)),
                _ => format!("state: {} thing(s) in `{}`", self.listed.len(), self.shelf.path),
            });
        };
        if self.deed == Deed::Delete {
            let thing = self.thing.as_ref()?;
            store.take(&self.shelf, self.id.as_deref()?);
            return Some(format!("state: deleted {}", path(&thing.id)));
        }
        let (id, kept) = self.next.take()?;
        if !store.has_room_for(&kept) {
            return None;
        }
        let key = key(route, request).filter(|_| self.deed == Deed::Create);
        let word = if self.thing.is_some() { "changed" } else { "made" };
        let told = format!("state: {word} {}", path(&id));
        let gone = store.put(&self.shelf, &text_of(&id), id, kept, key);
        Some(if gone > 0 { format!("{told}; {gone} older thing(s) went, for want of room") } else { told })
    }
}

/// Puts a value in a header field, and what stood there back where the document does not allow it.
fn put(route: &Route<'_>, request: &Request, response: &mut Response, name: HeaderName, text: &str) {
    let Ok(value) = HeaderValue::from_str(text) else { return };
    let errors = |response: &Response| {
        let found = route.check_response(&request.method, response);
        found.iter().filter(|finding| finding.severity == Severity::Error).count()
    };
    let before = errors(response);
    let held = response.headers.insert(name.clone(), value);
    if let Some(held) = held.filter(|_| errors(response) > before) {
        response.headers.insert(name, held);
    }
}
