//! The requests of one method and path → an operation that takes each of them.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    body::Body,
    collection::Request,
    names::Names,
    parameter::Parameter,
    response,
    tree::{Schemes, Source, Written},
    url::Path,
};

/// The Operation Object; `ids` are the names that other operations have.
pub(super) fn written(
    requests: &[&Request<'_>],
    path: &Path,
    schemes: &mut Schemes,
    ids: &mut Names,
) -> Written {
    let first = requests[0];
    let mut operation = Written::from(&first.item.place().pointer);
    operation.set("operationId", json!(id(first, ids)));
    if !first.name.is_empty() {
        operation.set("summary", json!(first.name));
    }
    if let Some(told) = requests.iter().find(|request| !request.description.is_empty()) {
        operation.set("description", json!(told.description));
    }
    if !first.folders.is_empty() {
        operation.set("tags", json!([first.folders.join(" / ")]));
    }
    let parameters = parameters(requests, path);
    if !parameters.is_empty() {
        let parameters = parameters.iter().map(|parameter| Written::of(parameter.written()));
        operation.put_list("parameters", parameters.collect());
    }
    if let Some(body) = body(requests) {
        operation.put("requestBody", body);
    }
    let saved: Vec<_> = requests.iter().flat_map(|request| &request.responses).collect();
    operation.put("responses", response::written(&saved));
    let security = security(requests, schemes);
    if security != json!([{}]) {
        operation.set("security", security);
    }
    operation
}

/// A name for programs that no other operation has: the words of its own, or its method and path.
fn id(request: &Request<'_>, ids: &mut Names) -> String {
    let words = |text: &str| {
        let words =
            text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        words.enumerate().map(|(index, word)| cased(word, index)).collect::<String>()
    };
    let named = words(&request.name);
    let path = || words(&format!("{} {}", request.method.to_ascii_lowercase(), request.target.path.template));
    let name = if named.is_empty() { path() } else { named };
    ids.free(&name, "")
}

/// A word as it stands in a name such as `getPetById`.
fn cased(word: &str, index: usize) -> String {
    let mut characters = word.chars();
    let Some(first) = characters.next() else { return String::new() };
    let rest = characters.as_str();
    // An abbreviation keeps its capitals, but for one that the name begins with.
    match index {
        0 if word.chars().all(|character| !character.is_lowercase()) => word.to_lowercase(),
        0 => first.to_lowercase().chain(rest.chars()).collect(),
        _ => first.to_uppercase().chain(rest.chars()).collect(),
    }
}

/// The parameters of all requests; one that is not in each of them may be left out.
fn parameters(requests: &[&Request<'_>], path: &Path) -> Vec<Parameter> {
    let mut merged: Vec<Parameter> = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        let own = named(request, path);
        for known in &mut merged {
            known.is_required &= own.iter().any(|parameter| parameter.is_same(known));
        }
        for mut parameter in own {
            if let Some(known) = merged.iter_mut().find(|known| known.is_same(&parameter)) {
                known.merge(&parameter);
            } else {
                parameter.is_required &= index == 0;
                merged.push(parameter);
            }
        }
    }
    merged
}

/// The parameters of a request, those in the path under the names that the path has here.
fn named(request: &Request<'_>, path: &Path) -> Vec<Parameter> {
    let mut parameters = request.parameters.clone();
    let in_path = parameters.iter_mut().filter(|parameter| parameter.part == "path");
    for (parameter, name) in in_path.zip(&path.names) {
        parameter.name.clone_from(name);
    }
    parameters
}

/// A body and the name of its request.
type Named<'r> = (&'r str, &'r Body);

/// The Request Body Object; `None` where no request has a body.
fn body(requests: &[&Request<'_>]) -> Option<Written> {
    let named = requests.iter().filter_map(|request| Some((request.name.as_str(), request.body.as_ref()?)));
    let bodies: Vec<Named<'_>> = named.collect();
    let mut body = Written::from(&bodies.first()?.1.at);
    // Many clients cannot send a body with these methods (RFC 9110, sections 9.3.1 and 9.3.2).
    let is_usual = !matches!(requests[0].method.as_str(), "GET" | "HEAD");
    body.set("required", json!(is_usual && bodies.len() == requests.len()));
    let mut by_type: IndexMap<&str, Vec<Named<'_>>> = IndexMap::new();
    for (name, body) in bodies {
        by_type.entry(&body.media_type).or_default().push((name, body));
    }
    let mut content = Written::default();
    for (media_type, bodies) in by_type {
        content.put(media_type, media_type_object(&bodies));
    }
    body.put("content", content);
    Some(body)
}

/// The Media Type Object of bodies.
fn media_type_object(bodies: &[Named<'_>]) -> Written {
    let mut object = Written::from(&bodies[0].1.at);
    let mut alternatives: IndexMap<String, Source> = IndexMap::new();
    let mut is_open = false;
    for (_, body) in bodies {
        match &body.schema {
            Some(schema) => {
                let source = || Source { value: schema.clone(), at: body.at.clone() };
                alternatives.entry(schema.to_string()).or_insert_with(source);
            }
            // One sample of which nothing is known leaves room for everything.
            None => is_open = true,
        }
    }
    let mut alternatives = alternatives.into_values().map(Written::of);
    match alternatives.len() {
        _ if is_open => {}
        1 => object.put("schema", alternatives.next().unwrap_or_default()),
        _ => {
            let mut schema = Written::default();
            schema.put_list("anyOf", alternatives.collect());
            object.put("schema", schema);
        }
    }
    let encoding: Map<String, Value> = bodies.iter().flat_map(|(_, body)| body.encoding.clone()).collect();
    if !encoding.is_empty() {
        object.set("encoding", Value::Object(encoding));
    }
    let examples = examples(bodies);
    if !examples.is_empty() {
        object.put("examples", examples);
    }
    object
}

/// The samples, under the names of their requests.
fn examples(bodies: &[Named<'_>]) -> Written {
    let mut examples = Written::default();
    let mut names = Names::default();
    for (name, body) in bodies {
        let Some(value) = &body.example else { continue };
        let name = names.free(if name.is_empty() { "example" } else { name }, " ");
        let value = json!({ "value": value });
        examples.put(name, Written::of(Source { value, at: body.at.clone() }));
    }
    examples
}

/// The alternatives of which one must be met.
fn security(requests: &[&Request<'_>], schemes: &mut Schemes) -> Value {
    let mut alternatives: Vec<Value> = Vec::new();
    for request in requests {
        let needed = request.schemes.iter().map(|scheme| (schemes.name(scheme), json!([])));
        let alternative = Value::Object(needed.collect());
        if !alternatives.contains(&alternative) {
            alternatives.push(alternative);
        }
    }
    Value::Array(alternatives)
}
