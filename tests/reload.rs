//! Documents that change while they are served, over sockets: nothing is dropped, and what is broken replaces nothing.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the documents that its servers read"
)]

mod server;

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use serde_json::Value;

use crate::server::{Connection, Server, file, within};

const CLIENTS: usize = 6;

const ROOT: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /login:
    post:
      operationId: login
      responses:
        '200':
          description: In
          content:
            application/json:
              schema: {type: object, required: [access_token], properties: {access_token: {type: string}}}
  /pets: {$ref: 'parts/pets.yaml#/pets'}
components: {securitySchemes: {t: {type: http, scheme: bearer}, k: {type: apiKey, in: header, name: x-key}}}
";

/// The part that changes: what it answers, and what else there is.
fn part(name: &str, more: &str) -> String {
    format!(
        "pets:\n  get:\n    responses:\n      '200':\n        description: Pets\n        content: {{application/json: {{example: {name}}}}}\n{more}"
    )
}

const POST: &str = "  post: {security: [{t: []}], responses: {'204': {description: Made}}}\n";

struct Documents(PathBuf);

impl Documents {
    fn new(test: &str) -> Self {
        let folder = file(test);
        fs::create_dir_all(folder.join("parts")).unwrap();
        fs::write(folder.join("pets.yaml"), ROOT).unwrap();
        let documents = Self(folder);
        documents.write(&part("Rex", ""));
        documents
    }

    fn root(&self) -> String {
        self.0.join("pets.yaml").to_str().unwrap().to_owned()
    }

    fn write(&self, text: &str) {
        fs::write(self.0.join("parts/pets.yaml"), text).unwrap();
    }

    /// Puts a new file in the place of the old one, as most editors do.
    fn replace(&self, text: &str) {
        let new = self.0.join("parts/.new");
        fs::write(&new, text).unwrap();
        fs::rename(&new, self.0.join("parts/pets.yaml")).unwrap();
    }
}

impl Server {
    fn get(&self, target: &str) -> (String, String) {
        self.ask(&format!("GET {target} HTTP/1.1\r\nhost: a\r\n\r\n"))
    }

    fn control(&self, target: &str) -> Value {
        serde_json::from_str(&self.get(&format!("/_standin{target}")).1).unwrap()
    }

    fn post(&self, target: &str, fields: &str, body: &str) -> (String, String) {
        let length = body.len();
        self.ask(&format!(
            "POST {target} HTTP/1.1\r\nhost: a\r\n{fields}content-length: {length}\r\n\r\n{body}"
        ))
    }

    /// The first finding of the version that is not served.
    fn refused(&self) -> Option<Value> {
        self.control("/documents")[0].get("refused").map(|refused| refused["findings"][0].clone())
    }

    fn pets(&self) -> String {
        self.get("/pets").1
    }
}

/// Asks on one connection until it is told to stop; what was not as it should be.
fn ask(mut connection: Connection, stop: &AtomicBool, asked: &AtomicUsize) -> Vec<String> {
    let mut failed = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        connection.send("GET /pets HTTP/1.1\r\nhost: a\r\n\r\n");
        let (head, body) = connection.answer();
        asked.fetch_add(1, Ordering::Relaxed);
        if !head.starts_with("HTTP/1.1 200") || !["\"Rex\"", "\"Ada\"", "\"Bo\""].contains(&&*body) {
            failed.push(format!("{head}{body}"));
        }
    }
    failed
}

