//! `standin run` by the real binary: a command is served, judged, and told what this program is told.
#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes its own files"
)]

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

const DOCUMENT: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: listPets
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'204': {description: None}, '422': {description: What}}
";

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Runs a program of bash, which needs no client: it opens connections by itself.
fn command(test: &str, options: &[&str], script: &str) -> Command {
    let document = file(&format!("{test}.yaml"));
    fs::write(&document, DOCUMENT).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.args(["run", "--doc"]).arg(document).args(options).args(["--", "bash", "-c", script]);
    command.env_clear().env("PATH", path).stdin(Stdio::null());
    command
}

/// A script that sends `GET` of each target and waits for the answer.
fn asks(targets: &[&str]) -> String {
    let mut script =
        String::from("address=${STANDIN_URL#http://}; host=${address%:*}; port=${address##*:}\n");
    for target in targets {
        script.push_str("exec 3<>/dev/tcp/$host/$port\n");
        let head = format!("GET {target} HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n");
        writeln!(script, "printf '{head}' >&3; cat <&3 >/dev/null").unwrap();
    }
    script
}

fn ran(test: &str, options: &[&str], script: &str) -> (Option<i32>, String, Output) {
    let output = command(test, options, script).output().unwrap();
    let told =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code(), told, output)
}

#[test]
fn a_command_that_keeps_to_the_document_ends_with_0() {
    let (code, told, output) = ran(
        "run-good",
        &[],
        &format!("{}echo \"at $STANDIN_CONTROL_URL\"", asks(&["/pets?limit=1", "/pets"])),
    );
    assert_eq!(code, Some(0), "{told}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("at http://127.0.0.1:"), "{told}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "2 requests to 1 operation: the contract was kept\n");
}

#[test]
fn a_request_that_the_document_forbids_fails_the_run_with_its_line() {
    let (junit, report) = (file("run-bad.xml"), file("run-bad.json"));
    let written = [format!("junit={}", junit.display()), format!("json={}", report.display())];
    let options = ["--report", &written[0], "--report", &written[1]];
    let (code, told, _) =
        ran("run-bad", &options, &asks(&["/pets?limit=many", "/pets?limit=more", "/nowhere"]));
    assert_eq!(code, Some(1), "{told}");
    for part in [
        "listPets: query `limit`",
        "run-bad.yaml:7",
        "2 requests, first `GET /pets?limit=many`",
        "broken in 2 ways",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let junit = fs::read_to_string(junit).unwrap();
    let junit = roxmltree::Document::parse(&junit).unwrap();
    let cases: Vec<(&str, bool)> = junit
        .descendants()
        .filter(|node| node.has_tag_name("testcase"))
        .map(|case| {
            (case.attribute("name").unwrap(), case.children().any(|child| child.has_tag_name("failure")))
        })
        .collect();
    assert_eq!(
        cases,
        [("the command", false), ("listPets: invalid-param", true), ("no operation: unknown-route", true)]
    );
    let report: Value = serde_json::from_str(&fs::read_to_string(report).unwrap()).unwrap();
    assert_eq!(
        (&report["satisfied"], &report["succeeded"], &report["requests"]),
        (&json!(false), &json!(true), &json!(3))
    );
    assert_eq!(report["operations"][0]["causes"][0]["rule"]["line"], 7, "{report}");
    let schema = serde_json::to_value(standin::report::ran_schema()).unwrap();
    assert!(jsonschema_accepts(&schema, &report), "{report}");
}

/// Whether a value is of the form that a schema describes, by a judge that is not this program's.
fn jsonschema_accepts(schema: &Value, value: &Value) -> bool {
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("http://a/run.json", schema.clone()).unwrap();
    let index = compiler.compile("http://a/run.json", &mut schemas).unwrap();
    schemas.validate(value, index).is_ok()
}

#[test]
fn what_is_meant_to_be_wrong_is_passed_over() {
    let script = asks(&["/pets?limit=many"]);
    assert_eq!(ran("run-except", &["--except", "invalid-param"], &script).0, Some(0));
    let (code, told, _) = ran("run-except-nothing", &["--except", "nothing"], &script);
    assert!(code == Some(2) && told.contains("there is no such finding"), "{told}");
}

#[test]
fn the_code_of_a_command_that_fails_is_kept_whatever_it_asked() {
    let (code, told, _) = ran("run-fails", &[], &format!("{}exit 7", asks(&["/pets?limit=many"])));
    assert_eq!(code, Some(7), "{told}");
    assert!(
        told.contains("the command ended with exit code 7") && told.contains("broken in 1 way"),
        "{told}"
    );
    assert_eq!(ran("run-killed", &[], "kill -KILL $$").0, Some(128 + 9));
}

#[test]
fn what_cannot_be_run_is_a_2() {
    let missing = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["run", "--", "/nowhere/at-all"])
        .env_clear()
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&missing.stderr);
    assert_eq!(missing.status.code(), Some(2), "{told}");
    assert!(told.starts_with("error: failed to start /nowhere/at-all: "), "{told}");
    let (code, told, _) = ran("run-unjudged", &["--journal-bytes", "0"], "true");
    assert!(code == Some(2) && told.contains("keeps nothing to judge"), "{told}");
    let (code, told, _) = ran("run-unwritable", &["--report", "json=/nowhere/at-all.json"], "true");
    assert!(
        code == Some(2) && told.contains("the contract was kept") && told.contains("write /nowhere"),
        "{told}"
    );
}

#[test]
fn what_it_is_told_by_a_signal_it_tells_the_command() {
    for (signal, code) in [("TERM", 41), ("INT", 42)] {
        let script =
            "trap 'exit 41' TERM; trap 'exit 42' INT; echo ready; while :; do read -t 0.05 <> <(:); done";
        let mut child =
            command(&format!("run-{signal}"), &[], script).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
}
