//! What expressions are read as, and what they are in an exchange.

use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::{Exchange, Expression, Grammar, Root, Source, Template};
use crate::exchange::{Request, Response};

fn malformed(text: &str) -> (usize, String) {
    let fault = Template::parse(text, Grammar::OpenApi).expect_err(text);
    (fault.at, fault.message)
}

fn evaluated(text: &str) -> Option<Value> {
    let request = Request::new(Method::POST, "/pets/7%2F8?tag=a%20b&tag=c")
        .header("host", "pets.test:4010")
        .header("X-Trace", "t1")
        .header("x-trace", "t2");
    let mut response = Response::empty(StatusCode::CREATED);
    response.headers.insert("location", HeaderValue::from_static("/pets/9"));
    let context = Exchange {
        request: &request,
        request_body: Some(&json!({"url": "http://a", "a/b": [true, null]})),
        path_values: &[("petId".to_owned(), "7%2F8".to_owned())],
        response: Some(&response),
        response_body: Some(&json!("text")),
    };
    let template = Template::parse(text, Grammar::OpenApi).expect(text);
    template.value(&context).ok().map(std::borrow::Cow::into_owned)
}

#[test]
fn each_source_of_an_exchange_has_its_value() {
    for (text, value) in [
        ("$url", json!("http://pets.test:4010/pets/7%2F8?tag=a%20b&tag=c")),
        ("$method", json!("POST")),
        ("$statusCode", json!(201)),
        ("$request.header.X-TRACE", json!("t1, t2")),
        ("$request.query.tag", json!("a b")),
        ("$request.path.petId", json!("7/8")),
        ("$request.body#/url", json!("http://a")),
        ("$request.body#/a~1b", json!([true, null])),
        ("$request.body#/a~1b/1", Value::Null),
        ("$request.body#", json!({"url": "http://a", "a/b": [true, null]})),
        ("$response.header.Location", json!("/pets/9")),
        ("$response.body", json!("text")),
        ("is {$statusCode} and {$request.body#/a~1b}", json!("is 201 and [true,null]")),
        ("{id}", json!("{id}")),
        ("", json!("")),
    ] {
        assert_eq!(evaluated(text), Some(value), "{text}");
    }
}

#[test]
fn what_is_not_there_has_no_value() {
    for text in [
        "$request.header.absent",
        "$request.query.absent",
        "$request.path.absent",
        "$request.body#/absent",
        "$response.header.absent",
        "$response.body#/text",
        "a {$request.body#/absent} b",
    ] {
        assert_eq!(evaluated(text), None, "{text}");
    }
}

#[test]
fn what_is_wrong_is_told_with_the_character() {
    for (text, at, message) in [
        ("$", 2, "`$` is no source"),
        ("$requests.body", 2, "`$requests` is no source"),
        ("$inputs.name", 2, "`$inputs` is no source"),
        ("$url.host", 5, "`$url` is one text and has no parts"),
        ("$statusCode#/a", 12, "`$statusCode` is one text and has no parts"),
        ("$request", 9, "`$request` does not say which part is meant"),
        ("$request.", 10, "`$request` has no ``"),
        ("$response.query.a", 11, "`$response` has no `query`"),
        ("$request.header", 16, "`$request.header` does not say which one is meant"),
        ("$request.query.", 16, "`$request.query` does not say which one is meant"),
        ("$request.header.a b", 18, "' ' cannot stand in the name of a header field"),
        ("$request.body/id", 14, "only a pointer may follow a body"),
        ("$request.body.id", 14, "only a pointer may follow a body"),
        ("$request.body#id", 15, "a pointer does not begin with a slash"),
        ("$request.body#/é~2", 17, "a tilde stands alone in a pointer"),
        ("é/{$request.body#id}/x", 18, "a pointer does not begin with a slash"),
        ("é/{$request.body", 3, "the brace that opens an expression is never closed"),
    ] {
        assert_eq!(malformed(text), (at, message.to_owned()), "{text}");
    }
}

#[test]
fn workflows_have_more_sources() {
    let read = Expression::parse("$steps.log-in.outputs.a.b#/0", Grammar::Arazzo).unwrap();
    assert_eq!(read.source, Source::Named(Root::Steps, "log-in.outputs.a.b".to_owned()));
    assert_eq!(read.pointer.unwrap().as_str(), "/0");
    let fault = Expression::parse("$inputs", Grammar::Arazzo).unwrap_err();
    assert_eq!((fault.at, fault.message.as_str()), (8, "`$inputs` does not say which one is meant"));
    assert!(Expression::parse("$statusCodes", Grammar::Arazzo).unwrap_err().help.contains("`$steps`"));
}
