//! Laws of the generator: what it makes is valid, the same decisions make the same value, and it ends.
//!
//! A second validator, which shares no code with the first, judges the values of a table of schemas; real documents are
//! taken from a corpus beside the repository, where there is one.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test may panic, tell what it counted, and read the documents it is about"
)]

#[expect(dead_code, reason = "these tests take no examples from the corpus")]
#[path = "corpus/examples.rs"]
mod corpus;

use std::{collections::BTreeMap, sync::Arc};

use proptest::prelude::*;
use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

const FILE: &str = "standin:test";
const SEEDS: u64 = 200;

fn compile(schema: &Value) -> Schema {
    let files = [(FILE.to_owned(), Arc::new(schema.clone()))];
    let library = Library::new(files.into_iter().collect()).expect("the library is indexed");
    library.compile(FILE, &Pointer::root()).expect("the schema compiles")
}

/// Says yes or no as the other validator does; always yes where that one is out of its depth: it has no look-around, and
/// reckons multiples in binary.
fn other_judge(schema: &Value) -> impl Fn(&Value) -> bool {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource("http://test/schema.json", schema.clone()).unwrap();
    let index = compiler.compile("http://test/schema.json", &mut schemas);
    assert!(index.is_ok() || schema.to_string().contains("(?"), "{schema}");
    let in_binary = schema.to_string().contains("\"multipleOf\":0.01");
    move |value| in_binary || index.as_ref().map_or(true, |index| schemas.validate(value, *index).is_ok())
}

/// Schemas that have values, by what they are about.
fn table() -> Vec<Value> {
    [numbers(), strings(), values(), arrays(), objects(), composition(), recursion(), formats()].concat()
}

fn numbers() -> Vec<Value> {
    vec![
        json!({"type": "integer"}),
        json!({"type": "integer", "minimum": -3, "maximum": 3}),
        json!({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 100, "maximum": 200}),
        json!({"type": "integer", "minimum": 9_223_372_036_854_775_807_i64}),
        json!({"type": "integer", "minimum": 18_446_744_073_709_551_000_u64}),
        json!({"type": "integer", "minimum": 1e30, "maximum": 1e40}),
        json!({"type": "integer", "maximum": -1e25}),
        json!({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}),
        json!({"type": "number", "minimum": 0.5, "maximum": 0.5}),
        json!({"type": "number", "multipleOf": 0.01, "minimum": 1.1, "maximum": 9.99}),
        json!({"type": "number", "minimum": -1e300, "maximum": -1e299}),
        json!({"type": "number", "allOf": [{"multipleOf": 1.5}, {"multipleOf": 0.4}], "exclusiveMinimum": 0}),
        json!({"type": "number", "multipleOf": 0.5, "not": {"multipleOf": 1.5}, "minimum": 1}),
        json!({"type": "number", "not": {"type": "integer"}, "minimum": 2, "maximum": 3}),
    ]
}

fn strings() -> Vec<Value> {
    vec![
        json!({"type": "string", "minLength": 3, "maxLength": 5}),
        json!({"type": "string", "minLength": 300}),
        json!({"type": "string", "maxLength": 0}),
        json!({"type": "string", "pattern": "^[A-Z]{2}\\d{4}-[\\w.]+$", "maxLength": 12}),
        json!({"type": "string", "pattern": "b+", "minLength": 9, "maxLength": 9}),
        json!({"type": "string", "pattern": "^(?=.*\\d)(?=.*[a-z])(?=.*[A-Z]).{8,20}$"}),
        json!({"type": "string", "pattern": "^(?!draft)[a-z]+$"}),
        json!({"type": "string", "allOf": [{"pattern": "^a"}, {"pattern": "z$"}], "minLength": 4}),
        json!({"type": "string", "pattern": "^[a-c]{2}$", "not": {"pattern": "a"}}),
        json!({"type": "string", "pattern": "^\\p{L}+$", "minLength": 2}),
        json!({"type": "string", "pattern": "^[^\\s/]+/[^\\s/]+$"}),
        json!({"type": "string", "pattern": "^(GET|PUT|DELETE)$", "minLength": 4}),
        json!({"type": "string", "pattern": "^\\u00e4[\\x41-\\x43]$"}),
        json!({"type": "string", "enum": ["a", "b"], "not": {"const": "a"}}),
        json!({"type": "string", "format": "date", "pattern": "-01$"}),
    ]
}

