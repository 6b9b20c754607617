//! Runs what `README.md` says: its commands, and each `curl` with its answer.
#![expect(clippy::disallowed_methods, reason = "this test reads the project's own files and its environment")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "what fails here fails the test; what it ran is told"
)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::Duration,
};

use regex::Regex;

fn readme() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

/// The contents of the fenced blocks of a kind.
fn blocks(text: &str, kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    text.split(&fence)
        .skip(1)
        .filter_map(|rest| Some(rest.split_once("```")?.0.trim_end().to_owned()))
        .collect()
}

/// A running `standin mock`; it is ended with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts it by the README's own command, where the release build is there already; else by the binary under test.
    fn start(command: &str) -> Self {
        let folder = env::temp_dir().join(format!("standin-readme-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let ready = folder.join("ready");
        let words: Vec<&str> = command.split_whitespace().collect();
        let mut child = if env::var_os("STANDIN_README_RELEASE").is_some() {
            println!("started by `{command}`");
            let mut start = Command::new(words[0]);
            // A build script may ask for what cargo tells a test of its package; a user's shell has none of it, and with it
            // cargo would build what the script belongs to anew.
            let of_package = |name: &str| {
                ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
                    .iter()
                    .any(|start| name.starts_with(start))
            };
            for name in env::vars().map(|(name, _)| name).filter(|name| of_package(name)) {
                start.env_remove(name);
            }
            start.args(&words[1..]).current_dir(readme().parent().unwrap()).spawn_with(&ready)
        } else {
            println!("started by the test's own build; `./test` starts it by `{command}`");
            Command::new(env!("CARGO_BIN_EXE_standin")).arg("mock").spawn_with(&ready)
        };
        for _ in 0..6000 {
            if let Some(url) = fs::read_to_string(&ready).ok().filter(|url| url.ends_with('\n')) {
                fs::remove_dir_all(&folder).unwrap();
                return Self { child, url: url.trim().to_owned() };
            }
            assert_eq!(child.try_wait().unwrap(), None, "the server goes on running");
            thread::sleep(Duration::from_millis(50));
        }
        panic!("the server was not ready in five minutes");
    }

    /// Stops it as Ctrl-C does, and gives what it told on standard error.
    fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-INT", &id]).status().unwrap();
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(self.child.wait().unwrap().success(), "Ctrl-C ends it with exit code 0");
        told
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

trait SpawnWith {
    fn spawn_with(&mut self, ready: &Path) -> Child;
}

impl SpawnWith for Command {
    fn spawn_with(&mut self, ready: &Path) -> Child {
        let options = [("STANDIN_PORT", "0"), ("STANDIN_READY_FILE", ready.to_str().unwrap())];
        self.envs(options).stderr(Stdio::piped()).stdin(Stdio::null()).spawn().unwrap()
    }
}

/// One shell for all commands, so that a variable set by one is there for the next.
struct Shell {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Shell {
    fn start() -> Self {
        let mut child = Command::new("bash")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, to, from }
    }

    fn run(&mut self, command: &str) -> String {
        writeln!(self.to, "{command}\nprintf '\\n%s\\n' END-OF-ANSWER").unwrap();
        let mut answer = String::new();
        loop {
            let mut line = String::new();
            assert_ne!(self.from.read_line(&mut line).unwrap(), 0, "the shell goes on running");
            if line == "END-OF-ANSWER\n" {
                return answer.trim_end().to_owned();
            }
            answer.push_str(&line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

/// What differs from run to run, made alike: tokens and times.
fn masked(answer: &str) -> String {
    let masks = [
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "JWT"),
        (r#""[\w-]{22}""#, "\"TOKEN\""),
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r"\b[12]\d{9}\b", "SECONDS"),
    ];
    masks.iter().fold(answer.to_owned(), |text, (pattern, name)| {
        Regex::new(pattern).unwrap().replace_all(&text, *name).into_owned()
    })
}

/// A block's commands, each with the answer that stands under it.
fn exchanges(block: &str) -> Vec<(String, String)> {
    let mut exchanges: Vec<(String, String)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), exchanges.last_mut()) {
            (Some(command), _) => exchanges.push((command.to_owned(), String::new())),
            (None, Some((_, answer))) => {
                answer.push_str(line);
                answer.push('\n');
            }
            (None, None) => panic!("an answer stands before its command: {line}"),
        }
    }
    exchanges
}

#[test]
fn every_command_gives_the_answer_that_stands_under_it() {
    let text = fs::read_to_string(readme()).unwrap();
    let commands = blocks(&text, "sh");
    let server = Server::start(&commands[0]);
    let mut shell = Shell::start();
    let (mut fresh, mut wrong, mut count) = (text.clone(), Vec::new(), 0);
    for (command, expected) in blocks(&text, "console").iter().flat_map(|block| exchanges(block)) {
        count += 1;
        let answer = shell.run(&command.replace("http://127.0.0.1:4010", &server.url));
        if masked(&answer) != masked(expected.trim_end()) {
            wrong.push(format!("$ {command}\nexpected: {expected}answer:   {answer}\n"));
            let (held, new) = (format!("$ {command}\n{expected}"), format!("$ {command}\n{answer}"));
            fresh = fresh.replace(held.trim_end(), new.trim_end());
        }
    }
    if env::var_os("STANDIN_REWRITE").is_some() {
        fs::write(readme(), fresh).unwrap();
    }
    let url = server.url.clone();
    let banner = server.stop().replace(&url, "http://127.0.0.1:4010");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 12, "the README shows what it claims: {count} commands");
    println!("{count} commands of README.md gave their answers");
    for line in blocks(&text, "text")[0].lines().filter(|line| *line != "…" && !line.starts_with("$ ")) {
        assert!(banner.lines().any(|told| told == line), "the start does not tell: {line}\n{banner}");
    }
}

#[test]
fn ci_runs_the_test_command_of_the_readme_and_nothing_else() {
    let text = fs::read_to_string(readme()).unwrap();
    assert_eq!(blocks(&text, "sh"), ["cargo run --release -- mock", "./test"]);
    let ci = fs::read_to_string(readme().with_file_name(".ci").join("run")).unwrap();
    let lines: Vec<&str> =
        ci.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()).collect();
    assert_eq!(lines.last(), Some(&"exec ./test"));
    assert_eq!(lines.len(), 3, "{lines:?}");
}

#[test]
fn the_rust_of_the_readme_is_that_of_a_test() {
    let text = fs::read_to_string(readme()).unwrap();
    let compiled = fs::read_to_string(readme().with_file_name("tests").join("described.rs")).unwrap();
    let blocks = blocks(&text, "rust");
    assert!(!blocks.is_empty());
    for block in blocks {
        assert!(compiled.contains(&block), "{block}");
    }
}

#[test]
fn every_file_that_the_readme_links_to_is_there() {
    let text = fs::read_to_string(readme()).unwrap();
    let link = Regex::new(r"\]\(([^)#:]+)\)").unwrap();
    let links: Vec<String> = link.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert!(links.len() >= 5);
    for link in links {
        assert!(readme().with_file_name(&link).exists(), "{link}");
    }
}
