//! An API → the resources that it keeps: which operations make, read, list, change and delete each, and where its id stands
//! in the answer to the one that makes it.
//!
//! What a document says in `links` comes first; the rest is what paths and schemas imply: `POST /orders` makes what
//! `/orders/{orderId}` names. It knows nothing of those who ask, who may keep resources or try them. Read [`resources`] first.

mod extension;
pub mod page;
mod seat;
mod unique;

use std::borrow::Cow;

use http::Method;
use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub use self::extension::{Extension, extension_schema};
use crate::{
    api::{Api, Link, Operation, Parameter},
    exchange::expression::{self, Field, Grammar, Source, Template},
    finding::{Finding, Part, Pointer},
    schema::{Schema, Types, Written},
};

/// Names of properties that tell what something is called, most telling first.
const USUAL: [&str; 9] = ["id", "uuid", "guid", "_id", "key", "slug", "code", "number", "name"];

/// Names of properties that hold the items of a list, where an answer has several lists.
const HOLDERS: [&str; 7] = ["items", "data", "results", "content", "values", "entries", "records"];

/// Something that is kept under an id: `/orders/{orderId}`.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its path, up to the template that names it.
    pub path: String,
    /// The operations upon it, by their numbers in the API.
    pub acts: Acts,
    /// Where its id stands in the answer to the one that makes it, most likely first.
    pub identities: Vec<Identity>,
    /// Where the answer of the one that lists has the list, where the document says so.
    pub items: Option<Pointer>,
    /// The properties of which no two have the same value.
    pub unique: Vec<String>,
    /// Why all this is believed.
    pub reasons: Vec<String>,
    /// What its properties that tell its id may be called, most likely first.
    names: Vec<String>,
    /// What its id satisfies, where the document says so.
    pub schema: Option<Schema>,
}

/// The operations upon a resource, each by its number in the API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acts {
    /// Makes it.
    pub create: Option<usize>,
    /// Tells of it.
    pub read: Option<usize>,
    /// Tells of all of its kind.
    pub list: Option<usize>,
    /// Changes parts of it (RFC 5789).
    pub update: Option<usize>,
    /// Puts another in its place (RFC 9110, section 9.3.4).
    pub replace: Option<usize>,
    /// Takes it away.
    pub delete: Option<usize>,
}

/// A place in an answer that tells the id of what was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// What a link of the document takes.
    Linked(Template),
    /// A place in the body.
    Body(Pointer),
    /// The last segment of the field `Location` (RFC 9110, section 10.2.2).
    Location,
}

impl Acts {
    /// Those that there are.
    pub fn all(self) -> impl Iterator<Item = usize> {
        [self.create, self.read, self.list, self.update, self.replace, self.delete].into_iter().flatten()
    }
}

/// The resources of an API, in the order in which its paths name them.
pub fn resources(api: &Api) -> Vec<Resource> {
    infer(api).0
}

/// The resources of an API, and what is wrong with what the document says of them.
pub fn infer(api: &Api) -> (Vec<Resource>, Vec<Finding>) {
    let mut wrong = Vec::new();
    let mut shapes: IndexMap<String, Vec<usize>> = IndexMap::new();
    for (number, operation) in api.operations.iter().enumerate() {
        shapes.entry(shape(&operation.path)).or_default().push(number);
        // What stands below it may name what no operation tells of.
        for prefix in prefixes(&operation.path) {
            shapes.entry(shape(prefix)).or_default();
        }
    }
    let of_shape = |shape: &str, method: &Method| {
        let numbers = shapes.get(shape)?.iter().copied();
        numbers.into_iter().find(|number| api.operations[*number].method == *method)
    };
    let linked = linked(api);
    let named = shapes.keys().filter(|shape| shape.ends_with("/{}"));
    let found = named.filter_map(|own| {
        let path = api.operations.iter().flat_map(|operation| prefixes(&operation.path));
        let path = path.into_iter().find(|path| shape(path) == *own)?;
        let collection = own.strip_suffix("/{}")?;
        let by_link: Vec<&(usize, String, Template)> = linked.iter().filter(|(_, to, _)| to == own).collect();
        let create = of_shape(collection, &Method::POST).or_else(|| Some(by_link.first()?.0));
        let acts = Acts {
            create,
            read: of_shape(own, &Method::GET),
            list: of_shape(collection, &Method::GET),
            update: of_shape(own, &Method::PATCH),
            replace: of_shape(own, &Method::PUT),
            delete: of_shape(own, &Method::DELETE),
        };
        let called = names(path);
        let said = by_link.iter().filter(|(maker, ..)| Some(*maker) == create);
        let mut identities: Vec<Identity> =
            said.map(|(.., template)| Identity::Linked(template.clone())).collect();
        if let Some(maker) = create {
            identities.extend(told(&api.operations[maker], &called));
            identities.push(Identity::Location);
        }
        let (unique, mut reasons) =
            create.map(|maker| unique::keys(&api.operations[maker])).unwrap_or_default();
        reasons.insert(0, reason(api, path, &acts, create.zip(by_link.first())));
        let resource = Resource {
            path: path.to_owned(),
            acts,
            identities,
            items: None,
            unique,
            reasons,
            names: called,
            schema: schema(api, own),
        };
        extension::corrected(api, own, resource, &mut wrong)
    });
    let found = found.collect();
    (found, wrong)
}

