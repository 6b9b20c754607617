//! What is written is read again; and no bytes are too odd to be read.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    api::{self, Api, Content},
    document::{self, Source},
    exchange::MediaType,
};

/// The contents of one body, for each media type what stands under it.
fn api(contents: &Value) -> Api {
    let text = json!({
        "openapi": "3.2.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/": {"post": {"requestBody": {"content": contents}}}},
        "components": {"schemas": {
            "Owner": {"type": "object", "required": ["id"], "additionalProperties": false,
                "properties": {"id": {"type": "integer"}, "note": {"type": "string"}}},
            "Pet": {"type": "object", "required": ["name", "age"], "additionalProperties": false, "properties": {
                "name": {"type": "string"},
                "age": {"type": ["integer", "null"]},
                "tame": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "sizes": {"type": "array", "items": {"type": "integer"}},
                "owner": {"$ref": "#/components/schemas/Owner"},
                "owners": {"type": "array", "items": {"$ref": "#/components/schemas/Owner"}},
                "photo": {"type": "string", "format": "binary"}}}}}
    });
    let source = Source::Text { name: "pets".into(), text: text.to_string().into() };
    let (api, findings) = api::read(Arc::new(document::load(&source).unwrap())).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    api
}

fn contents(api: &Api) -> &[Content] {
    &api.operations[0].body.as_ref().unwrap().content
}

fn again(content: &Content, value: &Value) -> Read {
    let sent = write(content, value).unwrap();
    let media_type = MediaType::parse(&sent.media_type).unwrap();
    read(content, Some(&media_type), &sent.bytes).unwrap().expect("it is read")
}

/// What holds of one body and its value.
fn comes_back(content: &Content, value: &Value) -> Result<(), TestCaseError> {
    let read = again(content, value);
    prop_assert_eq!(&read.value, value, "{}", content.media_type);
    prop_assert!(read.violations.is_empty(), "{} {:?}", content.media_type, read.violations);
    Ok(())
}

/// Any text that no byte order mark begins, which is not part of a text.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a ,|%&=+\"\\\\\r\n-]{0,8}", Just("null".to_owned()), Just("5".to_owned())]
        .prop_map(|text| text.trim_start_matches('\u{feff}').to_owned())
}

fn owner() -> impl Strategy<Value = Value> {
    (any::<i32>(), text()).prop_map(|(id, note)| json!({"id": id, "note": note}))
}

fn pet() -> impl Strategy<Value = Value> {
    let some = |strategy: BoxedStrategy<Value>| prop::collection::vec(strategy, 1..4);
    (
        text(),
        prop::option::of(any::<i64>()),
        any::<bool>(),
        // No style tells a list of one empty text from an empty list.
        some(text().prop_map(Value::String).boxed()).prop_filter("not empty", |tags| *tags != [json!("")]),
        some(any::<i32>().prop_map(Value::from).boxed()),
        owner(),
        some(owner().boxed()),
        prop::collection::vec(any::<u8>(), 0..40),
    )
        .prop_map(|(name, age, tame, tags, sizes, owner, owners, photo)| {
            json!({"name": name, "age": age, "tame": tame, "tags": tags, "sizes": sizes, "owner": owner,
                "owners": owners, "photo": text::from_bytes(&photo)})
        })
}

/// How an object may be written.
fn objects() -> Value {
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    let styles = json!({
        "tags": {"style": "form", "explode": false},
        "sizes": {"style": "pipeDelimited"},
        "owner": {"style": "deepObject"},
        "owners": {"style": "deepObject"},
    });
    let others = json!({
        "sizes": {"style": "spaceDelimited", "allowReserved": true},
        "owner": {"style": "form", "explode": false},
        "name": {"allowReserved": true},
        "tags": {"contentType": "application/json"},
    });
    let parts = json!({
        "name": {"contentType": "application/json"},
        "photo": {"contentType": "image/*", "headers": {"X-Size": {"required": true, "schema": {"type": "integer"}}}},
    });
    json!({
        "application/json": {"schema": pet},
        "application/vnd.pet+json": {"schema": pet},
        "application/x-www-form-urlencoded": {"schema": pet},
        "application/x-www-form-urlencoded; a=1": {"schema": pet, "encoding": styles},
        "application/x-www-form-urlencoded; a=2": {"schema": pet, "encoding": others},
        "multipart/form-data": {"schema": pet},
        "multipart/related": {"schema": pet, "encoding": parts},
        "text/plain": {"schema": pet},
        "application/vnd.pet": {"schema": pet},
        "application/octet-stream": {"schema": pet},
        "*/*": {"schema": pet},
    })
}

/// How a list may be written.
fn lists() -> Value {
    let pet = json!({"$ref": "#/components/schemas/Pet"});
    let pets = json!({"type": "array", "items": pet});
    json!({
        "application/jsonl": {"itemSchema": pet},
        "application/x-ndjson": {"schema": pets},
        "application/json-seq": {"itemSchema": pet},
        "application/geo+json-seq": {"schema": pets},
        "text/event-stream": {"itemSchema": pet},
        "multipart/mixed": {"itemSchema": pet, "itemEncoding": {"contentType": "application/json"}},
        "multipart/related": {"schema": pets},
    })
}