fn values() -> Vec<Value> {
    vec![
        json!({"const": {"a": [1, null, 2.5]}}),
        json!({"enum": [null, 1, "two", [3], {"four": 4}]}),
        json!({"type": ["string", "null"], "maxLength": 4}),
        json!({"not": {"type": ["object", "array", "string", "null"]}}),
        json!(true),
    ]
}

fn arrays() -> Vec<Value> {
    vec![
        json!({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 4}),
        json!({"type": "array", "items": {"enum": ["a", "b", "c", "d"]}, "minItems": 4, "uniqueItems": true}),
        json!({"type": "array", "items": {"type": "boolean"}, "uniqueItems": true, "minItems": 2}),
        json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true, "minItems": 30}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2}),
        json!({"type": "array", "prefixItems": [{"const": 1}], "items": {"type": "string"}, "contains": {"const": "x"}}),
        json!({"type": "array", "contains": {"type": "integer", "minimum": 5}, "minContains": 2, "maxContains": 3}),
        json!({"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 3}, "contains": {"const": 2},
            "maxContains": 1, "minItems": 3}),
        json!({"type": "array", "not": {"uniqueItems": true}, "items": {"type": "integer"}}),
        json!({"type": "array", "prefixItems": [{"type": "string"}], "unevaluatedItems": {"type": "null"}}),
    ]
}