/// Why a path is held to name something that is kept.
fn reason(
    api: &Api,
    path: &str,
    acts: &Acts,
    linked: Option<(usize, &&(usize, String, Template))>,
) -> String {
    let line = |number: usize| format!("`{}`", api.operations[number].line());
    match (linked, acts.create) {
        (Some((maker, (by, ..))), _) if maker == *by => {
            format!("a link of {} leads to `{path}`", line(maker))
        }
        (_, Some(maker)) => format!("{} stands above `{path}`", line(maker)),
        (_, None) => format!("`{path}` ends in a name"),
    }
}

/// The resource that each template of a path names, in order; `None` where a template is only a part of a segment.
pub fn named<'r>(resources: &'r [Resource], path: &str) -> Vec<Option<&'r Resource>> {
    let of = |prefix: &str| resources.iter().find(|resource| shape(&resource.path) == shape(prefix));
    ends(path).map(|(end, is_whole)| of(&path[..end]).filter(|_| is_whole)).collect()
}

/// The names of the templates of a path, in order.
pub fn templates(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}

impl Resource {
    /// The id of what was made, as an exchange tells it.
    pub fn id(&self, exchange: &expression::Exchange<'_>) -> Option<Value> {
        let fits = |id: &Value| self.schema.as_ref().is_none_or(|schema| schema.is_valid(id));
        let found: Vec<Value> = self.identities.iter().filter_map(|one| self.found(one, exchange)).collect();
        found.iter().find(|id| fits(id)).or_else(|| found.first()).cloned()
    }

    fn found(&self, identity: &Identity, exchange: &expression::Exchange<'_>) -> Option<Value> {
        let value = match identity {
            Identity::Linked(template) => template.value(exchange).ok().map(Cow::into_owned)?,
            Identity::Body(pointer) => exchange.response_body?.pointer(pointer.as_str())?.clone(),
            Identity::Location => {
                let location = exchange.response?.header("location")?;
                let path = location.split(['?', '#']).next()?.trim_end_matches('/');
                let text = percent_decode_str(path.rsplit('/').next()?).decode_utf8().ok()?;
                let text = Value::from(text.into_owned());
                let fits = self.schema.as_ref().is_none_or(|schema| schema.is_valid(&text));
                let number = text.as_str()?.parse::<i64>().ok().filter(|_| !fits);
                number.map_or(text, Value::from)
            }
        };
        is_id(&value).then_some(value)
    }

    /// Whether a property of this name holds the whole of it, as in `{"pet": {…}}`.
    pub fn is_wrapper(&self, name: &str) -> bool {
        let collection = plain(self.path.rsplit('/').nth(1).unwrap_or_default());
        let name = plain(name);
        name == "data" || (!name.is_empty() && collection.starts_with(name.trim_end_matches('y')))
    }