#[test]
fn a_document_is_broken_mended_and_changed_under_load_and_no_request_fails() {
    let documents = Documents::new("reload");
    let server = Server::start("reload", &["mock", &documents.root(), "--watch"]);
    let json = "content-type: application/json\r\n";
    let (_, login) = server.post("/login", "", "");
    let login: Value = serde_json::from_str(&login).unwrap();
    let authorization = format!("authorization: Bearer {}\r\n", login["access_token"].as_str().unwrap());
    server.post("/_standin/clock", json, r#"{"advance": "10m"}"#);
    let ahead = server.control("/clock")["now"].clone();

    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (connection, stop, asked) = (server.connect(), Arc::clone(&stop), Arc::clone(&asked));
            thread::spawn(move || ask(connection, &stop, &asked))
        })
        .collect();
    let more = |count: usize| {
        let wanted = asked.load(Ordering::Relaxed) + count;
        within("the clients go on", || (asked.load(Ordering::Relaxed) >= wanted).then_some(()));
    };
    more(50);
    // Broken: no YAML.
    documents.write("pets:\n  get: [\n");
    let broken = within("the fault is told", || server.refused());
    assert_eq!(broken["code"], "syntax-error", "{broken}");
    assert!(broken.to_string().contains("parts/pets.yaml"), "{broken}");
    assert_eq!(server.pets(), "\"Rex\"");
    more(50);
    // Broken otherwise: what is referred to is not there, which has a line.
    documents.replace("pets:\n  get:\n    responses:\n      '200': {$ref: '#/nothing'}\n");
    let is_other = |found: &Value| found["code"] != "syntax-error";
    let broken = within("the other fault is told", || server.refused().filter(is_other));
    assert_eq!(
        (&broken["code"], &broken["at"]["line"]),
        (&"unresolved-reference".into(), &4.into()),
        "{broken}"
    );
    more(50);
    // Mended and changed, with a new operation.
    documents.replace(&part("Ada", POST));
    within("the new version is served", || (server.pets() == "\"Ada\"").then_some(()));
    assert_eq!(server.refused(), None);
    let (head, _) = server.post("/pets", &authorization, "");
    assert!(head.starts_with("HTTP/1.1 204"), "the token of before is taken: {head}");
    more(50);
    documents.write(&part("Bo", ""));
    within("the newest version is served", || (server.pets() == "\"Bo\"").then_some(()));
    more(50);
    stop.store(true, Ordering::Relaxed);
    let failed: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    assert_eq!(failed, [""; 0]);

    let now = server.control("/clock")["now"].clone();
    assert!(now.as_str() >= ahead.as_str(), "the clock is kept: {now}, {ahead}");
    let first = &server.control("/requests?since=0&limit=1")["requests"][0];
    assert_eq!((&first["id"], &first["operation"]), (&1.into(), &"login".into()), "the journal is kept");
    let log = fs::read_to_string(file("reload.log")).unwrap();
    assert!(
        log.contains("not served, the last good version is") && log.contains("parts/pets.yaml:4:"),
        "{log}"
    );
    assert!(asked.load(Ordering::Relaxed) > 0, "requests were answered while the document changed");
}

#[test]
fn what_becomes_as_it_was_is_told_and_what_lost_its_operations_is_not_served() {
    let documents = Documents::new("reload-back");
    let server = Server::start("reload-back", &["mock", &documents.root(), "--watch"]);
    server.ask("GET /pets HTTP/1.1\r\nhost: a\r\nx-key: hush-hush\r\n\r\n");
    documents.write("pets: [");
    within("the fault is told", || server.refused());
    documents.write(&part("Rex", ""));
    within("it is no fault any more", || server.refused().is_none().then_some(()));
    fs::write(documents.0.join("pets.yaml"), "openapi: 3.1.0\n").unwrap();
    let log = || fs::read_to_string(file("reload-back.log")).unwrap();
    within("it is told", || log().contains("have no operations any more").then_some(()));
    assert_eq!(server.pets(), "\"Rex\"");
    let other = ROOT.replace("/pets:", "/cats:").replace(", k: {type: apiKey, in: header, name: x-key}", "");
    fs::write(documents.0.join("pets.yaml"), other).unwrap();
    within("it is served", || server.get("/cats").0.starts_with("HTTP/1.1 200").then_some(()));
    let first = server.control("/requests/1").to_string();
    assert!(first.contains("x-key") && !first.contains("hush"), "what was secret stays so: {first}");
}

#[test]
fn without_a_terminal_nothing_is_watched_unless_that_is_asked_for() {
    let documents = Documents::new("reload-off");
    let server = Server::start("reload-off", &["mock", &documents.root()]);
    let watching = Server::start("reload-on", &["mock", &documents.root(), "--watch"]);
    documents.write(&part("Ada", ""));
    within("the other one sees it", || (watching.pets() == "\"Ada\"").then_some(()));
    assert_eq!(server.pets(), "\"Rex\"");
}
