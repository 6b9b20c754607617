//! What a mock keeps (`--stateful`): what was posted is read, listed, changed, deleted, and gone afterwards.
//!
//! The inference is [`plan::resource`](crate::plan::resource), which `verify` tries providers by. A [`Keeper`] says what a
//! request does to which resource; a [`Turn`] is one request on its way: it may be refused, it says what is kept in the
//! place of what would be made up, and it settles once the answer is judged. What does not fit the document is answered as
//! if nothing were kept. Read [`Keeper::turn`] first.

mod list;
mod turn;
mod view;
mod write;

use std::sync::MutexGuard;

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

pub(super) use self::turn::{Said, Turn};
use crate::{
    api::{Api, Operation, Status},
    exchange::Request,
    finding::{Code, Finding, Location, Part, Pointer},
    plan::{
        Checked, Route,
        resource::{self, Resource, is_key, templates},
    },
    sandbox::{Shelf, Store, Thing},
};

/// What is kept of an API.
#[derive(Debug)]
pub struct Keeper {
    resources: Vec<Resource>,
    /// What each operation does, in the order of the operations.
    roles: Vec<Role>,
}

/// What an operation does with what is kept.
#[derive(Debug, Default)]
struct Role {
    deed: Option<(usize, Deed)>,
    /// The kept resources that its path names, the outermost first, each with the number of its template.
    named: Vec<(usize, usize)>,
}

/// What is done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Create,
    Read,
    List,
    Update,
    Replace,
    Delete,
}

/// What a request comes to.
pub(super) enum Step<'k> {
    /// Nothing is kept there.
    Stateless,
    /// It cannot be done to what is kept.
    Refused(Box<Finding>),
    /// It is done.
    Turn(Box<Turn<'k>>),
}

/// What a resource is called for people, what is done to it by whom, and why that is believed.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its path.
    pub path: String,
    /// Its operations, as in `made by POST /pets`.
    pub acts: Vec<String>,
    /// Why.
    pub reasons: Vec<String>,
}

impl Keeper {
    /// What can be kept of an API, and what is wrong with what the document says of it.
    pub(super) fn new(api: &Api) -> (Self, Vec<Finding>) {
        let (all, told) = resource::infer(api);
        let resources: Vec<Resource> = all.into_iter().filter(|one| is_kept(api, one)).collect();
        let roles = (0..api.operations.len()).map(|number| role(api, &resources, number)).collect();
        (Self { resources, roles }, told)
    }

    /// What is kept, for people.
    pub fn kept(&self, api: &Api) -> Vec<Kept> {
        let told = |resource: &Resource| {
            let acts = resource.acts;
            let by_put = acts
                .replace
                .filter(|number| acts.create.is_none() && is_made_by_put(&api.operations[*number]));
            let named = [
                ("made", acts.create.or(by_put)),
                ("read", acts.read),
                ("listed", acts.list),
                ("changed", acts.update),
                ("replaced", acts.replace),
                ("deleted", acts.delete),
            ];
            let told = |(word, act): (&str, Option<usize>)| {
                act.map(|number| format!("{word} by `{}`", api.operations[number].line()))
            };
            let acts = named.into_iter().filter_map(told).collect();
            Kept { path: resource.path.clone(), acts, reasons: resource.reasons.clone() }
        };
        self.resources.iter().map(told).collect()
    }

    /// What a right request comes to.
    pub(super) fn turn<'k>(
        &'k self,
        route: &Route<'_>,
        request: &Request,
        checked: &Checked,
        store: Held<'k>,
    ) -> Step<'k> {
        let role = &self.roles[route.address.operation];
        let values: Vec<String> = route.path_values.iter().map(|(_, value)| decoded(value)).collect();
        let own = role.deed.filter(|(_, deed)| !matches!(deed, Deed::Create | Deed::List));
        for (number, template) in &role.named {
            let Some(id) = values.get(*template) else { return Step::Stateless };
            let at = self.shelf(route, *number, &values);
            if store.get(&at, id).is_some() {
                continue;
            }
            let is_made = own == Some((*number, Deed::Replace)) && is_made_by_put(route.operation);
            if is_made {
                continue;
            }
            // Without a declared answer for it, that something is not there cannot be said.
            let can_say = [404, 410].iter().any(|status| route.operation.response(*status).is_some());
            return if can_say {
                Step::Refused(Box::new(unknown(route, *template, id)))
            } else {
                Step::Stateless
            };
        }
        let Some((number, deed)) = role.deed else { return Step::Stateless };
        let resource = &self.resources[number];
        let at = self.shelf(route, number, &values);
        let id = own.and_then(|_| values.get(templates(&resource.path).len() - 1).cloned());
        let thing = id.as_deref().and_then(|id| store.get(&at, id)).cloned();
        if let Some(finding) = outdated(route, request, thing.as_ref()) {
            return Step::Refused(Box::new(finding));
        }
        let mut turn =
            Turn { resource, deed, shelf: at, id, thing, listed: Vec::new(), next: None, store: None };
        match deed {
            Deed::List => turn.listed = store.all(&turn.shelf).cloned().collect(),
            Deed::Create => {
                let key = key(route, request);
                let known = key.as_ref().and_then(|key| {
                    store.all(&turn.shelf).find(|thing| thing.key.as_ref() == Some(key)).cloned()
                });
                // The same request again is answered as it was, and nothing is made.
                if let Some(known) = known {
                    turn.deed = Deed::Read;
                    turn.thing = Some(known);
                } else if let Some(finding) = turn.repeated(route, &store, checked) {
                    return Step::Refused(Box::new(finding));
                }
            }
            _ => {}
        }
        if !matches!(turn.deed, Deed::Read | Deed::List) {
            turn.store = Some(store);
        }
        Step::Turn(Box::new(turn))
    }

    fn shelf(&self, route: &Route<'_>, number: usize, values: &[String]) -> Shelf {
        let path = &self.resources[number].path;
        let mut values = values.iter();
        let mut text = String::new();
        let mut rest = path.rsplit_once('/').map_or("", |(collection, _)| collection);
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            text.push_str(&segment(values.next().map_or("", String::as_str)));
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        Shelf { api: route.address.api, path: text + rest }
    }
}