    /// What an answer tells of the resource, without what is wrapped around it.
    pub fn told<'v>(&self, answer: &'v Value) -> &'v Value {
        let members = answer.as_object().into_iter().flatten().map(|(_, member)| member);
        let all = std::iter::once(answer).chain(members.filter(|member| member.is_object()));
        all.min_by_key(|value| self.rank(value)).unwrap_or(answer)
    }

    /// How likely the best of the properties of a value tells the id, the smaller the more.
    fn rank(&self, value: &Value) -> usize {
        let members = value.as_object().into_iter().flatten().filter(|(_, member)| is_id(member));
        let ranks = members.filter_map(|(name, _)| self.names.iter().position(|own| *own == plain(name)));
        ranks.min().unwrap_or(usize::MAX)
    }

    /// The items of a list of such resources.
    pub fn items<'v>(&self, answer: &'v Value) -> Option<&'v Vec<Value>> {
        let inner = |value: &'v Value| -> Option<&'v Vec<Value>> {
            let lists = || value.as_object().into_iter().flatten().filter(|(_, member)| member.is_array());
            let collection = self.path.rsplit('/').nth(1).unwrap_or_default();
            let is_holder = |name: &str| name == collection || HOLDERS.contains(&name);
            let held = lists().find(|(name, _)| is_holder(name));
            let only = || lists().next().filter(|_| lists().count() == 1);
            held.or_else(only).and_then(|(_, list)| list.as_array())
        };
        let deeper = || answer.as_object()?.values().find_map(inner);
        answer.as_array().or_else(|| inner(answer)).or_else(deeper)
    }

    /// The id that an item of a list tells of itself.
    pub fn named_in<'v>(&self, item: &'v Value) -> Option<&'v Value> {
        if is_id(item) {
            return Some(item);
        }
        let members = item.as_object()?;
        let of_name =
            |name: &String| members.iter().find(|(other, _)| plain(other) == *name).map(|(_, id)| id);
        self.names.iter().filter_map(of_name).find(|id| is_id(id))
    }

    /// Whether a property of this name tells its id.
    pub fn is_own_name(&self, name: &str) -> bool {
        let name = plain(name);
        let is_said = self.names.first() == Some(&name);
        is_said || (self.names.contains(&name) && (name.ends_with("id") || name == "uuid"))
    }

    /// Whether an item of a list tells that it is the one of this id.
    pub fn is_named(&self, item: &Value, id: &Value) -> bool {
        let item = self.told(item);
        let is_same = |other: &Value| text_of(other) == text_of(id);
        is_same(item)
            || item
                .as_object()
                .into_iter()
                .flatten()
                .any(|(name, other)| self.names.contains(&plain(name)) && is_id(other) && is_same(other))
    }
}

/// Whether a value can be an id.
pub fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty()) || value.is_number()
}

impl Identity {
    /// Where in the body it is, where it is there.
    pub fn in_body(&self) -> Option<Pointer> {
        match self {
            Self::Body(pointer) => Some(pointer.clone()),
            Self::Location => None,
            Self::Linked(template) => {
                let mut expressions = template.expressions();
                let only = expressions.next().filter(|_| expressions.next().is_none())?;
                only.pointer.clone().filter(|_| only.source == Source::Response(Field::Body))
            }
        }
    }
}

/// Whether a parameter is a key by which a repeated request is known.
pub fn is_key(parameter: &Parameter) -> bool {
    parameter.part == Part::Header && parameter.name.to_ascii_lowercase().contains("idempotency")
}