proptest! {
    #[test]
    fn an_object_comes_back_from_every_media_type(pet in pet()) {
        let api = api(&objects());
        for content in contents(&api) {
            comes_back(content, &pet)?;
        }
    }

    #[test]
    fn a_list_comes_back_from_every_media_type(pets in prop::collection::vec(pet(), 1..4)) {
        let api = api(&lists());
        for content in contents(&api) {
            comes_back(content, &pets.clone().into())?;
        }
    }

    #[test]
    fn a_text_comes_back_from_every_media_type(text in text()) {
        let schema = json!({"type": "string"});
        let api = api(&json!({"text/plain": {"schema": schema}, "text/html; charset=iso-8859-1": {"schema": schema},
            "application/json": {"schema": schema}, "application/jwt": {"schema": schema}, "text/*": {}}));
        for content in contents(&api) {
            comes_back(content, &text.clone().into())?;
        }
    }

    #[test]
    fn bytes_come_back_from_every_media_type(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let schema = json!({"type": "string", "format": "binary", "maxLength": bytes.len()});
        let api = api(&json!({"application/octet-stream": {"schema": schema}, "audio/*": {}, "text/csv": {"schema": schema},
            "application/vnd.it": {"schema": schema}}));
        for content in contents(&api) {
            let value = text::from_bytes(&bytes).into();
            comes_back(content, &value)?;
            prop_assert_eq!(&write(content, &value).unwrap().bytes[..], &bytes[..]);
        }
    }

    #[test]
    fn no_bytes_are_too_odd_to_be_read(
        pieces in prop::collection::vec(prop_oneof![
            prop::sample::select(vec!["--b", "\r\n", "\n", ":", ";", "=", "&", "[", "]", "%", "\"", "--", "name", "owner",
                "Content-Disposition: form-data; name=\"owner\"", "Content-Type: ", "\u{1e}", "data", "{", "}", "owners[0]"])
                .prop_map(|piece| piece.as_bytes().to_vec()),
            prop::collection::vec(any::<u8>(), 0..4),
        ], 0..30),
    ) {
        let bytes = pieces.concat();
        for api in [api(&objects()), api(&lists())] {
            for content in contents(&api) {
                let sent = format!("{}; boundary=b", content.media_type.essence());
                let _ = read(content, MediaType::parse(&sent).as_ref(), &bytes);
            }
        }
    }
}

#[test]
fn an_image_is_a_real_one_where_the_schema_allows_it() {
    let api = api(&json!({
        "image/png": {"schema": {"type": "string", "format": "binary"}},
        "image/gif": {},
        "image/*": {"schema": {"type": "string", "maxLength": 5}},
        "audio/mpeg": {},
    }));
    let sent = |at: usize| write(&contents(&api)[at], &json!("abc")).unwrap();
    assert!(
        sent(0).bytes.starts_with(b"\x89PNG\r\n\x1a\n") && sent(0).bytes.ends_with(b"IEND\xae\x42\x60\x82")
    );
    assert!(sent(1).bytes.starts_with(b"GIF89a"));
    assert_eq!(sent(2).bytes, "abc");
    assert_eq!(sent(2).media_type, "image/png");
    assert_eq!(write(&contents(&api)[3], &json!({})).unwrap().bytes, "");
}

#[test]
fn a_value_that_a_form_cannot_say_is_a_fault() {
    let api = api(&json!({"application/x-www-form-urlencoded": {
        "schema": {"type": "object", "required": ["tags"]},
        "encoding": {"words": {"style": "spaceDelimited"}},
    }}));
    let why = |value: Value| write(&contents(&api)[0], &value).unwrap_err().message;
    assert_eq!(why(json!([])), "only an object can be written as a form");
    assert_eq!(why(json!({"words": ["a b"]})), "`a b` holds ` `, at which it would be cut");
    assert_eq!(why(json!({"tags": []})), "\"tags\" is a required property");
}

#[test]
fn deep_bodies_are_faults_and_no_crashes() {
    let api = api(&objects());
    let brackets = "[".repeat(10_000);
    let form = format!("owner{}={brackets}", "[a]".repeat(10_000));
    let parts = format!("--b\r\nContent-Disposition: form-data; name=owner\r\n\r\n{brackets}\r\n--b--");
    for content in contents(&api) {
        for body in [&brackets, &form, &parts] {
            let sent = format!("{}; boundary=b", content.media_type.essence());
            let read = read(content, MediaType::parse(&sent).as_ref(), body.as_bytes());
            assert!(
                read.is_err() || read.is_ok_and(|read| read.is_none_or(|read| !read.violations.is_empty()))
            );
        }
    }
}