/// A value as it stands in the path of a shelf.
fn segment(value: &str) -> String {
    utf8_percent_encode(value, NON_ALPHANUMERIC).to_string()
}

fn decoded(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// Whether a resource can be kept: it can be made, and what was made can be seen.
fn is_kept(api: &Api, resource: &Resource) -> bool {
    let acts = resource.acts;
    let collection = resource.path.rsplit_once('/').map_or("", |(collection, _)| collection);
    let stands_above = |number: usize| {
        let path = &api.operations[number].path;
        templates(path).len() == templates(collection).len() || templates(collection).is_empty()
    };
    let is_made_by_put = acts.replace.is_some_and(|number| is_made_by_put(&api.operations[number]));
    let is_made = acts.create.is_some_and(stands_above) || is_made_by_put;
    is_made && (acts.read.is_some() || acts.list.is_some())
}

/// Whether a `PUT` says that it makes what is not there (RFC 9110, section 9.3.4).
fn is_made_by_put(operation: &Operation) -> bool {
    let says = |status: Status| status == Status::Exact(201);
    operation.method == Method::PUT && operation.responses.iter().any(|response| says(response.status))
}

fn role(api: &Api, resources: &[Resource], number: usize) -> Role {
    let deeds = |acts: &resource::Acts| {
        [
            (acts.create, Deed::Create),
            (acts.read, Deed::Read),
            (acts.list, Deed::List),
            (acts.update, Deed::Update),
            (acts.replace, Deed::Replace),
            (acts.delete, Deed::Delete),
        ]
    };
    let deed = resources.iter().enumerate().find_map(|(index, resource)| {
        let mut deeds = deeds(&resource.acts).into_iter();
        deeds.find(|(act, _)| *act == Some(number)).map(|(_, deed)| (index, deed))
    });
    let path = &api.operations[number].path;
    let named = resource::named(resources, path).into_iter().enumerate();
    let index = |one: &Resource| resources.iter().position(|other| other.path == one.path);
    let named = named.filter_map(|(template, one)| Some((index(one?)?, template))).collect();
    Role { deed, named }
}

fn unknown(route: &Route<'_>, template: usize, id: &str) -> Finding {
    let name = route.path_values.get(template).map_or("", |(name, _)| name.as_str());
    let location = Location::Request(Part::Path, Pointer::root().join(name));
    let message = format!("nothing with the id `{id}` was made, or it was deleted");
    let finding = Finding::error(Code::UnknownResource, location, message);
    finding.help("make it first: this mock keeps what it is given (`--stateful`)")
}

/// The key by which a repeated request is known.
fn key(route: &Route<'_>, request: &Request) -> Option<String> {
    let parameter = route.operation.parameters.iter().find(|one| is_key(one))?;
    request.header_values(&parameter.name).into_iter().next()
}

/// The tag of a thing, by its number, in the state of a version (RFC 9110, section 8.8.3).
fn tag(number: u64, version: u64) -> String {
    format!("\"{number}-{version}\"")
}

/// What is wrong where a request is to be done only to a state that is no more, and the operation has an answer for that.
fn outdated(route: &Route<'_>, request: &Request, thing: Option<&Thing>) -> Option<Finding> {
    let thing = thing?;
    let tag = tag(thing.number, thing.version);
    let asked = request.header_values("if-match").into_iter().next()?;
    let meant = |one: &str| one.trim() == "*" || one.trim().trim_start_matches("W/") == tag;
    let is_said = route.operation.responses.iter().any(|response| response.status == Status::Exact(412));
    if !is_said || asked.split(',').any(meant) {
        return None;
    }
    let location = Location::Request(Part::Header, Pointer::root().join("if-match"));
    let message = format!("it is {tag} now, and the request is about {asked}");
    Some(Finding::error(Code::OutdatedState, location, message).help("read it again, and send its `ETag`"))
}

/// The things of a sandbox, held by the one who changes them.
type Held<'k> = MutexGuard<'k, Store>;
