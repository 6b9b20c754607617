//! Answers that surprise: over the documents of the corpus each of them is one that the document allows, and together they
//! show what they are for.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use http::Method;
use serde_json::Value;
use standin::{
    api::{self, Api},
    document::{self, Source},
    exchange::{Reply, Request},
    finding::{Code, Finding, Severity},
    mock::{self, Mock},
    plan::{Address, Optional},
    sandbox::Clock,
    schema::{Dice, Temper},
};

/// How many operations of a document are asked, spread over it.
const MOST: usize = 24;

/// The largest document that is read, in bytes.
const LARGEST: u64 = 150_000;

/// How often each is asked.
const TIMES: usize = 3;

fn surprising(api: Arc<Api>) -> Mock {
    let options = mock::Options { temper: Temper::Surprising, ..mock::Options::default() };
    Mock::unjudged(vec![api], Arc::new(Clock::system()), options).0
}

fn read(source: &Source) -> Option<Arc<Api>> {
    api::read(Arc::new(document::load(source).ok()?)).ok().map(|(api, _)| Arc::new(api))
}

/// The documents of this repository, and those of the corpus beside it, where there is one; the largest are left to others.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["openapi", "examples", "../shared/corpus"] {
        collect(&root.join(folder), &mut found);
    }
    let is_small = |path: &PathBuf| path.metadata().is_ok_and(|data| data.len() <= LARGEST);
    found.retain(is_small);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "json") {
            found.push(path);
        }
    }
}

/// What a mock says that its document forbids; nothing where an answer cannot be made at all, surprising or not.
fn wrong(mock: &Mock, request: &Request, reply: &Reply) -> Vec<Finding> {
    if reply.findings.iter().any(|finding| finding.code == Code::NoValidResponse) {
        return Vec::new();
    }
    let route = mock.plan().route(request).unwrap();
    let found = route.check_response(&request.method, &reply.response);
    found.into_iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Asks some operations of a document, each several times; how many answers were looked at.
fn asked(api: &Arc<Api>) -> usize {
    let mock = surprising(Arc::clone(api));
    let step = api.operations.len().div_ceil(MOST).max(1);
    let mut count = 0;
    for operation in (0..api.operations.len()).step_by(step) {
        let address = Address { api: 0, operation };
        let Ok(draft) = mock.plan().draft(address, Optional::Left, &mut Dice::seeded(7)) else { continue };
        let Ok(request) = mock.plan().write(address, &draft) else { continue };
        for _ in 0..TIMES {
            let reply = mock.answer(&request);
            let wrong = wrong(&mock, &request, &reply);
            assert_eq!(wrong, [], "{} {}: {}", api.name(), request.path, reply.why);
            count += 1;
        }
    }
    count
}

#[test]
fn a_surprise_never_breaks_the_document() {
    let documents = documents();
    let read: Vec<Arc<Api>> = documents.iter().filter_map(|path| read(&Source::Path(path.clone()))).collect();
    let count: usize = read.iter().map(asked).sum();
    assert!(read.len() >= 4 && count >= 40, "{} documents, {count} answers", read.len());
}

const PETS: &str = r#"{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1"}, "paths": {"/pets": {"get": {"responses": {
    "200": {"description": "All", "content": {"application/json": {"schema": {"type": "array", "items": {
        "type": "object", "required": ["name", "kind"], "properties": {
            "name": {"type": "string", "maxLength": 60}, "tag": {"type": ["string", "null"]},
            "kind": {"oneOf": [{"type": "string", "enum": ["dog"]}, {"type": "integer", "minimum": 1}, {"type": "null"}]}}}}}}},
    "503": {"description": "Busy"}}}}}}"#;

/// The answers to the same request again and again: their statuses, and their bodies.
fn pets(times: usize) -> (Vec<u16>, Vec<Value>) {
    let api = read(&Source::Text { name: "pets.json".into(), text: PETS.into() }).unwrap();
    let mock = surprising(api);
    let request = Request::new(Method::GET, "/pets");
    let replies: Vec<Reply> = (0..times).map(|_| mock.answer(&request)).collect();
    for reply in &replies {
        assert_eq!(wrong(&mock, &request, reply), []);
        assert!(reply.why.contains("as asked for: ") && reply.why.ends_with("surprise"), "{}", reply.why);
    }
    let statuses = replies.iter().map(|reply| reply.response.status.as_u16()).collect();
    let bodies = replies.iter().filter_map(|reply| serde_json::from_slice(&reply.response.body).ok());
    (statuses, bodies.collect())
}

#[test]
fn all_that_a_document_allows_comes_in_time() {
    let (statuses, bodies) = pets(200);
    let errors = statuses.iter().filter(|status| **status == 503).count();
    assert!((8..40).contains(&errors), "{errors} of 200 are errors");
    let lists: Vec<&Vec<Value>> = bodies.iter().filter_map(Value::as_array).collect();
    assert!(lists.iter().any(|list| list.is_empty()), "an empty list");
    assert!(lists.iter().any(|list| list.len() >= 20), "a long one");
    let pets: Vec<&Value> = lists.iter().copied().flatten().collect();
    let has = |wanted: &dyn Fn(&Value) -> bool| pets.iter().any(|pet| wanted(pet));
    assert!(has(&|pet| pet.get("tag").is_none()), "an optional property that is absent");
    assert!(has(&|pet| pet.get("tag").is_some_and(Value::is_null)), "a null");
    assert!(has(&|pet| pet["kind"] == "dog") && has(&|pet| pet["kind"].is_u64()), "different branches");
    let length = |pet: &Value| pet["name"].as_str().unwrap().chars().count();
    assert!(
        has(&|pet| length(pet) == 60) && has(&|pet| length(pet) == 0),
        "the longest text, and the shortest"
    );
    assert!(has(&|pet| !pet["name"].as_str().unwrap().is_ascii()), "unusual characters");
}

#[test]
fn a_run_that_asks_the_same_is_surprised_the_same() {
    assert_eq!(pets(20), pets(20));
    let (_, bodies) = pets(20);
    assert!(bodies.windows(2).any(|two| two[0] != two[1]), "each request is surprised otherwise");
}
