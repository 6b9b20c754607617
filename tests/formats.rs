//! Formats: each value is of its form, as a reader of the form finds that shares no code with what made it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{net::IpAddr, sync::Arc};

use base64::{Engine, prelude::*};
use serde_json::{Value, json};
use standin::{
    finding::Pointer,
    schema::{Dice, Library, Schema},
};

const SEEDS: u64 = 60;

fn compile(schema: &Value) -> Schema {
    let files = [("standin:test".to_owned(), Arc::new(schema.clone()))];
    let library = Library::new(files.into_iter().collect()).unwrap();
    library.compile("standin:test", &Pointer::root()).unwrap()
}

fn values(schema: &Value) -> impl Iterator<Item = Value> + use<> {
    let schema = compile(schema);
    (0..SEEDS).map(move |seed| {
        let value = schema.generate(&mut Dice::seeded(seed)).unwrap();
        assert!(schema.is_valid(&value), "{value}");
        value
    })
}

fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).unwrap().is_match(text)
}

/// Whether `text` is of the format; `None` where the table knows none of that name.
fn is_of(format: &str, text: &str) -> Option<bool> {
    Some(match format {
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "time" => text.strip_suffix('Z').is_some_and(|time| time.parse::<jiff::civil::Time>().is_ok()),
        "date-time-local" => !text.ends_with('Z') && text.parse::<jiff::civil::DateTime>().is_ok(),
        "time-local" => text.parse::<jiff::civil::Time>().is_ok(),
        "http-date" => jiff::fmt::rfc2822::parse(text).is_ok() && text.ends_with(" GMT"),
        "duration" => text.parse::<jiff::Span>().is_ok(),
        "email" => matches(r"^[a-z0-9.]+@[a-z0-9.-]+\.[a-z]+$", text),
        "idn-email" => matches(r"^[a-z0-9.]+@[\p{L}.]+\.[a-z]+$", text),
        "hostname" => matches(r"^([a-z0-9-]{1,63}\.)+[a-z]+$", text),
        "idn-hostname" => matches(r"^([\p{L}0-9-]{1,63}\.)+[a-z]+$", text),
        "ipv4" => text.parse::<IpAddr>().is_ok_and(|address| address.is_ipv4()),
        "ipv6" => text.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6()),
        "uri" => text.parse::<http::Uri>().is_ok_and(|uri| uri.scheme().is_some()),
        "uri-reference" => text.parse::<http::Uri>().is_ok(),
        "iri" | "iri-reference" => matches(r"^(https://|/)[\p{L}0-9./-]+$", text),
        "uri-template" => matches(r"^https://[a-z0-9./-]+\{[a-z]+\}$", text),
        "uuid" => matches("^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", text),
        "json-pointer" => json!({}).pointer(text).is_none() && text.starts_with('/'),
        "relative-json-pointer" => matches(r"^[0-9]+(#|(/[^/~]+)*)$", text),
        "regex" => regex::Regex::new(text).is_ok(),
        "byte" => BASE64_STANDARD.decode(text).is_ok(),
        "base64url" => BASE64_URL_SAFE_NO_PAD.decode(text).is_ok(),
        "sf-binary" => text
            .strip_prefix(':')
            .and_then(|text| text.strip_suffix(':'))
            .is_some_and(|text| BASE64_STANDARD.decode(text).is_ok()),
        "sf-boolean" => matches(r"^\?[01]$", text),
        "sf-string" => matches(r#"^"[ -!#-\[\]-~]*"$"#, text),
        "sf-token" => matches(r"^[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*$", text),
        "char" => text.chars().count() == 1,
        "html" => text.starts_with("<p>") && text.ends_with("</p>"),
        "commonmark" => text.starts_with("**") && text[2..].contains("** "),
        "media-range" => matches(r"^(\*|[a-z]+)/(\*|[a-z]+)$", text),
        "decimal" | "decimal128" | "double" | "float" => text.parse::<f64>().is_ok(),
        "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32" | "int64" | "uint64" | "double-int" => {
            text.parse::<i8>().is_ok()
        }
        "binary" | "password" => !text.is_empty(),
        _ => return None,
    })
}

