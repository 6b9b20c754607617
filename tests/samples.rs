//! Laws of what is made of samples: of schemas that are inferred, and of Postman collections.

use std::sync::Arc;

use http::{Method, StatusCode};
use indexmap::IndexMap;
use jiff::Timestamp;
use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Map, Value, json};
use standin::{
    api, check,
    document::{self, Source},
    exchange::{Body, Request},
    finding::{Finding, Pointer},
    inference::{Samples, Texts},
    mock::{self, Mock},
    sandbox::Clock,
    schema::Library,
};

/// Names of properties, of which some are keywords where they stand in a schema.
const NAMES: &str = "[a-d]|[$](ref|id|schema|anchor)|type|required|items|properties";

/// Texts, of which some have a format.
fn text() -> impl Strategy<Value = String> {
    let shown = [
        "2026-01-31",
        "2026-01-31T12:00:00Z",
        "7e6b2f0a-1f1e-4c5b-9f0e-3d2c1b0a9f8e",
        "rex@example.org",
        "https://example.org/pets?a=b",
        "127.0.0.1",
        "::1",
        "",
    ];
    let dates = "[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]([.][0-9]{1,10})?(Z|[+-][0-2][0-9]:[0-6][0-9]))?";
    let others = [
        "[a-z0-9._+-]{1,8}@[a-z0-9.-]{1,12}",
        "https?://[a-z0-9.:-]{1,12}[/?#a-z%]{0,6}",
        "[0-9.:a-f]{1,16}",
    ];
    let [emails, uris, addresses] = others;
    prop_oneof![
        proptest::sample::select(shown.to_vec()).prop_map(str::to_owned),
        dates,
        emails,
        uris,
        addresses,
        "[^\\pC]{0,6}",
    ]
}

/// Values whose properties have names of a pattern.
fn value(names: &'static str) -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        text().prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(names, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn collection() -> Value {
    json!({
        "info": {"name": "Pets", "version": {"major": 1, "minor": 2, "patch": 3}, "description": {"content": "All pets"}},
        "auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Key"}, {"key": "in", "value": "header"}]},
        "variable": [{"key": "base", "value": "https://{{host}}/v1"}, {"id": "host", "value": "example.org"}],
        "item": [
            {"name": "Pets", "auth": {"type": "oauth1", "oauth1": {"addParamsToHeader": false}}, "item": [
                {
                    "name": "Add",
                    "request": {
                        "auth": null,
                        "method": "POST",
                        "header": [{"key": "X-Shop", "value": "main"}, {"key": "Cookie", "value": "a=b; c={{d}}"}],
                        "url": {
                            "raw": "{{base}}/pets/:id?all=1",
                            "host": ["{{base}}"],
                            "path": ["pets", ":id"],
                            "query": [{"key": "all", "value": "1"}, {"key": "all", "value": "2"}],
                            "variable": [{"key": "id", "value": "7"}],
                        },
                        "body": {"mode": "raw", "raw": "{\"a\": {{b}}, /* c */ \"d\": [1]}", "options": {"raw": {"language": "json"}}},
                    },
                    "response": [
                        {"name": "Added", "status": "Created", "code": 201, "header": [{"key": "Location", "value": "/pets/7"}], "body": "{\"id\": 7}"},
                        {"name": "Added", "code": 201, "_postman_previewlanguage": "json", "body": "{\"id\": null}"},
                        {"name": "Refused", "code": 422, "header": "Content-Type: text/plain", "body": "no"},
                    ],
                },
                {"name": "Add", "request": {"method": "POST", "url": "/pets/{{pet}}", "body": {"mode": "urlencoded", "urlencoded": "a=b&c=d"}}},
            ]},
            {"name": "Photo", "request": {"method": "PUT", "url": "/photo", "body": {"mode": "formdata", "formdata": [{"key": "file", "type": "file"}, {"key": "a", "value": "b"}]}}},
            {"name": "Ask", "request": {"method": "POST", "url": "/ask", "body": {"mode": "graphql", "graphql": {"query": "{a}", "variables": "{\"b\": {{c}}}"}}}},
            {"name": "Feed", "request": "https://example.org/feed.{{format}}", "response": [{"code": 200, "header": [{"key": "Content-Type", "value": "application/xml"}], "body": "<a/>"}]},
        ],
    })
}

/// Every pointer into a value.
fn pointers(value: &Value, at: &Pointer, found: &mut Vec<Pointer>) {
    found.push(at.clone());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| pointers(item, &at.join(index), found));
        }
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| pointers(member, &at.join(name), found));
        }
        _ => {}
    }
}