/// What an id is in a path.
pub fn text_of(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// A path without the names of its templates: the same resource may be named otherwise elsewhere.
fn shape(path: &str) -> String {
    let mut shape = String::new();
    for (number, piece) in path.split('{').enumerate() {
        shape.push_str(if number == 0 { piece } else { piece.split_once('}').map_or("", |(_, rest)| rest) });
        shape.push_str("{}");
    }
    shape.truncate(shape.len() - 2);
    let end = shape.trim_end_matches('/').len();
    shape.truncate(end);
    shape
}

/// Where each template of a path ends, and whether it is a whole segment.
fn ends(path: &str) -> impl Iterator<Item = (usize, bool)> {
    path.match_indices('{').filter_map(|(start, _)| {
        let end = start + path[start..].find('}')? + 1;
        let is_whole = path[..start].ends_with('/') && matches!(path[end..].chars().next(), None | Some('/'));
        Some((end, is_whole))
    })
}

/// The parts of a path that end in a template.
fn prefixes(path: &str) -> Vec<&str> {
    ends(path).filter(|(_, is_whole)| *is_whole).map(|(end, _)| &path[..end]).collect()
}

/// A name in the form in which different spellings of it are one.
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// What the properties that tell the id may be called, most likely first.
fn names(path: &str) -> Vec<String> {
    let parameter = templates(path).pop().map(plain).unwrap_or_default();
    let collection = plain(path.rsplit('/').nth(1).unwrap_or_default());
    let singular = collection.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let singular = singular.unwrap_or_else(|| collection.trim_end_matches('s').to_owned());
    let mut names = vec![parameter];
    // What is called `id` in a path may be `orderId` in the answer, but not before `id` itself.
    let guessed = ["id", "uuid"].map(|end| format!("{singular}{end}"));
    for name in USUAL.iter().take(1).map(|name| plain(name)).chain(guessed) {
        names.push(name);
    }
    names.extend(USUAL.iter().skip(1).map(|name| plain(name)));
    let mut known = Vec::new();
    names.retain(|name| {
        !name.is_empty() && !known.contains(name) && {
            known.push(name.clone());
            true
        }
    });
    names
}

/// Where an answer of the operation tells an id of one of these names: as its schema says, or as is usual.
fn told(maker: &Operation, names: &[String]) -> Vec<Identity> {
    let responses = maker.responses.iter().filter(|response| response.status.is_success());
    let schema = responses.flat_map(|response| &response.content).find_map(|content| content.schema.as_ref());
    let body = |pointer: Pointer| Identity::Body(pointer);
    let about = schema.map(Schema::about).filter(|about| !about.names().is_empty());
    let Some(about) = about else {
        let at = |base: &Pointer| USUAL.map(|name| base.join(name));
        let root = Pointer::root();
        return at(&root).into_iter().chain(at(&root.join("data"))).map(body).collect();
    };
    let root = Pointer::root();
    let mut found = matching(&about, &root, names);
    for holder in about.names() {
        let held = about.property(holder);
        if held.types() == Types::OBJECT {
            found.extend(matching(&held, &root.join(holder), names));
        }
    }
    // Of a `code` around and an `id` within, the latter is meant.
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, pointer)| body(pointer)).collect()
}

/// The properties that have one of the names, each with the number of the name.
fn matching(about: &Written<'_>, base: &Pointer, names: &[String]) -> Vec<(usize, Pointer)> {
    let written = about.names();
    let spelled = |name: &String| written.iter().find(|other| plain(other) == *name);
    let found = names.iter().enumerate().filter_map(|(rank, name)| Some((rank, spelled(name)?)));
    found.map(|(rank, name)| (rank, base.join(name))).collect()
}

/// What the id of a resource of this shape satisfies.
fn schema(api: &Api, own: &str) -> Option<Schema> {
    api.operations.iter().find_map(|operation| {
        let path = prefixes(&operation.path).into_iter().find(|path| shape(path) == own)?;
        let name = templates(path).pop()?;
        let mut parameters = operation.parameters.iter();
        parameters.find(|one| one.part == Part::Path && one.name == name)?.schema.clone()
    })
}

/// What links say: the operation that makes something, the shape of the path that names it, and where its id is taken from.
fn linked(api: &Api) -> Vec<(usize, String, Template)> {
    let makers = api.operations.iter().enumerate().filter(|(_, maker)| maker.method == Method::POST);
    let links = makers.flat_map(|(number, maker)| {
        let responses = maker.responses.iter();
        responses.flat_map(|response| &response.links).map(move |link| (number, link))
    });
    links
        .flat_map(|(maker, link)| named_by(api, link).into_iter().map(move |(to, at)| (maker, to, at)))
        .collect()
}

fn named_by(api: &Api, link: &Link) -> Vec<(String, Template)> {
    let Some(target) = target(api, link) else { return Vec::new() };
    let of_answer = |template: &Template| {
        let mut sources = template.expressions().map(|expression| &expression.source);
        sources.next().is_some_and(|source| matches!(source, Source::Response(_)))
    };
    let named = |(name, value): (&String, &Value)| {
        let name = name.strip_prefix("path.").unwrap_or(name);
        let template = Template::parse(value.as_str()?, Grammar::OpenApi).ok().filter(of_answer)?;
        let path = prefixes(&target.path).into_iter().find(|path| templates(path).pop() == Some(name))?;
        Some((shape(path), template))
    };
    link.parameters.iter().filter_map(named).collect()
}

