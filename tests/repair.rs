//! Laws of repair: what comes out is valid, what was sound is kept, and a sound value is left as it is.
//!
//! A table shows each kind of fault; real examples that break their schemas are taken from a corpus beside the repository,
//! where there is one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may panic, tell what it counted, and read the documents it is about"
)]

#[path = "corpus/examples.rs"]
mod corpus;

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

/// Schemas, broken values of them, and what these become where that does not depend on the dice.
fn table() -> Vec<(Value, Value, Value)> {
    let pet = json!({"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["cat", "dog"]},
        "age": {"type": "integer", "minimum": 0, "maximum": 30}, "tags": {"type": "array", "maxItems": 2,
        "uniqueItems": true, "items": {"type": "string"}}}});
    let closed = json!({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}},
        "additionalProperties": false});
    let unevaluated = json!({"type": "object", "allOf": [{"properties": {"a": {"type": "string"}}}],
        "properties": {"b": {"type": "integer"}}, "unevaluatedProperties": false});
    let either = json!({"oneOf": [
        {"type": "object", "required": ["kind", "bark"], "properties": {"kind": {"const": "dog"}, "bark": {"type": "integer"}}},
        {"type": "object", "required": ["kind", "meow"], "properties": {"kind": {"const": "cat"}, "meow": {"type": "integer"}}}]});
    vec![
        (pet.clone(), json!({"kind": "CAT", "age": 3}), json!({"kind": "cat", "age": 3})),
        (pet.clone(), json!({"age": "7", "kind": "dgo"}), json!({"age": 7, "kind": "dog"})),
        (pet.clone(), json!({"kind": "cat", "age": 99}), json!({"kind": "cat", "age": 30})),
        (pet.clone(), json!({"kind": "cat", "age": null}), json!({"kind": "cat"})),
        (pet.clone(), json!({"kind": "cat", "age": 2.5}), json!({"kind": "cat", "age": 2})),
        (
            pet.clone(),
            json!({"kind": "cat", "tags": ["a", "b", "c"]}),
            json!({"kind": "cat", "tags": ["a", "b"]}),
        ),
        (pet.clone(), json!({"kind": "cat", "tags": ["a", null]}), json!({"kind": "cat", "tags": ["a"]})),
        (pet.clone(), json!({"kind": "cat", "tags": "a"}), json!({"kind": "cat", "tags": ["a"]})),
        (pet, json!({"kind": "cat", "tags": ["a", 5]}), json!({"kind": "cat", "tags": ["a", "5"]})),
        (closed.clone(), json!({"b": 1, "a": "x"}), json!({"a": "x"})),
        (closed, json!({"a": "abcdef"}), json!({"a": "abc"})),
        (unevaluated, json!({"a": "x", "b": "1", "c": 2}), json!({"a": "x", "b": 1})),
        (either, json!({"kind": "cat", "meow": "5"}), json!({"kind": "cat", "meow": 5})),
        (
            json!({"type": "string", "format": "date-time"}),
            json!("2021-03-04 05:06:07"),
            json!("2021-03-04T05:06:07Z"),
        ),
        (json!({"type": "string", "format": "date"}), json!("2021-03-04T05:06:07Z"), json!("2021-03-04")),
        (
            json!({"type": "string", "format": "uri"}),
            json!("example.com/a b"),
            json!("https://example.com/a%20b"),
        ),
        (json!({"type": "string", "pattern": "^[0-9]{5}$", "minLength": 5}), json!(123), json!("00123")),
        (json!({"type": "boolean"}), json!("True"), json!(true)),
        (json!({"type": "number", "multipleOf": 0.25}), json!(0.6), json!(0.5)),
        (json!({"type": "object", "maxProperties": 1}), json!({"a": 1, "b": 2}), json!({"a": 1})),
        (json!({"type": "string"}), json!(["only"]), json!("only")),
        // Without a `type` any list would do, too.
        (
            json!({"required": ["a"], "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}),
            json!({"a": "1", "b": null}),
            json!({"a": 1}),
        ),
        (
            json!({"properties": {"a": {"type": "object"}, "b": {"type": "object"}}}),
            json!({"a": 1, "b": {"c": 2}}),
            json!({"a": {}, "b": {"c": 2}}),
        ),
    ]
}

#[test]
fn each_fault_is_mended_in_its_place() {
    for (schema, broken, expected) in table() {
        let schema = compile(&schema);
        assert!(!schema.is_valid(&broken), "{broken}");
        for seed in 0..20 {
            let repaired = schema.repair(&broken, &mut Dice::seeded(seed));
            assert_eq!(repaired.as_ref(), Some(&expected), "{broken}");
        }
    }
}

#[test]
fn a_sound_value_is_left_as_it_is() {
    for (schema, _, sound) in table() {
        assert_eq!(compile(&schema).repair(&sound, &mut Dice::seeded(3)), Some(sound));
    }
}

#[test]
fn whatever_comes_in_what_comes_out_is_valid() {
    let table = table();
    for (schema, ..) in &table {
        let schema = compile(schema);
        let others = table.iter().flat_map(|(_, broken, sound)| [broken, sound]);
        for value in others.chain([&Value::Null, &json!([]), &json!({}), &json!("")]) {
            let repaired = schema.repair(value, &mut Dice::seeded(1));
            assert!(
                repaired.as_ref().is_some_and(|repaired| schema.is_valid(repaired)),
                "{value}: {repaired:?}"
            );
            assert_eq!(repaired, schema.repair(value, &mut Dice::seeded(1)));
        }
    }
}

#[test]
fn what_is_missing_is_made_and_the_rest_is_kept() {
    let schema = compile(&json!({"type": "object", "required": ["id", "owner"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "owner": {"type": "object", "required": ["email"],
        "properties": {"email": {"type": "string", "format": "email"}, "name": {"type": "string"}}}}}));
    let broken = json!({"id": "17", "owner": {"name": "Ada"}, "more": [1]});
    for seed in 0..20 {
        let repaired = schema.repair(&broken, &mut Dice::seeded(seed)).unwrap();
        assert!(schema.is_valid(&repaired));
        assert_eq!((&repaired["owner"]["name"], &repaired["more"]), (&json!("Ada"), &json!([1])));
    }
}

#[test]
fn nothing_is_repaired_towards_a_schema_that_nothing_satisfies() {
    assert_eq!(compile(&json!(false)).repair(&json!(1), &mut Dice::seeded(1)), None);
}

#[test]
fn a_value_nested_beyond_all_measure_is_no_danger() {
    let schema =
        compile(&json!({"$defs": {"n": {"type": "object", "properties": {"n": {"$ref": "#/$defs/n"}}}},
        "$ref": "#/$defs/n", "required": ["id"], "properties": {"id": {"const": 1}}}));
    let deep = (0..120).fold(json!({}), |inner, _| json!({ "n": inner }));
    let repaired = schema.repair(&deep, &mut Dice::seeded(1)).unwrap();
    assert!(schema.is_valid(&repaired));
}

/// The scalars in a value, each with its place.
fn leaves(value: &Value, at: &Pointer, found: &mut Vec<(Pointer, Value)>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| leaves(member, &at.join(name), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| leaves(item, &at.join(index), found));
        }
        leaf => found.push((at.clone(), leaf.clone())),
    }
}