fn source(collection: &Value) -> Source {
    Source::Text { name: "pets.json".to_owned(), text: collection.to_string().into() }
}

/// The mock of a collection; `None` where it is refused.
fn mock(collection: &Value) -> Option<(Mock, Vec<Finding>)> {
    let document = document::load(&source(collection)).ok()?;
    let (api, mut findings) = api::read(Arc::new(document)).ok()?;
    let clock = Arc::new(Clock::frozen_at(Timestamp::UNIX_EPOCH));
    let (mock, told) = Mock::new(vec![Arc::new(api)], clock, mock::Options::default());
    findings.extend(told);
    Some((mock, findings))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn every_sample_satisfies_the_schema_that_was_inferred(samples in vec(value(NAMES), 1..6)) {
        let mut all = Samples::default();
        for sample in &samples {
            all.add(sample);
        }
        for texts in [Texts::Plain, Texts::Formats] {
            let schema = all.schema(texts);
            let library = Library::new(IndexMap::from([("test:".to_owned(), Arc::new(schema.clone()))])).unwrap();
            let compiled = library.compile("test:", &Pointer::root()).unwrap();
            for sample in &samples {
                let violations = compiled.violations(sample);
                prop_assert!(violations.is_empty(), "{sample} breaks {schema}: {violations:?}");
            }
        }
    }

    #[test]
    fn the_request_that_was_saved_gets_the_response_that_was_saved(
        body in value(NAMES),
        queries in vec(("[a-c]", "[a-z]{1,4}"), 0..4),
        header in "[a-z]{1,4}",
        // What a request says of a name is repeated in the answer, so it has other ones.
        answer in value("[p-s]"),
    ) {
        let rows = |pairs: &[(String, String)]| -> Value {
            pairs.iter().map(|(name, text)| json!({"key": name, "value": text})).collect()
        };
        let is_sent = body.is_object() || body.is_array();
        let saved = json!({
            "info": {"name": "Pets"},
            "item": [{
                "name": "Add",
                "request": {
                    "method": "POST",
                    "header": rows(&[("X-Shop".to_owned(), header.clone()), ("Content-Type".to_owned(), "application/json".to_owned())]),
                    "url": {"path": ["pets"], "query": rows(&queries)},
                    "body": if is_sent { json!({"mode": "raw", "raw": body.to_string()}) } else { Value::Null },
                },
                "response": [{"name": "Added", "code": 201, "header": [{"key": "Content-Type", "value": "application/json"}], "body": answer.to_string()}],
            }],
        });
        let (mock, findings) = mock(&saved).unwrap();
        prop_assert!(findings.is_empty(), "{findings:?}");
        let query: Vec<String> = queries.iter().map(|(name, text)| format!("{name}={text}")).collect();
        let mut request = Request::new(Method::POST, &format!("/pets?{}", query.join("&"))).header("X-Shop", &header);
        if is_sent {
            request = request.header("Content-Type", "application/json");
            request.body = Body::Whole(body.to_string().into());
        }
        let reply = mock.answer(&request);
        prop_assert_eq!(reply.response.status, StatusCode::CREATED, "{}: {:?}", saved, reply.findings);
        let sent: Value = serde_json::from_slice(&reply.response.body).unwrap();
        prop_assert_eq!(sent, answer);
    }

    #[test]
    fn whatever_is_wrong_with_a_collection_it_is_read_or_refused(
        changes in vec((any::<Index>(), value(NAMES)), 1..6),
        target in prop_oneof![Just("/pets/7?all=1".to_owned()), Just("/ask".to_owned()), "/[a-z/7]{0,12}"],
    ) {
        let mut changed = collection();
        for (at, value) in changes {
            let mut all = Vec::new();
            pointers(&changed, &Pointer::root(), &mut all);
            // The root as a whole is no collection any more.
            let at = &all[1 + at.index(all.len() - 1)];
            *changed.pointer_mut(at.as_str()).unwrap() = value;
        }
        let judged = check::judge(&source(&changed));
        let is_shown = |finding: &Finding| !finding.message.is_empty();
        prop_assert!(judged.findings.iter().all(is_shown));
        if let Some((mock, _)) = mock(&changed) {
            mock.answer(&Request::new(Method::POST, &target));
        }
    }
}

#[test]
fn the_collection_that_the_laws_change_is_right_by_itself() {
    let judged = check::judge(&source(&collection()));
    assert_eq!(judged.findings, []);
}
