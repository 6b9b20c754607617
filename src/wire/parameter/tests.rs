//! The standard's table, and the law: what is written is read as the same value.

use std::{
    cell::{Cell, RefCell},
    sync::Arc,
};

use http::Method;
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};

use super::{Received, parameter, write_parameter};
use crate::{
    api::{self, Api},
    document::{self, Source},
    exchange::Request,
    finding::Part,
    wire::{Fault, Read},
};

/// An API of one operation, with these parameters.
fn api(parameters: &Value) -> Api {
    let schemes = json!({"key": {"type": "apiKey", "in": "query", "name": "key"}});
    let operation = json!({"parameters": parameters, "security": [{"key": []}], "responses": {}});
    let text = json!({
        "openapi": "3.1.0",
        "info": {"title": "Colors", "version": "1"},
        "paths": {"/{color}": {"get": operation}},
        "components": {"securitySchemes": schemes, "schemas": {"Count": {"type": "integer"}}},
    });
    let source = Source::Text { name: "colors.json".to_owned(), text: text.to_string().into() };
    let (api, findings) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    api
}

/// An API whose parameter is `color`.
fn color(part: &str, style: &str, explode: bool, schema: Value) -> Api {
    let (name, explode, schema) = ("color", json!(explode), schema);
    api(
        &json!([{"name": name, "in": part, "style": style, "explode": explode, "schema": schema, "required": true}]),
    )
}

/// What the first parameter of the API reads from a text in its place.
fn read(api: &Api, text: &str) -> Result<Option<Read>, Fault> {
    let operation = &api.operations[0];
    let first = &operation.parameters[0];
    let mut request = Request::new(Method::GET, "/x");
    let mut path_values = Vec::new();
    match first.part {
        Part::Query => request.query = Some(text.to_owned()),
        Part::Header => request = request.header(&first.name, text),
        Part::Cookie => request = request.header("cookie", text),
        _ => path_values.push((first.name.clone(), text.to_owned())),
    }
    let received =
        Received { request: &request, operation, schemes: &api.schemes, path_values: &path_values };
    parameter(first, &received)
}

/// The value that is read, which satisfies its schema.
fn value(api: &Api, text: &str) -> Value {
    let read = read(api, text).unwrap().expect("it is there");
    assert!(read.violations.is_empty(), "{text}: {read:?}");
    read.value
}

fn written(api: &Api, value: &Value) -> Result<String, Fault> {
    write_parameter(&api.operations[0].parameters[0], value).map(|spelled| spelled.text())
}

