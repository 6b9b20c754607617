//! The file of options, its schema, the manual and the completions: all are made from the one table of options.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and reads and writes the files that it is about"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::Arc,
};

use regex::Regex;
use serde_json::Value;
use standin::{
    finding::Pointer,
    schema::{Library, Schema},
};

const PETS: &str = "\
openapi: 3.1.0
info: {title: Pets, version: '1'}
servers: [{url: 'https://pets.example.org/v1'}]
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
  /pets: {get: {security: [{t: []}], responses: {'204': {description: None}}}}
components: {securitySchemes: {t: {type: http, scheme: bearer}}}
";

/// An empty folder with a document in it.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    // A folder of an earlier run holds what that has written.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("pets.yaml"), PETS).unwrap();
    folder
}

fn standin(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
    command.args(arguments).current_dir(folder).env_clear().output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The long options that `--help` of a command shows.
fn options(folder: &Path, command: &str) -> Vec<String> {
    let help = standin(folder, &[command, "--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let option = Regex::new(r"(?m)^\s+(?:-\w, )?--([\w-]+)").unwrap();
    option.captures_iter(&help).map(|found| found[1].to_owned()).collect()
}

fn schema() -> Schema {
    let schema = Arc::new(standin::cli::settings_schema());
    let files = [("standin:settings".to_owned(), schema)];
    Library::new(files.into_iter().collect()).unwrap().compile("standin:settings", &Pointer::root()).unwrap()
}

#[test]
fn every_option_that_init_shows_is_taken_when_its_comment_is_removed() {
    let folder = folder("settings-init");
    let output = standin(&folder, &["init", "pets.yaml"]);
    assert!(output.status.success(), "{}", told(&output));
    let written = fs::read_to_string(folder.join("standin.yaml")).unwrap();
    for wanted in
        ["# Pets: 2 operation(s).", "# Token `", "  - pets.yaml", "# url: \"https://pets.example.org/v1\""]
    {
        assert!(written.contains(wanted), "{wanted}: {written}");
    }
    let comment = Regex::new(r"(?m)^( *)# ([a-z-]+: [^…\n]*)$").unwrap();
    let shown: Vec<String> = comment.captures_iter(&written).map(|found| found[2].to_owned()).collect();
    let changed = comment.replace_all(&written, "$1$2");
    fs::write(folder.join("standin.yaml"), &*changed).unwrap();
    let output = standin(&folder, &["check"]);
    assert!(output.status.success(), "{}\n{changed}", told(&output));
    let value: Value = serde_saphyr::from_str(&changed).unwrap();
    assert!(schema().is_valid(&value), "{changed}");
    for command in ["mock", "proxy", "verify", "check"] {
        let options = options(&folder, command);
        for option in
            options.iter().filter(|option| !["help", "version", "config"].contains(&option.as_str()))
        {
            let is_shown = shown.iter().any(|line| line.starts_with(&format!("{option}:")));
            let is_open = written.contains(&format!("# {option}: …"));
            assert!(is_shown || is_open, "`{option}` of {command} is not shown:\n{written}");
        }
    }
}

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let folder = folder("settings-schema");
    let schema = schema();
    for (text, is_right) in [
        ("port: 4010\n", true),
        ("port: many\n", false),
        ("prot: 4010\n", false),
        ("errors: true\n", true),
        ("errors: 'yes'\n", false),
        ("mock: {examples: trust, prefix: /api}\n", true),
        ("mock: {examples: keep}\n", false),
        ("mock: {url: x}\n", false),
        ("proxy: {upstream-timeout: 30s, mock-when: [501, 'GET /pets']}\n", true),
        ("verify: {header: ['A: b', 'C: d'], fuzz: 3}\n", true),
        ("verify: {fuzz: [1]}\n", false),
        ("seed: any text\n", true),
        ("mock:\n", true),
        ("[]\n", false),
    ] {
        let value: Value = serde_saphyr::from_str(text).unwrap();
        fs::write(folder.join("standin.yaml"), text).unwrap();
        let output = standin(&folder, &["check", "pets.yaml"]);
        assert_eq!(output.status.code(), Some(if is_right { 0 } else { 2 }), "{text}: {}", told(&output));
        assert_eq!(schema.is_valid(&value), is_right, "{text}");
    }
}

#[test]
fn an_option_of_the_file_has_its_effect_until_it_is_typed() {
    let folder = folder("settings-effect");
    fs::write(folder.join("standin.yaml"), "documents: [pets.yaml]\nformat: json\n").unwrap();
    let report: Value = serde_json::from_slice(&standin(&folder, &["check"]).stdout).unwrap();
    assert_eq!(report["errors"], 0);
    let output = standin(&folder, &["check", "--format", "text"]);
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn completions_and_manual_know_every_option() {
    let folder = folder("settings-shells");
    let options = options(&folder, "mock");
    assert!(options.len() > 20, "{options:?}");
    let texts = [
        standin(&folder, &["completions", "bash"]),
        standin(&folder, &["completions", "zsh"]),
        standin(&folder, &["completions", "fish"]),
        standin(&folder, &["man", "mock"]),
    ];
    for output in texts {
        assert!(output.status.success(), "{}", told(&output));
        let text = String::from_utf8(output.stdout).unwrap().replace('\\', "");
        for option in &options {
            assert!(text.contains(option.as_str()), "{option}: {}", &text[..200]);
        }
    }
    let manual = String::from_utf8(standin(&folder, &["man"]).stdout).unwrap();
    assert!(manual.contains(".TH standin 1") && manual.contains("standin\\-verify"), "{manual}");
}
