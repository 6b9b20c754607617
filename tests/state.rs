//! What a mock keeps, against a plain model: any sequence of making, reading, listing, replacing, changing and deleting is
//! answered as the model says, and every answer satisfies the document. Then `verify` looks for a wrong sequence.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use standin::{
    api::{self, Api},
    credential::Foreign,
    document::{self, Source},
    exchange::{Reply, Request},
    finding::Severity,
    mock::{self, Mock},
    sandbox::{Clock, Room},
    verify::{Options, Phase, Verifier},
};

/// A document, and what the model has to know of it.
struct Kind {
    text: String,
    /// The collection that things stand in, below a parent where there is one.
    collection: &'static str,
    parents: Option<&'static str>,
    /// What stands around a thing, and around a list.
    wrapper: Option<&'static str>,
    list: Option<&'static str>,
    /// The names of the parameters that say how long a page is and where it begins.
    paging: Option<(&'static str, &'static str)>,
    /// Whether the beginning is the number of a page.
    is_numbered: bool,
    /// Whether a note may be null.
    is_nullable: bool,
    /// Whether a `PUT` makes what is not there.
    is_put: bool,
}

/// The document of things in `collection`; `id` is the type of their ids.
fn described(kind: &Kind, id: &Value) -> String {
    let note = if kind.is_nullable { json!({"type": ["string", "null"]}) } else { json!({"type": "string"}) };
    let owner = json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "city": {"type": "string"}}});
    let sent = json!({"name": {"type": "string", "minLength": 1}, "kind": {"enum": ["dog", "cat"]}, "note": note, "owner": owner});
    let mut told = sent.clone();
    told["id"] = id.clone();
    told["made"] = json!({"type": "string", "format": "date-time"});
    let new = json!({"type": "object", "required": ["name"], "properties": sent});
    let changed = json!({"type": "object", "properties": {
        "name": {"type": "string", "minLength": 1}, "kind": {"enum": ["dog", "cat"]}, "note": {"type": ["string", "null"]}, "owner": owner,
    }});
    let thing = json!({"type": "object", "required": ["id", "name", "made"], "properties": told});
    let wrapped = |inner: &Value, name: Option<&str>| match name {
        Some(name) => json!({"type": "object", "required": [name], "properties": {
            name: inner, "total": {"type": "integer", "minimum": 0}, "hasMore": {"type": "boolean"},
        }}),
        None => inner.clone(),
    };
    let content = |schema: &Value| json!({"application/json": {"schema": schema}});
    let says = |schema: &Value| json!({"description": "It", "content": content(schema)});
    let one = says(&wrapped(&thing, kind.wrapper));
    let absent = says(
        &json!({"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}),
    );
    let all = says(&wrapped(&json!({"type": "array", "items": thing}), kind.list));
    let body = |schema: &Value| json!({"required": true, "content": content(schema)});
    let number = |name: &str, least: u64, usual: u64| json!({"name": name, "in": "query", "schema": {"type": "integer", "minimum": least, "default": usual}});
    let mut filters = vec![json!({"name": "kind", "in": "query", "schema": {"enum": ["dog", "cat"]}})];
    if let Some((limit, start)) = kind.paging {
        let first = u64::from(kind.is_numbered);
        filters.extend([number(limit, 1, 3), number(start, first, first)]);
    }
    let above = kind
        .parents
        .map(|_| json!({"name": "userId", "in": "path", "required": true, "schema": {"type": "string"}}));
    let own = json!({"name": "thingId", "in": "path", "required": true, "schema": id});
    let both: Vec<Value> = above.iter().cloned().chain([own]).collect();
    let mut replace = json!({"requestBody": body(&new), "responses": {"200": one, "404": absent}});
    if kind.is_put {
        replace["responses"]["201"] = one.clone();
    }
    let mut paths = json!({
        kind.collection: {
            "parameters": above.iter().collect::<Vec<_>>(),
            "post": {"requestBody": body(&new), "responses": {"201": one, "404": absent}},
            "get": {"parameters": filters, "responses": {"200": all, "404": absent}},
        },
        format!("{}/{{thingId}}", kind.collection): {
            "parameters": both,
            "get": {"responses": {"200": one, "404": absent}},
            "put": replace,
            "patch": {"requestBody": body(&changed), "responses": {"200": one, "404": absent}},
            "delete": {"responses": {"204": {"description": "Gone"}, "404": absent}},
        },
    });
    if let Some(parents) = kind.parents {
        let user = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string", "format": "uuid"}}});
        paths[parents] = json!({"post": {"responses": {"201": says(&user)}}});
        let parameters =
            json!([{"name": "userId", "in": "path", "required": true, "schema": {"type": "string"}}]);
        paths[format!("{parents}/{{userId}}")] = json!({
            "parameters": parameters,
            "get": {"responses": {"200": says(&user), "404": absent}},
            "delete": {"responses": {"204": {"description": "Gone"}, "404": absent}},
        });
    }
    json!({"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "paths": paths}).to_string()
}

/// Things in a list with an offset, whose notes may not be null.
fn plain() -> Kind {
    let mut kind = Kind {
        text: String::new(),
        collection: "/pets",
        parents: None,
        wrapper: None,
        list: Some("items"),
        paging: Some(("limit", "offset")),
        is_numbered: false,
        is_nullable: false,
        is_put: false,
    };
    kind.text = described(&kind, &json!({"type": "integer", "minimum": 1}));
    kind
}

fn kinds() -> Vec<Kind> {
    let mut nested = Kind {
        collection: "/users/{userId}/orders",
        parents: Some("/users"),
        wrapper: Some("data"),
        list: Some("data"),
        paging: Some(("per_page", "page")),
        is_numbered: true,
        is_nullable: true,
        ..plain()
    };
    let mut put = Kind { collection: "/labels", list: None, paging: None, is_put: true, ..plain() };
    nested.text = described(&nested, &json!({"type": "string", "format": "uuid"}));
    put.text = described(&put, &json!({"type": "string", "pattern": "^[a-z0-9]+$"}));
    vec![plain(), nested, put]
}

fn read(text: &str) -> Arc<Api> {
    let source = Source::Text { name: "things.json".into(), text: text.into() };
    let (api, findings) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    assert_eq!(findings, []);
    Arc::new(api)
}

fn stateful(api: Arc<Api>, seed: u64) -> Mock {
    let options = mock::Options {
        keeps: Some(Room::default()),
        seed,
        foreign: Foreign::Refused,
        ..mock::Options::default()
    };
    Mock::new(vec![api], Arc::new(Clock::system()), options).0
}

/// One step; things and parents are chosen by number among those that there are, one beyond them is unknown.
#[derive(Debug, Clone)]
enum Act {
    Parent,
    RemoveParent(u8),
    Create(u8, Map<String, Value>),
    Read(u8, u8),
    List(u8, Option<&'static str>, Option<(u64, u64)>),
    Replace(u8, u8, Map<String, Value>),
    Change(u8, u8, Map<String, Value>),
    Delete(u8, u8),
}

fn thing() -> impl Strategy<Value = Map<String, Value>> {
    let kind = proptest::option::of(prop_oneof![Just("dog"), Just("cat")]);
    ("[a-zé]{1,8}", kind, proptest::option::of("[a-z ]{0,6}")).prop_map(|(name, kind, note)| {
        let mut members = Map::new();
        members.insert("name".to_owned(), name.into());
        members.extend(kind.map(|kind| ("kind".to_owned(), kind.into())));
        // What stands within a thing has a name, too, and is not the thing.
        members.extend(note.iter().map(|note| ("owner".to_owned(), json!({"name": note}))));
        members.extend(note.map(|note| ("note".to_owned(), note.into())));
        members
    })
}

/// Some of a thing, and perhaps no note.
fn change() -> impl Strategy<Value = Map<String, Value>> {
    (thing(), 0..4_u8).prop_map(|(mut members, less)| {
        if less % 2 == 0 {
            members.shift_remove("name");
        }
        if less > 1 {
            members.insert("note".to_owned(), Value::Null);
        }
        members
    })
}

fn act() -> impl Strategy<Value = Act> {
    let filter = proptest::option::of(prop_oneof![Just("dog"), Just("cat")]);
    let page = proptest::option::of((1..4_u64, 0..4_u64));
    prop_oneof![
        1 => Just(Act::Parent),
        1 => any::<u8>().prop_map(Act::RemoveParent),
        6 => (any::<u8>(), thing()).prop_map(|(parent, sent)| Act::Create(parent, sent)),
        3 => (any::<u8>(), any::<u8>()).prop_map(|(parent, which)| Act::Read(parent, which)),
        3 => (any::<u8>(), filter, page).prop_map(|(parent, kind, page)| Act::List(parent, kind, page)),
        2 => (any::<u8>(), any::<u8>(), thing()).prop_map(|(parent, which, sent)| Act::Replace(parent, which, sent)),
        2 => (any::<u8>(), any::<u8>(), change()).prop_map(|(parent, which, sent)| Act::Change(parent, which, sent)),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(parent, which)| Act::Delete(parent, which)),
    ]
}

/// What a plain program would hold: the things of each collection, oldest first.
struct World<'k> {
    kind: &'k Kind,
    mock: Mock,
    parents: Vec<String>,
    things: BTreeMap<String, Vec<(String, Value)>>,
}

/// A value and a patch of it without nulls (RFC 7396).
fn merged(mut before: Value, patch: &Value) -> Value {
    let (Some(members), Some(patch)) = (before.as_object_mut(), patch.as_object()) else {
        return patch.clone();
    };
    members.extend(patch.clone());
    before
}

/// An id in a path.
fn text(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

impl World<'_> {
    /// Sends a request; its answer satisfies the document.
    fn send(&self, method: Method, target: &str, body: Option<&Map<String, Value>>) -> (Reply, Value) {
        let mut request = Request::new(method, target);
        if let Some(body) = body {
            let body = Value::Object(body.clone()).to_string();
            request = request.header("content-type", "application/json").body(body);
        }
        let reply = self.mock.answer(&request);
        let route = self.mock.plan().route(&request).unwrap();
        let found = route.check_response(&request.method, &reply.response);
        let wrong = found.iter().chain(&reply.findings).filter(|one| one.severity == Severity::Error);
        assert_eq!(wrong.collect::<Vec<_>>(), Vec::<&standin::finding::Finding>::new(), "{target}");
        let body = serde_json::from_slice(&reply.response.body).unwrap_or_default();
        (reply, body)
    }

    /// The path of a collection, and whether what it stands below is there.
    fn collection(&self, parent: u8) -> (String, bool) {
        if self.kind.parents.is_none() {
            return (self.kind.collection.to_owned(), true);
        }
        let parent = self.parents.get(usize::from(parent) % (self.parents.len() + 1));
        let path = self.kind.collection.replace("{userId}", parent.map_or("nobody", String::as_str));
        (path, parent.is_some())
    }

    /// The path of a thing, its place in its collection, and the collection.
    fn thing(&self, parent: u8, which: u8) -> (String, Option<usize>, String) {
        let (collection, _) = self.collection(parent);
        let held = self.things.get(&collection).map_or(&[][..], Vec::as_slice);
        let place = usize::from(which) % (held.len() + 1);
        let unknown =
            if self.kind.collection == "/pets" { "987654" } else { "00000000-0000-4000-8000-000000000000" };
        let unknown = if self.kind.is_put { "unknown1" } else { unknown };
        let id = held.get(place).map_or(unknown, |(id, _)| id);
        // It is known once it was put.
        let place = held.iter().position(|(held, _)| held == id);
        (format!("{collection}/{id}"), place, collection)
    }

    fn told(&self, body: &Value) -> Value {
        self.kind.wrapper.map_or_else(|| body.clone(), |name| body[name].clone())
    }

    fn follow(&mut self, act: &Act) {
        match act {
            Act::Parent => {
                let Some(parents) = self.kind.parents else { return };
                let (reply, body) = self.send(Method::POST, parents, None);
                assert_eq!(reply.response.status, StatusCode::CREATED);
                let id = text(&body["id"]);
                assert!(!self.parents.contains(&id), "an id names one");
                self.parents.push(id);
            }
            Act::RemoveParent(which) => {
                let Some(parents) = self.kind.parents.filter(|_| !self.parents.is_empty()) else { return };
                let id = self.parents.remove(usize::from(*which) % self.parents.len());
                let (reply, _) = self.send(Method::DELETE, &format!("{parents}/{id}"), None);
                assert_eq!(reply.response.status, StatusCode::NO_CONTENT);
                self.things.remove(&self.kind.collection.replace("{userId}", &id));
            }
            Act::Create(parent, sent) => self.create(*parent, sent),
            Act::Read(parent, which) => {
                let (path, place, collection) = self.thing(*parent, *which);
                let (reply, body) = self.send(Method::GET, &path, None);
                let expected = place.map(|place| self.things[&collection][place].1.clone());
                assert_eq!(reply.response.status == StatusCode::NOT_FOUND, expected.is_none(), "{path}");
                assert_eq!(
                    expected.map(|_| self.told(&body)),
                    place.map(|place| self.things[&collection][place].1.clone())
                );
            }
            Act::List(parent, kind, page) => self.list(*parent, *kind, *page),
            Act::Replace(parent, which, sent) => self.replace(*parent, *which, sent),
            Act::Change(parent, which, sent) => self.change(*parent, *which, sent),
            Act::Delete(parent, which) => {
                let (path, place, collection) = self.thing(*parent, *which);
                let (reply, _) = self.send(Method::DELETE, &path, None);
                let gone = place.map_or(StatusCode::NOT_FOUND, |_| StatusCode::NO_CONTENT);
                assert_eq!(reply.response.status, gone, "{path}");
                if let Some(place) = place {
                    self.things.get_mut(&collection).unwrap().remove(place);
                }
            }
        }
    }

    fn create(&mut self, parent: u8, sent: &Map<String, Value>) {
        let (collection, is_there) = self.collection(parent);
        let (reply, body) = self.send(Method::POST, &collection, Some(sent));
        if !is_there {
            assert_eq!(reply.response.status, StatusCode::NOT_FOUND);
            return;
        }
        assert_eq!(reply.response.status, StatusCode::CREATED, "{}", reply.why);
        let told = self.told(&body);
        for (name, value) in sent {
            assert_eq!(told.get(name), Some(value), "what was sent is told: {}", reply.why);
        }
        let id = text(&told["id"]);
        let held = self.things.entry(collection).or_default();
        assert!(held.iter().all(|(other, _)| *other != id), "an id names one thing: {id}");
        held.push((id, told));
    }

    fn list(&self, parent: u8, kind: Option<&str>, page: Option<(u64, u64)>) {
        let (collection, is_there) = self.collection(parent);
        let mut query: Vec<String> = kind.iter().map(|kind| format!("kind={kind}")).collect();
        let first = u64::from(self.kind.is_numbered);
        let page = page.filter(|_| self.kind.paging.is_some()).map(|(length, start)| (length, start + first));
        if let (Some((limit, start)), Some((length, from))) = (self.kind.paging, page) {
            query.extend([format!("{limit}={length}"), format!("{start}={from}")]);
        }
        let (reply, body) = self.send(Method::GET, &format!("{collection}?{}", query.join("&")), None);
        if !is_there {
            assert_eq!(reply.response.status, StatusCode::NOT_FOUND);
            return;
        }
        let empty = Vec::new();
        let held = self.things.get(&collection).unwrap_or(&empty).iter().map(|(_, value)| value);
        let wanted: Vec<&Value> =
            held.filter(|value| kind.is_none_or(|kind| value["kind"] == kind)).collect();
        let (length, from) = page.unwrap_or((3, first));
        let (length, from) = (usize::try_from(length).unwrap(), usize::try_from(from - first).unwrap());
        let (length, from) = match (self.kind.paging, self.kind.is_numbered) {
            (None, _) => (usize::MAX, 0),
            (_, true) => (length, from * length),
            (_, false) => (length, from),
        };
        let expected: Vec<&Value> = wanted.iter().skip(from).take(length).copied().collect();
        let listed = self.kind.list.map_or(&body, |name| &body[name]);
        let listed: Vec<&Value> = listed.as_array().unwrap().iter().collect();
        assert_eq!(listed, expected, "{query:?}: {}", reply.why);
        if let Some(total) = body.get("total") {
            assert_eq!(total, &json!(wanted.len()));
        }
        if let Some(more) = body.get("hasMore") {
            assert_eq!(more, &json!(from + expected.len() < wanted.len()));
        }
    }

    fn replace(&mut self, parent: u8, which: u8, sent: &Map<String, Value>) {
        let (path, place, collection) = self.thing(parent, which);
        let (reply, body) = self.send(Method::PUT, &path, Some(sent));
        let told = self.told(&body);
        match place {
            None if self.kind.is_put => {
                assert_eq!(reply.response.status, StatusCode::CREATED, "{}", reply.why);
                assert_eq!(told["id"], "unknown1");
                assert!(sent.iter().all(|(name, value)| told.get(name) == Some(value)), "{told}");
                self.things.entry(collection).or_default().push(("unknown1".to_owned(), told));
            }
            None => assert_eq!(reply.response.status, StatusCode::NOT_FOUND),
            Some(place) => {
                assert_eq!(reply.response.status, StatusCode::OK, "{}", reply.why);
                let held = &mut self.things.get_mut(&collection).unwrap()[place].1;
                let mut after = sent.clone();
                after.insert("id".to_owned(), held["id"].clone());
                after.insert("made".to_owned(), held["made"].clone());
                *held = Value::Object(after);
                assert_eq!(&told, held);
            }
        }
    }

    fn change(&mut self, parent: u8, which: u8, sent: &Map<String, Value>) {
        let (path, place, collection) = self.thing(parent, which);
        let (reply, body) = self.send(Method::PATCH, &path, Some(sent));
        let told = self.told(&body);
        let Some(place) = place else {
            assert_eq!(reply.response.status, StatusCode::NOT_FOUND);
            return;
        };
        let held = self.things.get_mut(&collection).unwrap()[place].1.as_object_mut().unwrap();
        for (name, value) in sent {
            if value.is_null() && !self.kind.is_nullable {
                held.shift_remove(name);
            } else {
                let before = held.get(name).cloned().unwrap_or_default();
                held.insert(name.clone(), merged(before, value));
            }
        }
        assert_eq!(told, Value::Object(held.clone()), "{sent:?}: {}", reply.why);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_is_answered_as_a_plain_model_says(
        acts in proptest::collection::vec(act(), 1..40),
        seed in 0..1000_u64,
    ) {
        for kind in &kinds() {
            let mock = stateful(read(&kind.text), seed);
            let mut world = World { kind, mock, parents: Vec::new(), things: BTreeMap::new() };
            for act in &acts {
                world.follow(act);
            }
        }
    }

    #[test]
    fn the_same_sequence_gets_the_same_bytes(acts in proptest::collection::vec(act(), 1..20), seed in 0..1000_u64) {
        let kind = &kinds()[0];
        let api = read(&kind.text);
        let run = || {
            let mock = stateful(Arc::clone(&api), seed);
            let mut world = World { kind, mock, parents: Vec::new(), things: BTreeMap::new() };
            for act in &acts {
                world.follow(act);
            }
            world.things
        };
        prop_assert_eq!(run(), run());
    }
}

#[test]
fn without_the_option_nothing_is_kept() {
    let kind = &kinds()[0];
    let mock = Mock::new(vec![read(&kind.text)], Arc::new(Clock::system()), mock::Options::default()).0;
    assert!(mock.keepers().is_empty());
    let made = Request::new(Method::POST, "/pets")
        .header("content-type", "application/json")
        .body(r#"{"name": "Rex"}"#);
    assert_eq!(mock.answer(&made).response, mock.answer(&made).response);
    assert_eq!(mock.answer(&Request::new(Method::GET, "/pets/987654")).response.status, StatusCode::OK);
}

#[test]
fn the_oldest_go_where_there_is_no_room_and_the_answer_says_so() {
    let kind = &kinds()[0];
    let room = Room { things: 2, ..Room::default() };
    let options = mock::Options { keeps: Some(room), ..mock::Options::default() };
    let (mock, _) = Mock::new(vec![read(&kind.text)], Arc::new(Clock::system()), options);
    let post = || {
        let sent = Request::new(Method::POST, "/pets").header("content-type", "application/json");
        let reply = mock.answer(&sent.body(r#"{"name": "Rex"}"#));
        (serde_json::from_slice::<Value>(&reply.response.body).unwrap()["id"].clone(), reply.why)
    };
    let made = [post(), post(), post()];
    assert!(made[2].1.ends_with("1 older thing(s) went, for want of room"), "{}", made[2].1);
    let status = |id: &Value| mock.answer(&Request::new(Method::GET, &format!("/pets/{id}"))).response.status;
    assert_eq!(made.map(|(id, _)| status(&id).as_u16()), [404, 200, 200]);
}

#[test]
fn what_is_kept_in_one_sandbox_is_not_seen_in_another() {
    let mock = stateful(read(&kinds()[0].text), 0);
    let sandboxes = ["one", "two"].map(|name| mock.sandbox(&name.parse().unwrap()));
    let sent = Request::new(Method::POST, "/pets").header("content-type", "application/json");
    let sent = sent.body(r#"{"name": "Rex"}"#);
    let made = sandboxes.each_ref().map(|sandbox| mock.answer_in(sandbox, &sent).response.body);
    assert_eq!(made[0], made[1], "each makes the first one");
    mock.answer_in(&sandboxes[0], &sent);
    let list = Request::new(Method::GET, "/pets");
    let totals = sandboxes.each_ref().map(|sandbox| {
        let body = mock.answer_in(sandbox, &list).response.body;
        serde_json::from_slice::<Value>(&body).unwrap()["items"].as_array().unwrap().len()
    });
    assert_eq!(totals, [2, 1]);
    sandboxes[0].reset();
    let after = mock.answer_in(&sandboxes[0], &list).response.body;
    assert_eq!(serde_json::from_slice::<Value>(&after).unwrap()["items"], json!([]));
}

/// Everything that `verify` finds in a stateful mock of a document, by so many at once.
fn verified(api: Arc<Api>, workers: usize) -> Vec<String> {
    let known = Mock::new(vec![Arc::clone(&api)], Arc::new(Clock::system()), mock::Options::default()).0;
    let options = Options { phases: vec![Phase::Stateful], workers, ..Options::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let verifier = Verifier::new(known.plan(), known.books(), stateful(api, 0), options);
    let outcome = runtime.block_on(verifier.run(&()));
    let told = outcome.violations.iter().map(|one| {
        let steps = one.before.iter().map(|earlier| {
            let (request, response) = (&earlier.request, &earlier.response);
            format!(
                "  {} {} {:?} → {} {:?}",
                request.method,
                request.path,
                request.bytes().len(),
                response.status,
                response.body
            )
        });
        let steps: Vec<String> = steps.collect();
        format!(
            "{}: {}: {} {} {:?} → {} {:?}\n{}",
            one.check,
            one.finding,
            one.request.method,
            one.request.path,
            String::from_utf8_lossy(one.request.bytes()),
            one.response.status,
            one.response.body,
            steps.join("\n")
        )
    });
    told.collect()
}

#[test]
fn verify_finds_no_wrong_sequence_in_what_a_mock_keeps() {
    let orders = include_str!("../examples/orders/openapi.yaml");
    let mut texts: Vec<String> = kinds().into_iter().map(|kind| kind.text).collect();
    texts.push(orders.to_owned());
    for text in texts {
        let found = verified(read(&text), Options::default().workers);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

/// In these the client chooses ids, and sequences beside each other would choose the same.
#[test]
fn verify_finds_none_in_documents_of_others_either_one_sequence_after_the_other() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    for path in ["museum/openapi.yaml", "petstore/src/main/resources/openapi.yaml"] {
        let path = corpus.join(path);
        if !path.is_file() {
            continue;
        }
        let document = document::load(&Source::Path(path)).unwrap();
        let found = verified(Arc::new(api::read(Arc::new(document)).unwrap().0), 1);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