/// The operation that a link leads to.
fn target<'a>(api: &'a Api, link: &Link) -> Option<&'a Operation> {
    let mut operations = api.operations.iter();
    match (&link.operation_id, &link.operation_ref) {
        (Some(id), _) => operations.find(|operation| operation.id == *id),
        (None, Some(reference)) => {
            let fragment = reference.split_once('#')?.1;
            let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
            operations.find(|operation| operation.place.pointer.as_str() == pointer)
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::StatusCode;
    use serde_json::json;

    use super::*;
    use crate::{
        api,
        document::{self, Source as From},
        exchange::{Request, Response},
    };

    fn api(paths: &Value) -> Api {
        let text =
            json!({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths}).to_string();
        let source = From::Text { name: "a.json".into(), text: text.into() };
        api::read(Arc::new(document::load(&source).unwrap())).unwrap().0
    }

    fn id(resource: &Resource, body: &Value, location: Option<&str>) -> Option<Value> {
        let request = Request::new(Method::POST, "/");
        let mut response = Response::empty(StatusCode::CREATED);
        if let Some(location) = location {
            response.headers.insert("location", location.parse().unwrap());
        }
        resource.id(&expression::Exchange {
            request: &request,
            request_body: None,
            path_values: &[],
            response: Some(&response),
            response_body: Some(body),
        })
    }

    fn parameter(name: &str, kind: &str) -> Value {
        json!({"name": name, "in": "path", "required": true, "schema": {"type": kind}})
    }

    #[test]
    fn what_stands_below_a_resource_is_another_however_its_parameter_is_called() {
        let done = json!({"responses": {"200": {"description": "Done"}}});
        let api = api(&json!({
            "/users": {"post": done, "get": done},
            "/users/{id}": {"parameters": [parameter("id", "integer")], "get": done, "delete": done},
            "/users/{userId}/posts": {"parameters": [parameter("userId", "integer")], "post": done},
            "/users/{userId}/posts/{postId}": {
                "parameters": [parameter("userId", "integer"), parameter("postId", "string")], "patch": done,
            },
        }));
        let found = resources(&api);
        let paths: Vec<&str> = found.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(paths, ["/users/{id}", "/users/{userId}/posts/{postId}"]);
        let acts = found[0].acts;
        assert_eq!((acts.create, acts.list, acts.read, acts.delete), (Some(0), Some(1), Some(2), Some(3)));
        assert_eq!(found[1].acts, Acts { create: Some(4), update: Some(5), ..Acts::default() });
        let named = named(&found, "/users/{userId}/posts/{postId}");
        assert_eq!(named.iter().flatten().map(|one| one.path.as_str()).collect::<Vec<_>>(), paths);
    }

    #[test]
    fn an_id_is_where_the_schema_names_it_else_where_the_answer_leads() {
        let schema = json!({"type": "object", "properties": {
            "code": {"type": "integer"},
            "data": {"type": "object", "properties": {"pet_id": {"type": "string"}, "name": {"type": "string"}}},
        }});
        let made = json!({"responses": {"201": {
            "description": "Made", "content": {"application/json": {"schema": schema}},
        }}});
        let api = api(&json!({
            "/pets": {"post": made},
            "/pets/{petId}": {"parameters": [parameter("petId", "string")], "get": {"responses": {}}},
        }));
        let pet = &resources(&api)[0];
        let body = json!({"code": 0, "data": {"pet_id": "p7", "name": "Rex"}});
        assert_eq!(id(pet, &body, None), Some(json!("p7")));
        assert_eq!(id(pet, &json!({}), Some("http://a.example/v1/pets/p%208?x=1")), Some(json!("p 8")));
        assert_eq!(pet.told(&body), &body["data"]);
        assert_eq!(pet.items(&json!({"total": 1, "pets": [1]})), Some(&vec![json!(1)]));
    }

    #[test]
    fn a_link_has_the_first_word() {
        let link = json!({"operationId": "read", "parameters": {"petId": "$response.body#/made/number"}});
        let made = json!({"responses": {"201": {"description": "Made", "links": {"read": link}}}});
        let api = api(&json!({
            "/adoptions": {"post": made},
            "/pets/{petId}": {"get": {
                "operationId": "read", "parameters": [parameter("petId", "integer")], "responses": {},
            }},
        }));
        let pet = &resources(&api)[0];
        assert_eq!(pet.acts.create, Some(0));
        assert_eq!(id(pet, &json!({"id": 1, "made": {"number": 2}}), None), Some(json!(2)));
    }
}
