//! Contracts against a mock of the built-in APIs: kept, and broken where they ask for something else.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, starts a server, and writes the contracts that it is about"
)]

mod server;

use std::{
    fs,
    process::{Command, Output},
};

use crate::server::{Server, file, within};

fn verified(server: &Server, contracts: &str) -> Output {
    let url = format!("http://{}", server.address);
    Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["verify", "--contracts", contracts, "--url", &url])
        .args(["--server", &format!("control={url}/_standin")])
        .env_clear()
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_contracts_of_the_built_in_apis_are_kept() {
    let server = Server::start("contracts", &["mock"]);
    let output = verified(&server, concat!(env!("CARGO_MANIFEST_DIR"), "/contracts"));
    let (told, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}{errors}");
    let health = "GET /_standin/health HTTP/1.1\r\nhost: a\r\n\r\n";
    within("the server is well", || server.ask(health).0.starts_with("HTTP/1.1 200").then_some(()));
}

/// A contract that asks the device sessions for another status than they answer with.
fn wrong() -> String {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/device-sessions.yaml");
    format!(
        "arazzo: 1.0.1\ninfo: {{title: Wrong, version: '1'}}\nsourceDescriptions:\n  - {{name: sessions, type: openapi, url: \
         '{source}'}}\nworkflows:\n  - workflowId: wrong\n    steps:\n      - stepId: create\n        operationPath: \
         '{{$sourceDescriptions.sessions.url}}#/paths/~1api~1sessions/post'\n        requestBody: {{contentType: \
         application/json, payload: {{identifier: a}}}}\n        successCriteria:\n          - condition: $statusCode == \
         418\n"
    )
}

#[test]
fn a_criterion_that_is_not_met_is_told_with_its_line() {
    let server = Server::start("contracts-broken", &["mock"]);
    let contract = file("wrong.arazzo.yaml");
    fs::write(&contract, wrong()).unwrap();
    let output = verified(&server, contract.to_str().unwrap());
    let told = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    for part in ["unmet-criterion", "wrong.arazzo.yaml:12:", "$statusCode == 418", "curl -i -X POST"] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
}

#[test]
fn a_contract_that_names_what_there_is_not_is_refused_before_anything_is_sent() {
    let server = Server::start("contracts-refused", &["mock"]);
    let contract = file("refused.arazzo.yaml");
    fs::write(&contract, wrong().replace("api~1sessions", "api~1cats")).unwrap();
    let output = verified(&server, contract.to_str().unwrap());
    let told = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("invalid-contract") && told.contains("refused.arazzo.yaml:9:"), "{told}");
}