const FORMATS: [&str; 45] = [
    "date-time",
    "date",
    "time",
    "date-time-local",
    "time-local",
    "http-date",
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
    "byte",
    "base64url",
    "sf-binary",
    "sf-boolean",
    "sf-string",
    "sf-token",
    "char",
    "html",
    "commonmark",
    "media-range",
    "decimal",
    "decimal128",
    "double",
    "float",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "double-int",
];

#[test]
fn strings_are_of_the_form_that_their_format_names() {
    for format in FORMATS.into_iter().chain(["binary", "password"]) {
        for value in values(&json!({"type": "string", "format": format})) {
            assert_eq!(is_of(format, value.as_str().unwrap()), Some(true), "{format}: {value}");
        }
    }
}

#[test]
fn a_format_beside_a_name_has_the_last_word() {
    for value in values(
        &json!({"type": "object", "required": ["email"], "properties": {"email": {"type": "string", "format": "uuid"}}}),
    ) {
        assert_eq!(is_of("uuid", value["email"].as_str().unwrap()), Some(true), "{value}");
    }
}

#[test]
fn lengths_and_patterns_beside_a_format_are_kept() {
    for (format, beside) in [
        ("byte", json!({"minLength": 100, "maxLength": 120})),
        ("byte", json!({"maxLength": 12, "minLength": 1})),
        ("byte", json!({"pattern": "^[A-Za-z0-9+/]{8}$"})),
        ("base64url", json!({"minLength": 43, "maxLength": 43})),
        ("email", json!({"maxLength": 30})),
        ("date", json!({"pattern": "-01$"})),
        ("uri", json!({"pattern": "^https://"})),
        ("int64", json!({"pattern": "^[0-9]+$"})),
        ("sf-token", json!({"minLength": 20})),
    ] {
        let mut schema = beside;
        schema["type"] = json!("string");
        schema["format"] = json!(format);
        for value in values(&schema) {
            let text = value.as_str().unwrap();
            assert!(is_of(format, text) == Some(true) || format == "int64", "{schema}: {text}");
        }
    }
}

#[test]
fn numbers_are_within_the_range_of_their_format() {
    for (format, low, high) in [
        ("int8", -128.0, 127.0),
        ("uint8", 0.0, 255.0),
        ("int16", -32_768.0, 32_767.0),
        ("uint16", 0.0, 65_535.0),
        ("int32", -2_147_483_648.0, 2_147_483_647.0),
        ("uint32", 0.0, 4_294_967_295.0),
        ("uint64", 0.0, 18_446_744_073_709_551_615.0),
        ("double-int", -9_007_199_254_740_991.0, 9_007_199_254_740_991.0),
    ] {
        for schema in [
            json!({"type": "integer", "format": format}),
            json!({"type": "integer", "format": format, "minimum": -5}),
        ] {
            for value in values(&schema) {
                let number = value.as_f64().unwrap();
                assert!(number.fract() == 0.0 && (low..=high).contains(&number), "{format}: {value}");
            }
        }
    }
    for value in values(&json!({"type": "number", "format": "float"})) {
        assert!(value.as_f64().unwrap().abs() <= f64::from(f32::MAX));
    }
}

#[test]
fn a_bound_that_a_format_does_not_admit_has_the_last_word() {
    for value in values(&json!({"type": "integer", "format": "int8", "minimum": 1000, "maximum": 1010})) {
        assert!((1000..=1010).contains(&value.as_i64().unwrap()));
    }
}

#[test]
fn a_string_holds_a_document_of_its_media_type() {
    let schema = json!({"type": "string", "contentMediaType": "application/json", "contentSchema":
        {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}});
    for value in values(&schema) {
        let held: Value = serde_json::from_str(value.as_str().unwrap()).unwrap();
        assert!(held["id"].is_i64(), "{held}");
    }
    for value in values(
        &json!({"type": "string", "contentMediaType": "application/json", "contentEncoding": "base64"}),
    ) {
        let held = BASE64_STANDARD.decode(value.as_str().unwrap()).unwrap();
        assert!(serde_json::from_slice::<Value>(&held).is_ok());
    }
    for value in values(&json!({"type": "string", "contentEncoding": "base16"})) {
        assert!(matches("^([0-9A-F]{2})+$", value.as_str().unwrap()));
    }
}
