//! The reports of `standin verify`, of the real binary against a provider that breaks the document: a mock of another one.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the files that it is about"
)]

#[expect(dead_code, reason = "the provider is talked to by the program alone")]
mod server;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use roxmltree::Document;
use serde_json::Value;

use crate::server::{Server, file};

const PROMISED: &str = "openapi: 3.1.0
info: {title: Pets <promised>, version: '1'}
security: [{key: []}]
paths:
  /pets:
    get:
      parameters: [{name: tag, in: query, schema: {type: string}}]
      responses:
        '200':
          description: d
          content: {application/json: {schema: {type: array, items: {type: object, required: [name]}}}}
        '404': {description: d}
  /orders:
    post: {responses: {'201': {description: d}}}
  /health:
    get: {security: [], responses: {'200': {description: d}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Pet-Key}}
";

const KEPT: &str = "openapi: 3.1.0
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      responses:
        '200':
          description: d
          content: {application/json: {schema: {}, example: [{tag: '<script>x</script> open-sesame'}]}}
  /orders:
    post: {responses: {'200': {description: d}}}
  /health:
    get: {responses: {'200': {description: d}}}
";

/// What a run against a provider that breaks the document says, and the files that it wrote.
struct Run {
    output: Output,
    folder: PathBuf,
}

fn run(test: &str, options: &[&str]) -> Run {
    let folder = file(&format!("reports-{test}"));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("promised.yaml"), PROMISED).unwrap();
    fs::write(folder.join("kept.yaml"), KEPT).unwrap();
    let provider =
        Server::start(&format!("reports-{test}"), &["mock", folder.join("kept.yaml").to_str().unwrap()]);
    let url = format!("http://{}", provider.address);
    let output = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["verify", "promised.yaml", "--url", &url, "-H", "X-Pet-Key: open-sesame"])
        .args(options)
        .current_dir(&folder)
        .env_clear()
        .output()
        .unwrap();
    Run { output, folder }
}

impl Run {
    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.folder.join(name)).unwrap()
    }

    fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }
}

#[test]
fn a_build_server_sees_a_case_for_each_operation_and_check() {
    let run = run("junit", &["--report", "junit=r.xml"]);
    assert_eq!(run.output.status.code(), Some(1), "{}", run.stderr());
    let text = run.written("r.xml");
    let document = Document::parse(&text).unwrap();
    let cases: Vec<_> = document.descendants().filter(|node| node.has_tag_name("testcase")).collect();
    let failures = |name: &str| {
        let case = cases.iter().find(|case| case.attribute("name") == Some(name)).unwrap();
        case.children().filter(|child| child.has_tag_name("failure")).count()
    };
    assert_eq!(failures("GET /health"), 0, "{text}");
    assert_eq!(failures("GET /pets: response-schema"), 1, "{text}");
    assert_eq!(failures("POST /orders: undeclared-status"), 1, "{text}");
    let case =
        cases.iter().find(|case| case.attribute("name") == Some("GET /pets: response-schema")).unwrap();
    assert_eq!((case.attribute("file"), case.attribute("line")), (Some("promised.yaml"), Some("11")));
    assert!(case.children().any(|child| child.text().is_some_and(|text| text.contains("required: [name]"))));
    assert!(document.descendants().all(|node| node.attribute("time").is_none()), "{text}");
}

#[test]
fn the_report_for_programs_is_as_its_schema_says_and_tells_what_was_reached() {
    let run = run("json", &["--report", "json=-"]);
    let report: Value = serde_json::from_str(&run.stdout()).unwrap();
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/verify.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let broken: Vec<String> = schema.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(broken.is_empty(), "{broken:?}");
    let pets = &report["documents"][0]["operations"][0];
    let statuses: Vec<_> = pets["statuses"].as_array().unwrap().iter().collect();
    assert!(statuses[0]["answers"].as_u64().unwrap() > 0, "{pets}");
    assert_eq!(statuses[1]["answers"], 0, "{pets}");
    assert!(pets["parameters"][0]["requests"].as_u64().unwrap() > 0, "{pets}");
    let undeclared = &report["documents"][0]["operations"][1]["statuses"][1];
    assert_eq!(
        (&undeclared["status"], &undeclared["is_declared"]),
        (&Value::from("200"), &Value::from(false))
    );
    assert!(
        run.stderr().contains("response-schema"),
        "what takes standard output has it alone: {}",
        run.stderr()
    );
}