fn objects() -> Vec<Value> {
    vec![
        json!({"type": "object", "required": ["b", "a"], "properties": {"a": {"type": "string"}, "c": {"type": "null"}}}),
        json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3}),
        json!({"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": false,
            "minProperties": 2, "maxProperties": 4}),
        json!({"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}, "minProperties": 2}),
        json!({"type": "object", "propertyNames": {"enum": ["a", "b", "c"]}, "minProperties": 3}),
        json!({"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "maxProperties": 1}),
        json!({"type": "object", "not": {"additionalProperties": {"type": "string"}}}),
        json!({"type": "object", "not": {"patternProperties": {"^a": {"type": "string"}}}}),
        json!({"type": "object", "not": {"propertyNames": {"maxLength": 3}}}),
        json!({"type": "object", "not": {"required": ["a"]}, "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "dependentRequired": {"card": ["address"]}, "properties": {"card": {"type": "string"}}}),
        json!({"type": "object", "properties": {"a": {"type": "string"}},
            "dependentSchemas": {"a": {"required": ["b"], "properties": {"b": {"const": 1}}}}}),
        json!({"properties": {"name": {"type": "string"}}, "required": ["name"]}),
    ]
}

fn composition() -> Vec<Value> {
    vec![
        json!({"allOf": [{"type": "object", "required": ["a"], "properties": {"a": {"minimum": 3}}},
            {"properties": {"a": {"type": "integer", "maximum": 4}}}]}),
        json!({"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}, "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["x"]}, "else": {"required": ["y"]}}),
        json!({"oneOf": [{"type": "integer", "minimum": 3}, {"type": "integer", "maximum": 5}]}),
        json!({"oneOf": [{"type": "object", "required": ["a"]}, {"type": "object", "required": ["b"]}]}),
        json!({"anyOf": [{"type": "string", "maxLength": 2}, {"type": "array", "minItems": 1}], "not": {"const": []}}),
        json!({"type": "object", "allOf": [{"properties": {"a": {"type": "string"}}}],
            "properties": {"b": {"type": "integer"}}, "unevaluatedProperties": false, "minProperties": 2}),
        json!({"type": "object", "anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]},
            {"properties": {"b": {"const": 2}}, "required": ["b"]}], "unevaluatedProperties": false}),
        json!({"$defs": {"n": {"type": "object", "properties": {"next": {"$ref": "#/$defs/n"}}}},
            "not": {"$ref": "#/$defs/n"}}),
        json!({"$defs": {"n": {"type": "object", "required": ["v"], "properties": {"v": {"type": "integer"},
            "next": {"$ref": "#/$defs/n"}}}}, "allOf": [{"$ref": "#/$defs/n"},
            {"required": ["z"], "properties": {"z": {"type": "string"}}}]}),
    ]
}

fn recursion() -> Vec<Value> {
    let tree = json!({
        "$defs": {"node": {"type": "object", "required": ["value", "children"], "properties": {
            "value": {"type": "integer"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}},
        "$ref": "#/$defs/node"
    });
    let expression = json!({
        "$defs": {"expression": {"oneOf": [
            {"type": "object", "required": ["sum"], "additionalProperties": false, "properties": {"sum":
                {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/expression"}}}},
            {"type": "object", "required": ["negated"], "additionalProperties": false, "properties":
                {"negated": {"$ref": "#/$defs/expression"}}},
            {"type": "number"}
        ]}},
        "$ref": "#/$defs/expression"
    });
    vec![tree, expression]
}

fn formats() -> Vec<Value> {
    const FIXED: [&str; 4] = ["date", "ipv4", "ipv6", "uuid"];
    let plain = FORMATS.iter().map(|format| json!({"type": "string", "format": format}));
    let longer = FORMATS.iter().filter(|format| !FIXED.contains(format));
    let long = longer.map(|format| json!({"type": "string", "format": format, "minLength": 45}));
    plain.chain(long).collect()
}

const FORMATS: [&str; 27] = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uri-template",
    "uuid",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "int32",
    "int64",
    "float",
    "double",
    "byte",
    "binary",
    "password",
    "no-such-format",
];

#[test]
fn two_validators_accept_every_value() {
    let mut faults = Vec::new();
    for schema in table() {
        let compiled = compile(&schema);
        let accepts = other_judge(&schema);
        for seed in 0..SEEDS {
            match compiled.generate(&mut Dice::seeded(seed)) {
                Some(value) if accepts(&value) && compiled.is_valid(&value) => {}
                other => {
                    faults.push(format!("seed {seed}: {schema}\n    {other:?}"));
                    break;
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} schemas:\n{}", faults.len(), faults.join("\n"));
}

/// The schema as the first item of an array whose second item has bounds that no normal form can hold.
fn out_of_normal_form(schema: &Value) -> Value {
    let beyond = json!({"type": "integer", "minimum": 1e30, "maximum": 1e40});
    let definitions = schema.get("$defs").cloned().unwrap_or_else(|| json!({}));
    json!({"$defs": definitions, "type": "array", "prefixItems": [schema, beyond], "items": false, "minItems": 2})
}

#[test]
fn schemas_without_a_normal_form_have_values_too() {
    let mut faults = Vec::new();
    for schema in table() {
        let wrapped = out_of_normal_form(&schema);
        let compiled = compile(&wrapped);
        let accepts = other_judge(&wrapped);
        for seed in 0..SEEDS / 10 {
            let value = compiled.generate(&mut Dice::seeded(seed));
            if !value.is_some_and(|value| accepts(&value)) {
                faults.push(format!("seed {seed}: {schema}"));
            }
        }
    }
    assert!(faults.is_empty(), "{} values:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_schema_that_nothing_satisfies_gives_none() {
    for schema in [json!(false), json!({"type": "integer", "minimum": 3, "maximum": 2}), json!({"enum": []})]
    {
        assert_eq!(compile(&schema).generate(&mut Dice::seeded(1)), None);
    }
}

#[test]
fn the_same_seed_makes_the_same_value() {
    for schema in table() {
        let once = compile(&schema).generate(&mut Dice::seeded(11));
        let again = compile(&schema).generate(&mut Dice::seeded(11));
        assert_eq!(once, again, "{schema}");
    }
}

#[test]
fn the_smallest_dice_make_a_small_value() {
    for schema in table() {
        let compiled = compile(&schema);
        let smallest =
            compiled.generate(&mut Dice::smallest()).unwrap_or_else(|| panic!("no value for {schema}"));
        assert!(compiled.is_valid(&smallest), "{schema}: {smallest}");
        let typical =
            (0..20).map(|seed| compiled.generate(&mut Dice::seeded(seed)).unwrap().to_string().len()).max();
        assert!(smallest.to_string().len() <= typical.unwrap() + 8, "{schema}: {smallest}");
    }
    let pet =
        compile(&json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"},
        "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}}));
    assert_eq!(pet.generate(&mut Dice::smallest()), Some(json!({"id": 1})));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_decisions_make_a_valid_value(decisions in prop::collection::vec(any::<u64>(), 0..80), pick in any::<prop::sample::Index>()) {
        let table = table();
        let schema = &table[pick.index(table.len())];
        let compiled = compile(schema);
        let value = compiled.generate(&mut Dice::replayed(decisions));
        prop_assert!(value.is_some_and(|value| compiled.is_valid(&value)), "{}", schema);
    }
}

/// Schemas of all kinds, up to three levels deep; `#/$defs/n` is a recursive one.
fn any_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any_assertions(),
        Just(json!({"$ref": "#/$defs/n"})),
        Just(json!({"const": 1})),
        Just(json!({"enum": [1, "a", null, [1], {"a": 1}]})),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keyword = prop::sample::select(vec![
            "items",
            "contains",
            "not",
            "additionalProperties",
            "unevaluatedProperties",
            "unevaluatedItems",
            "if",
            "then",
            "else",
        ]);
        let list = prop::sample::select(vec!["allOf", "anyOf", "oneOf", "prefixItems"]);
        let map = prop::sample::select(vec!["properties", "patternProperties", "dependentSchemas"]);
        let one = (keyword, inner.clone()).prop_map(|(keyword, schema)| json!({keyword: schema}));
        let many = (list, prop::collection::vec(inner.clone(), 1..3))
            .prop_map(|(keyword, list)| json!({keyword: list}));
        let named = (map, prop::sample::select(vec!["a", "b", "ab"]), inner)
            .prop_map(|(keyword, name, schema)| json!({keyword: {name: schema}}));
        prop::collection::vec(prop_oneof![any_assertions(), one, many, named], 1..4).prop_map(merged)
    })
}

fn any_assertions() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"type": "integer"}),
        json!({"type": "number", "multipleOf": 0.5}),
        json!({"type": "string"}),
        json!({"type": ["array", "null"]}),
        json!({"type": "object"}),
        json!({"minimum": -2, "exclusiveMaximum": 6}),
        json!({"multipleOf": 3}),
        json!({"minLength": 3, "maxLength": 12}),
        json!({"pattern": "^[a-c]+"}),
        json!({"pattern": "\\d{2}$"}),
        json!({"minItems": 1, "uniqueItems": true}),
        json!({"maxItems": 3, "maxContains": 1}),
        json!({"required": ["a"]}),
        json!({"minProperties": 2, "propertyNames": {"maxLength": 4}}),
        json!({"maxProperties": 2}),
        json!({"dependentRequired": {"a": ["b"]}}),
    ])
}

fn merged(parts: Vec<Value>) -> Value {
    let members = parts.into_iter().filter_map(|part| part.as_object().cloned()).flatten();
    Value::Object(members.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_value_of_any_schema_is_valid(schema in any_schema(), seed in any::<u64>()) {
        let n = json!({"properties": {"a": {"$ref": "#/$defs/n"}, "b": {"type": "integer"}}, "maxLength": 7, "minimum": 0});
        let schema = json!({"$defs": {"n": n}, "allOf": [schema]});
        let value = compile(&schema).generate(&mut Dice::seeded(seed));
        if let Some(value) = value {
            prop_assert!(other_judge(&schema)(&value), "{schema}\n{value}");
        } else {
            let found = PLAIN.iter().map(|text| serde_json::from_str(text).unwrap()).find(|plain| compile(&schema).is_valid(plain));
            prop_assert!(found.is_none(), "{schema}\nno value, but {found:?} is one");
        }
    }
}

/// Values that show a schema to have some, where the generator found none.
const PLAIN: [&str; 16] = [
    "null",
    "true",
    "0",
    "1",
    "-1",
    "3",
    "4.5",
    "\"\"",
    "\"abc\"",
    "\"abcabcabc\"",
    "\"ab12\"",
    "[]",
    "[1]",
    "{}",
    "{\"a\":1}",
    "{\"a\":1,\"b\":1}",
];

#[test]
fn most_optional_properties_are_present() {
    let names = ["a", "b", "c", "d", "e"];
    let properties: BTreeMap<_, _> = names.iter().map(|name| (*name, json!({"type": "integer"}))).collect();
    let schema = compile(&json!({"type": "object", "properties": properties}));
    let count: usize = (0..SEEDS)
        .map(|seed| schema.generate(&mut Dice::seeded(seed)).unwrap().as_object().unwrap().len())
        .sum();
    let share = count * 100 / (names.len() * usize::try_from(SEEDS).unwrap());
    assert!((75..=85).contains(&share), "{share} %");
}

#[test]
fn properties_stand_in_the_order_in_which_they_are_written() {
    let schema =
        compile(&json!({"type": "object", "properties": {"z": {"type": "null"}, "a": {"type": "null"},
        "m": {"type": "null"}}, "required": ["m", "q", "a", "z"]}));
    let value = schema.generate(&mut Dice::seeded(5)).unwrap();
    let names: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(names, ["z", "a", "m", "q"]);
}

#[test]
fn names_and_examples_guide_what_strings_look_like() {
    let schema =
        compile(&json!({"type": "object", "required": ["email", "country", "motto"], "properties": {
        "email": {"type": "string"},
        "country": {"type": "string", "minLength": 2, "maxLength": 2},
        "motto": {"type": "string", "example": "Slow and steady"}}}));
    let values: Vec<Value> = (0..40).map(|seed| schema.generate(&mut Dice::seeded(seed)).unwrap()).collect();
    assert!(values.iter().all(|value| value["email"].as_str().unwrap().contains('@')));
    assert!(
        values.iter().all(|value| { value["country"].as_str().unwrap().chars().all(char::is_uppercase) })
    );
    assert!(values.iter().any(|value| value["motto"] == "Slow and steady"));
}

#[test]
fn deep_schemas_have_values() {
    let deep = (0..48).fold(json!({"type": "integer"}), |inner, level| {
        let name = format!("level{level}");
        json!({"type": "object", "required": [name], "properties": {name: inner}})
    });
    assert!(compile(&deep).generate(&mut Dice::smallest()).is_some());
}

#[test]
fn a_wide_schema_of_dead_ends_is_given_up_in_time() {
    let dead_end = |n: u64| json!({"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/never"}, "n": {"const": n}}});
    let branches: Vec<Value> = (0..30).map(dead_end).collect();
    let never = json!({"type": "string", "allOf": [{"pattern": "^a*$"}, {"pattern": "^b+$"}]});
    let schema =
        json!({"$defs": {"never": never}, "type": "array", "minItems": 3, "items": {"anyOf": branches}});
    assert_eq!(compile(&schema).generate(&mut Dice::seeded(3)), None);
}

#[test]
fn values_of_recursive_schemas_stay_small() {
    let schema = compile(&json!({
        "$defs": {"person": {"type": "object", "properties": {
            "name": {"type": "string"},
            "mother": {"$ref": "#/$defs/person"},
            "father": {"$ref": "#/$defs/person"},
            "friends": {"type": "array", "items": {"$ref": "#/$defs/person"}},
            "byCity": {"type": "object", "additionalProperties": {"$ref": "#/$defs/person"}}}}},
        "$ref": "#/$defs/person"
    }));
    for seed in 0..SEEDS {
        let value = schema.generate(&mut Dice::seeded(seed)).unwrap();
        assert!(value.to_string().len() < 50_000, "seed {seed}");
    }
}

/// How the schemas of one document fared.
#[derive(Default)]
struct Count {
    schemas: usize,
    uncompiled: usize,
    without: Vec<String>,
    misnamed: Vec<String>,
}

fn count(document: Value) -> Count {
    let mut count = Count::default();
    let names: Vec<String> = document["components"]["schemas"]
        .as_object()
        .map(|schemas| schemas.keys().cloned().collect())
        .unwrap_or_default();
    let files = [(FILE.to_owned(), Arc::new(document))];
    let Ok(library) = Library::new(files.into_iter().collect()) else {
        count.uncompiled = names.len();
        return count;
    };
    for name in names {
        let pointer = Pointer::from_escaped("/components/schemas").join(&name);
        let Ok(schema) = library.compile(FILE, &pointer) else {
            count.uncompiled += 1;
            continue;
        };
        count.schemas += 1;
        let made = schema.generate(&mut Dice::seeded(3));
        if let Some(fault) = made.as_ref().and_then(|made| schema.misnames(made)) {
            count.misnamed.push(format!("{name}: {}", fault.message));
        }
        let makes =
            |seed| schema.generate(&mut Dice::seeded(seed)).is_some_and(|value| schema.is_valid(&value));
        if !(0..3).all(makes) {
            count.without.push(format!("{name}: {}", schema.written()));
        }
    }
    count
}

#[test]
fn real_schemas_have_values() {
    let Some(documents) = corpus::documents(&["3.1", "3.2"]) else {
        eprintln!("skipped: there is no corpus beside the repository");
        return;
    };
    let mut missing = Vec::new();
    for (path, document) in documents {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let count = count(document);
        let (schemas, uncompiled, without) = (count.schemas, count.uncompiled, count.without.len());
        eprintln!(
            "{name:48} {schemas:4} schemas, {uncompiled:3} do not compile, {without:3} without a value"
        );
        missing.extend(count.without);
        missing.extend(count.misnamed);
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