/// Part, style, explode; then the undefined value, the string, the array and the object, as the standard writes them.
type Row = (&'static str, &'static str, bool, [&'static str; 4]);

/// OAS 3.1.2, section 4.8.12.6, and for `cookie` OAS 3.2, section 4.12.6; `-` where the behaviour is undefined.
const TABLE: &[Row] = &[
    (
        "path",
        "matrix",
        false,
        [";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"],
    ),
    (
        "path",
        "matrix",
        true,
        [";color", ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"],
    ),
    ("path", "label", false, [".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
    ("path", "label", true, [".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
    ("path", "simple", false, ["", "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    ("path", "simple", true, ["", "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    ("header", "simple", false, ["", "blue", "blue,black,brown", "R,100,G,200,B,150"]),
    ("header", "simple", true, ["", "blue", "blue,black,brown", "R=100,G=200,B=150"]),
    ("query", "form", false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (
        "query",
        "form",
        true,
        ["color=", "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"],
    ),
    (
        "query",
        "spaceDelimited",
        false,
        ["-", "-", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"],
    ),
    (
        "query",
        "pipeDelimited",
        false,
        ["-", "-", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"],
    ),
    ("query", "deepObject", true, ["-", "-", "-", "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"]),
    ("cookie", "form", false, ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
    (
        "cookie",
        "cookie",
        false,
        ["color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"],
    ),
    (
        "cookie",
        "cookie",
        true,
        ["color=", "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"],
    ),
];

#[test]
fn the_table_of_the_standard_is_read_and_written_as_it_stands_there() {
    let columns = [
        (json!({"type": "null"}), json!(null)),
        (json!({"type": "string"}), json!("blue")),
        (json!({"type": "array", "items": {"type": "string"}}), json!(["blue", "black", "brown"])),
        (
            json!({"type": "object", "additionalProperties": {"type": "integer"}}),
            json!({"R": 100, "G": 200, "B": 150}),
        ),
    ];
    let mut cells = 0;
    for (part, style, explode, texts) in TABLE {
        for ((schema, meant), text) in columns.iter().zip(texts).filter(|(_, text)| **text != "-") {
            let api = color(part, style, *explode, schema.clone());
            assert_eq!(value(&api, text), *meant, "{part} {style} {explode}: {text}");
            // No path has room for an empty segment, or for one that is a dot.
            if *part == "path" && ["", "."].contains(text) {
                assert!(written(&api, meant).is_err());
            } else {
                assert_eq!(written(&api, meant).as_deref(), Ok(*text), "{part} {style} {explode}");
            }
            cells += 1;
        }
    }
    assert_eq!(cells, 57);
}

#[test]
fn the_empty_text_is_the_empty_string_where_a_string_is_asked_for() {
    for (part, style, explode, [empty, ..]) in TABLE.iter().filter(|row| row.3[0] != "-") {
        let api = color(part, style, *explode, json!({"type": "string"}));
        assert_eq!(value(&api, empty), json!(""), "{part} {style} {explode}");
        let api = color(part, style, *explode, json!({"type": "array", "items": {"type": "string"}}));
        assert_eq!(value(&api, empty), json!([]), "{part} {style} {explode}");
    }
}

/// Every style, with and without explode, in every part that knows it.
fn styles() -> Vec<(&'static str, &'static str, bool)> {
    let names = [
        ("path", "matrix"),
        ("path", "label"),
        ("path", "simple"),
        ("header", "simple"),
        ("query", "form"),
        ("query", "spaceDelimited"),
        ("query", "pipeDelimited"),
        ("query", "tabDelimited"),
        ("query", "deepObject"),
        ("cookie", "form"),
        ("cookie", "cookie"),
    ];
    names.iter().flat_map(|(part, style)| [(*part, *style, false), (*part, *style, true)]).collect()
}

/// Scalars of a type, with its schema; texts of these characters.
fn scalars(characters: &'static str) -> Vec<(Value, BoxedStrategy<Value>)> {
    let fraction = (-1000_i32..1000).prop_map(|quarters| json!(f64::from(quarters) / 4.0 + 0.125));
    vec![
        (json!({"type": "string"}), characters.prop_map(|text| json!(text)).boxed()),
        (json!({"type": "integer"}), any::<i64>().prop_map(|number| json!(number)).boxed()),
        (json!({"type": "number"}), fraction.boxed()),
        (json!({"type": "boolean"}), any::<bool>().prop_map(|flag| json!(flag)).boxed()),
        (
            json!({"$ref": "#/components/schemas/Count"}),
            any::<i32>().prop_map(|number| json!(number)).boxed(),
        ),
    ]
}

/// Values of every shape that a style without brackets can say.
fn shapes(characters: &'static str) -> Vec<(Value, BoxedStrategy<Value>)> {
    let mut shapes = scalars(characters);
    shapes.push((json!({"type": "null"}), Just(json!(null)).boxed()));
    for (schema, item) in scalars(characters) {
        let items = prop::collection::vec(item.clone(), 0..4).prop_map(Value::Array);
        shapes.push((json!({"type": "array", "items": schema}), items.boxed()));
        let members = prop::collection::btree_map(characters, item, 0..4);
        let members = members.prop_map(|members| Value::Object(members.into_iter().collect()));
        shapes.push((json!({"type": "object", "additionalProperties": schema}), members.boxed()));
    }
    shapes
}

/// Tries the law on values of every shape in a style; how many of them were written, and those that were not.
fn law(characters: &'static str, (part, style, explode): (&str, &str, bool)) -> (usize, Vec<Value>) {
    let (said, unsaid) = (Cell::new(0), RefCell::new(Vec::new()));
    for (schema, values) in shapes(characters) {
        let api = color(part, style, explode, schema.clone());
        let config = Config { cases: 32, failure_persistence: None, ..Config::default() };
        let outcome = TestRunner::new(config).run(&values, |sent| {
            let Ok(text) = written(&api, &sent) else {
                unsaid.borrow_mut().push(sent);
                return Ok(());
            };
            said.set(said.get() + 1);
            let read = read(&api, &text);
            let meant = read.as_ref().ok().and_then(Option::as_ref).map(|read| &read.value);
            prop_assert_eq!(meant, Some(&sent), "written as {:?}, read as {:?}", text, read);
            Ok(())
        });
        outcome.unwrap_or_else(|error| panic!("{part} {style} {explode} {schema}: {error}"));
    }
    (said.get(), unsaid.take())
}

#[test]
fn what_is_written_is_read_as_the_same_value_in_every_style() {
    for style in styles() {
        let (said, unsaid) = law("[a-z0-9]{1,8}", style);
        assert!(said > 250, "{style:?}: {said} said");
        for value in unsaid {
            let is_empty = [json!(null), json!([]), json!({})].contains(&value);
            let is_cut = style == ("path", "label", true) && value.to_string().contains('.');
            assert!(is_empty || is_cut, "{style:?}: {value}");
        }
    }
}

#[test]
fn what_is_written_of_any_text_is_read_as_the_same_text_or_is_not_written() {
    for style in styles() {
        let (said, _) = law(r"(\PC|[ ,;=&+%.|\[\]?#/:@~-]|[a-b]|\x00|\t|\r\n){0,4}", style);
        assert!(said > 200, "{style:?}: {said} said");
    }
}

#[test]
fn reserved_characters_that_are_allowed_stay_and_are_read_as_the_same() {
    let api = api(&json!([{
        "name": "color", "in": "query", "explode": false, "allowReserved": true,
        "schema": {"type": ["array", "string"], "items": {"type": "string"}},
    }]));
    assert_eq!(written(&api, &json!("a/b?c:d@e,f!$'()*;=")).unwrap(), "color=a/b?c:d@e,f!$'()*;=");
    assert_eq!(
        written(&api, &json!("50%25 & + # [a]")).unwrap(),
        "color=50%2525%20%26%20%2B%20%23%20%5Ba%5D"
    );
    let list = json!(["a,b", "c/d", "50%2C"]);
    let text = written(&api, &list).unwrap();
    assert_eq!(text, "color=a%2Cb,c/d,50%252C");
    assert_eq!(value(&api, &text), list);
}

/// Values of objects in objects and lists in lists, with the schema that tells which text is a number.
fn nested() -> BoxedStrategy<(Value, Value)> {
    let leaf = prop_oneof![
        "[a-z0-9]{0,3}".prop_map(|text| (json!({"type": "string"}), json!(text))),
        any::<i32>().prop_map(|number| (json!({"type": "integer"}), json!(number))),
        any::<bool>().prop_map(|flag| (json!({"type": "boolean"}), json!(flag))),
        Just((json!({"type": "null"}), json!(null))),
    ];
    let deeper = leaf.prop_recursive(4, 24, 4, |inner| {
        let object = prop::collection::btree_map("[a-z0-9 .&=]{1,3}", inner.clone(), 0..4);
        let list = prop::collection::vec(inner, 0..4);
        prop_oneof![
            object.prop_map(|members| {
                let schemas: serde_json::Map<_, _> =
                    members.iter().map(|(name, (schema, _))| (name.clone(), schema.clone())).collect();
                let values = members.into_iter().map(|(name, (_, value))| (name, value)).collect();
                (json!({"type": "object", "properties": schemas}), Value::Object(values))
            }),
            list.prop_map(|items| {
                let (schemas, values): (Vec<Value>, Vec<Value>) = items.into_iter().unzip();
                let schema = if schemas.is_empty() {
                    json!({"type": "array"})
                } else {
                    json!({"type": "array", "prefixItems": schemas})
                };
                (schema, Value::Array(values))
            }),
        ]
    });
    deeper.boxed()
}

#[test]
fn deep_objects_of_objects_and_lists_are_read_as_they_were_written() {
    let said = Cell::new(0);
    let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&nested(), |(schema, sent)| {
        let api = color("query", "deepObject", true, schema);
        let Ok(text) = written(&api, &sent) else {
            prop_assert_eq!(sent, json!({}));
            return Ok(());
        };
        said.set(said.get() + 1);
        let read = read(&api, &text);
        let meant = read.as_ref().ok().and_then(Option::as_ref).map(|read| &read.value);
        prop_assert_eq!(meant, Some(&sent), "written as {:?}, read as {:?}", text, read);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(said.get() > 300);
}

#[test]
fn any_text_that_is_right_is_written_as_one_that_says_the_same() {
    let (right, wrong) = (Cell::new(0), Cell::new(0));
    let texts = r"[;.]?(color|R|color\[R\]|color%5B[0-9]?%5D)?=?(\PC|[ ,;=&+%.|\[\]]|[0-9]|%2C|color=){0,6}";
    for (part, style, explode) in styles() {
        for (schema, _) in shapes("[a-z]") {
            let api = color(part, style, explode, schema.clone());
            let config = Config { cases: 48, failure_persistence: None, ..Config::default() };
            let outcome = TestRunner::new(config).run(&texts, |text| {
                let Ok(Some(first)) = read(&api, &text) else { return Ok(()) };
                if !first.violations.is_empty() {
                    wrong.set(wrong.get() + 1);
                    return Ok(());
                }
                let Ok(again) = written(&api, &first.value) else { return Ok(()) };
                right.set(right.get() + 1);
                let second = read(&api, &again);
                let value = second.as_ref().ok().and_then(Option::as_ref).map(|read| &read.value);
                prop_assert_eq!(value, Some(&first.value), "{:?}, then {:?}", text, again);
                Ok(())
            });
            outcome.unwrap_or_else(|error| panic!("{part} {style} {explode} {schema}: {error}"));
        }
    }
    assert!(right.get() > 400 && wrong.get() > 400, "{right:?} right, {wrong:?} wrong");
}