#[test]
fn the_page_for_a_browser_needs_nothing_else_and_runs_nothing() {
    let run = run("html", &["--report", "html=r.html"]);
    let page = run.written("r.html");
    assert!(
        page.contains("&lt;script&gt;x&lt;/script&gt;") && page.contains("Pets &lt;promised&gt;"),
        "{page}"
    );
    for foreign in ["<script", "<link", "<img", "<iframe", "src=", "@import", "url(", "https://"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("promised.yaml:11:"), "{page}");
    assert!(page.contains("curl -i -X POST"), "{page}");
}

#[test]
fn a_job_of_github_marks_the_lines_of_the_document() {
    let run = run("github", &["--report", "github", "--quiet"]);
    let lines: Vec<String> =
        run.stdout().lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect();
    let of_schema = "::error file=promised.yaml,line=11,col=";
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with(of_schema) && line.contains(",title=response-schema::GET /pets: ")),
        "{lines:?}"
    );
    assert!(lines.iter().all(|line| line.contains("%0Atried: ")), "{lines:?}");
}

#[test]
fn secrets_are_told_on_the_terminal_alone_and_only_where_that_is_asked_for() {
    let hidden = run("hidden", &["--report", "json=r.json"]);
    assert!(hidden.stdout().contains("-H 'x-pet-key: ***'"), "{}", hidden.stdout());
    assert!(!hidden.stdout().contains("open-sesame"), "{}", hidden.stdout());
    let shown = run("shown", &["--show-secrets", "--report", "json=r.json"]);
    assert!(shown.stdout().contains("-H 'x-pet-key: open-sesame'"), "{}", shown.stdout());
    for report in [hidden.written("r.json"), shown.written("r.json")] {
        assert!(report.contains("***") && !report.contains("open-sesame"), "{report}");
    }
}

#[test]
fn where_a_report_cannot_be_written_the_others_are_and_what_was_found_is_told() {
    let run = run("unwritable", &["--report", "junit=absent/r.xml", "--report", "json=r.json"]);
    assert_eq!(run.output.status.code(), Some(2));
    assert!(run.stderr().contains("error: failed to write absent/r.xml: "), "{}", run.stderr());
    assert!(run.stdout().contains("response-schema"), "{}", run.stdout());
    assert!(run.written("r.json").contains("response-schema"));
}

#[test]
fn what_failed_is_kept_without_secrets_and_told_with_a_line_that_tries_it_again() {
    let first = run("replay", &["--report", "json=-"]);
    let kept = first.folder.join(".standin/regressions");
    let names: Vec<_> = fs::read_dir(&kept).unwrap().map(|file| file.unwrap().path()).collect();
    let texts: Vec<String> = names.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    assert!(texts.iter().any(|text| text.contains("undeclared-status")), "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains("open-sesame")), "{texts:?}");
    let report: Value = serde_json::from_str(&first.stdout()).unwrap();
    let found = &report["documents"][0]["operations"][1]["violations"][0];
    let line = found["replay"].as_str().unwrap();
    let id = line.split_whitespace().last().unwrap();
    assert!(line.starts_with("standin verify promised.yaml --url http://127.0.0.1:"), "{line}");
    let again = run("replay", &["--replay", id]);
    assert_eq!(again.output.status.code(), Some(1), "{}", again.stderr());
    assert!(again.stdout().contains("undeclared-status") && again.stderr().contains("answered: 200"));
    let other = "5be01d77-c00000000-0";
    let unknown = run("replay", &["--replay", other]);
    assert_eq!(unknown.output.status.code(), Some(2));
    assert!(unknown.stderr().contains(other), "{}", unknown.stderr());
    let empty = run("replay", &["--shard", "1/999983"]);
    assert_eq!(empty.output.status.code(), Some(0), "a part may have no case: {}", empty.stderr());
}
