//! Laws of the echo: what was sent is said again where it may be, and nowhere else; the rest is made.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

fn compile(schema: &Value) -> Schema {
    let files = [("standin:test".to_owned(), Arc::new(schema.clone()))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    library.compile("standin:test", &Pointer::root()).unwrap()
}

fn pet() -> Value {
    json!({"type": "object", "required": ["id", "name"], "properties": {
        "id": {"type": "integer"}, "name": {"type": "string", "maxLength": 10}, "age": {"type": "integer", "minimum": 0},
        "tags": {"type": "array", "items": {"type": "string"}},
        "secret": {"type": "string", "writeOnly": true},
        "owner": {"type": "object", "required": ["since"], "properties": {"name": {"type": "string"}, "since": {"type": "integer"}}}}})
}

/// Values like what was sent, each a valid one.
fn made(schema: &Value, sent: &Value) -> Vec<Value> {
    let schema = compile(schema);
    let made = |seed| schema.generate_like(sent, &mut Dice::seeded(seed)).unwrap();
    (0..60).map(made).inspect(|value| assert!(schema.is_valid(value), "{value}")).collect()
}

#[test]
fn what_was_sent_is_said_again_and_the_rest_is_made() {
    for value in made(&pet(), &json!({"name": "Rex", "tags": ["good"], "color": "red", "secret": "s"})) {
        assert_eq!((&value["name"], &value["tags"]), (&json!("Rex"), &json!(["good"])));
        assert!(
            value["id"].is_i64() && value.get("color").is_none() && value.get("secret").is_none(),
            "{value}"
        );
    }
}

#[test]
fn what_does_not_fit_is_made_or_read_as_what_fits() {
    for value in made(&pet(), &json!({"id": "7", "name": "a name that is too long", "age": -1})) {
        assert_eq!(value["id"], 7);
        assert_ne!(value["name"], "a name that is too long");
        assert_ne!(value["age"], -1);
    }
}

#[test]
fn objects_within_say_again_what_was_sent_of_them() {
    for value in made(&pet(), &json!({"owner": {"name": "Ada"}})) {
        assert_eq!(value["owner"]["name"], "Ada");
        assert!(value["owner"]["since"].is_i64());
    }
}

#[test]
fn a_wrapped_object_says_again_what_was_sent() {
    let wrapper = json!({"type": "object", "required": ["data"], "properties": {"ok": {"type": "boolean"}, "data": pet()}});
    assert!(made(&wrapper, &json!({"name": "Rex"})).iter().all(|value| value["data"]["name"] == "Rex"));
}

#[test]
fn the_items_of_a_list_say_nothing_again_but_are_no_more_than_asked_for() {
    let list = json!({"type": "array", "items": pet()});
    let values = made(&list, &json!({"id": 7, "limit": 1}));
    assert!(values.iter().all(|value| value.as_array().unwrap().len() <= 1));
    assert!(values.iter().flat_map(|value| value.as_array().unwrap()).any(|pet| pet["id"] != 7));
    let wrapped = json!({"type": "object", "required": ["items"], "properties": {"items": list}});
    assert!(
        made(&wrapped, &json!({"page_size": 1}))
            .iter()
            .all(|value| value["items"].as_array().unwrap().len() <= 1)
    );
    let least = json!({"type": "array", "items": pet(), "minItems": 2});
    assert!(made(&least, &json!({"limit": 1})).iter().all(|value| value.as_array().unwrap().len() == 2));
}

#[test]
fn the_branch_that_was_sent_is_answered() {
    let branch = |kind: &str, name: &str| {
        json!({"type": "object", "required": ["kind", name, "id"], "properties":
        {"kind": {"const": kind}, name: {"type": "integer"}, "id": {"type": "integer"}}})
    };
    let either = json!({"oneOf": [branch("cat", "lives"), branch("dog", "barks")]});
    assert!(made(&either, &json!({"kind": "dog"})).iter().all(|value| value["kind"] == "dog"));
    assert!(made(&either, &json!({"kind": "cat", "lives": 9})).iter().all(|value| value["lives"] == 9));
}

#[test]
fn an_example_says_what_was_sent_where_it_stays_valid() {
    let schema = compile(&pet());
    let example = json!({"id": 1, "name": "Tom", "age": 3});
    let echoed = schema.echoed(&example, &json!({"id": "7", "name": "Rex", "age": -1, "color": "red"}));
    assert_eq!(echoed, json!({"id": 7, "name": "Rex", "age": 3}));
    let list = compile(&json!({"type": "array", "items": pet()}));
    let example = json!([{"id": 1, "name": "Tom"}, {"id": 2, "name": "Kit"}]);
    assert_eq!(list.echoed(&example, &json!({"limit": 1, "id": 9})), json!([{"id": 1, "name": "Tom"}]));
}