/// How many of the scalars stand where they stood, in parts of a thousand.
fn kept(before: &Value, after: &Value) -> usize {
    let mut found = Vec::new();
    leaves(before, &Pointer::root(), &mut found);
    let same = found.iter().filter(|(at, leaf)| after.pointer(at.as_str()) == Some(leaf)).count();
    same * 1000 / found.len().max(1)
}

#[test]
fn broken_examples_of_real_documents_are_repaired() {
    let Some(documents) = corpus::documents(&["3.0", "3.1", "3.2"]) else {
        eprintln!("skipped: there is no corpus beside the repository");
        return;
    };
    let (mut broken, mut composite, mut shares, mut unrepaired) = (0, 0, 0, Vec::new());
    for (path, mut document) in documents {
        corpus::lift(&mut document);
        let examples = corpus::examples(&document);
        let schemas = corpus::compiled(document, examples.iter().map(|example| example.schema.clone()));
        let (mut count, mut share) = (0, 0);
        for example in &examples {
            let Some(schema) = schemas.get(example.schema.as_str()) else { continue };
            if schema.is_valid(&example.value) {
                continue;
            }
            match schema.repair(&example.value, &mut Dice::seeded(1)) {
                Some(repaired) if schema.is_valid(&repaired) => {
                    broken += 1;
                    if !(example.value.is_object() || example.value.is_array()) {
                        continue;
                    }
                    count += 1;
                    share += kept(&example.value, &repaired);
                }
                _ if schema.generate(&mut Dice::seeded(1)).is_some() => {
                    unrepaired.push(format!("{}#{}", path.display(), example.schema));
                }
                _ => {}
            }
        }
        if let Some(mean) = share.checked_div(count) {
            let name = path.file_name().unwrap().to_string_lossy();
            eprintln!("{name:48} {count:4} broken, {mean:4} of 1000 leaves kept");
        }
        composite += count;
        shares += share;
    }
    let share = shares / composite.max(1);
    eprintln!("{broken} broken examples; of {composite} objects and lists {share} of 1000 leaves are kept");
    assert!(unrepaired.is_empty(), "{}", unrepaired.join("\n"));
    // 681 were kept when this was written; in half of these examples one of two leaves is what is wrong.
    assert!(share >= 640, "{share}");
}
