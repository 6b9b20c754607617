//! The real binary from outside: every page under `tests/cli` runs a command, and what it says is compared.
//!
//! A page has `yaml file NAME` blocks, which are written to an empty folder, and then commands: `sh command`, and after
//! it `text stdout`, `text stderr` and `text exit`, of which those left out mean nothing, nothing and 0. `{{port}}` is a
//! port that is taken, `{{free}}` one that was free, `{{version}}` the version of the program. Commands that go on running are for `tests/socket.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, takes a port, and reads and writes the pages and files that it is about"
)]

mod page;

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use regex::Regex;

use crate::page::{Outcome, Page, Shown};

const KNOWN: &[&str] = &["yaml file", "json file", "sh command", "text stdout", "text stderr", "text exit"];

/// How often it is asked whether a command has ended, and how long is waited between.
const PATIENCE: (u32, Duration) = (1000, Duration::from_millis(10));

#[test]
fn every_page_tells_what_the_commands_say() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    page::check("tests/cli", KNOWN, |page| run(page, &port));
}

fn run(page: &Page, port: &str) -> Outcome {
    let folder = page::folder(page);
    let is_file = |block: &&page::Block| block.is("yaml file") || block.is("json file");
    page.blocks.iter().filter(is_file).for_each(|block| page::write(&folder, &block.words[2], block));
    let mut shown = Vec::new();
    for (at, block) in page.blocks.iter().enumerate().filter(|(_, block)| block.is("sh command")) {
        let told = told(&block.text.replace("{{port}}", port), &folder).map_err(|why| (block.line, why))?;
        let after = &page.blocks[at + 1..];
        let next = after.iter().position(|block| block.is("sh command")).unwrap_or(after.len());
        for (words, text, usual) in [
            ("text stdout", told.stdout, ""),
            ("text stderr", told.stderr, ""),
            ("text exit", told.exit, "0"),
        ] {
            let text = named(&text, port);
            match after[..next].iter().position(|block| block.is(words)) {
                Some(found) => shown.push(Shown { block: at + 1 + found, text }),
                None if text == usual => {}
                None => return Err((block.line, format!("there is no `{words}` for it:\n{text}"))),
            }
        }
    }
    shown.sort_by_key(|shown| shown.block);
    Ok(shown)
}

/// A text with names in the place of what differs from run to run.
fn named(text: &str, port: &str) -> String {
    let taken = text.replace(port, "{{port}}");
    let free = Regex::new(r"127\.0\.0\.1:\d+").unwrap().replace_all(&taken, "127.0.0.1:{{free}}");
    free.replace(concat!("standin ", env!("CARGO_PKG_VERSION")), "standin {{version}}")
}

/// What a command said.
struct Told {
    stdout: String,
    stderr: String,
    exit: String,
}

fn told(line: &str, folder: &Path) -> Result<Told, String> {
    let mut words = line.split_whitespace().peekable();
    let variables: Vec<(&str, &str)> =
        std::iter::from_fn(|| words.next_if(|word| *word != "standin")?.split_once('=')).collect();
    if words.next() != Some("standin") {
        return Err("a command begins with `standin`, after variables such as `STANDIN_SEED=1`".to_owned());
    }
    let captured = ["stdout", "stderr"].map(|name| folder.join(format!(".{name}")));
    let [stdout, stderr] = captured.each_ref().map(|path| fs::File::create(path).unwrap());
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(words)
        .current_dir(folder)
        .env_clear()
        .envs(variables)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .unwrap();
    for _ in 0..PATIENCE.0 {
        if let Some(status) = child.try_wait().unwrap() {
            let [stdout, stderr] = captured.map(|path| fs::read_to_string(path).unwrap());
            let exit = status.code().map_or_else(|| status.to_string(), |code| code.to_string());
            return Ok(Told { stdout, stderr, exit });
        }
        thread::sleep(PATIENCE.1);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    Err("the command does not end".to_owned())
}
