//! The mock is tried on documents that nobody here wrote, where they are at hand.
//!
//! For every operation of every document: right requests get a success, wrong ones the refusal that they deserve, and a
//! second judge (`corpus/judge.rs`), which reads the document itself, in its own version, accepts every answer. What came
//! of it is the table of `docs/corpus.md`. Read [`the_mock_never_answers_with_what_its_document_forbids`] first.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "corpus/declared.rs"]
mod declared;
#[path = "corpus/exceptions.rs"]
mod exceptions;
#[path = "corpus/faults.rs"]
mod faults;
#[path = "corpus/files.rs"]
mod files;
#[path = "corpus/formats.rs"]
mod formats;
#[path = "corpus/judge.rs"]
mod judge;
#[path = "corpus/requests.rs"]
mod requests;
#[path = "corpus/schemas.rs"]
mod schemas;
#[path = "corpus/trial.rs"]
mod trial;

use std::{
    cmp::Reverse,
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use crate::{exceptions::EXCEPTIONS, trial::Trial};

/// All documents: those of this repository, and those of the corpus beside it.
fn documents() -> Option<Vec<(String, PathBuf)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    collect(&root.join("../shared/corpus"), "", &mut found)?;
    collect(&root.join("openapi"), "openapi", &mut found)?;
    found.retain(|(_, path)| {
        files::parse(path).is_some_and(|root| root.get("openapi").or(root.get("swagger")).is_some())
    });
    // The longest are begun first, so that none is waited for at the end.
    found.sort_by_key(|(name, path)| (Reverse(path.metadata().map_or(0, |data| data.len())), name.clone()));
    Some(found)
}

fn collect(folder: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Option<()> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        let own = entry.file_name().to_string_lossy().into_owned();
        let name = if name.is_empty() { own } else { format!("{name}/{own}") };
        if path.is_dir() {
            collect(&path, &name, found);
        } else {
            found.push((name, path));
        }
    }
    Some(())
}

/// Tries all documents, several at a time.
fn tried(documents: &[(String, PathBuf)]) -> Vec<Trial> {
    let next = AtomicUsize::new(0);
    let trials = Mutex::new(Vec::new());
    let threads = thread::available_parallelism().map_or(2, usize::from).min(8);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((name, path)) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let trial = Trial::of(name, path);
                    trials.lock().unwrap().push(trial);
                }
            });
        }
    });
    let mut trials = trials.into_inner().unwrap();
    trials.sort_by(|one, other| one.name.cmp(&other.name));
    trials
}

#[test]
#[expect(clippy::print_stdout, reason = "what a test was tried on is quoted where its result is told")]
fn the_mock_never_answers_with_what_its_document_forbids() {
    let Some(mut documents) = documents() else {
        println!("corpus: skipped, there is none beside this folder");
        return;
    };
    let only = only();
    documents.retain(|(name, _)| only.as_ref().is_none_or(|only| name.contains(only)));
    let mut trials = tried(&documents);
    let mut used: BTreeSet<usize> = trials.iter_mut().flat_map(|trial| trial.excuse(EXCEPTIONS)).collect();
    if only.is_some() {
        used.extend(0..EXCEPTIONS.len());
    }
    let page = page(&trials);
    let mut wrong = Vec::new();
    for trial in &trials {
        for objection in &trial.objections {
            wrong.push(format!("{}: {}: {}", trial.name, objection.operation, objection.text));
        }
    }
    for (number, exception) in EXCEPTIONS.iter().enumerate().filter(|(number, _)| !used.contains(number)) {
        wrong.push(format!("exception {number} is not needed: {}", exception.place()));
    }
    for trial in &trials {
        println!("corpus: {:6} ms {}", trial.time.as_millis(), trial.row());
    }
    assert!(wrong.is_empty(), "{} objections:\n{}", wrong.len(), wrong.join("\n"));
    if only.is_none() {
        is_kept(&page);
    }
}

/// What the names of the documents to be tried contain, where somebody looks for something.
#[expect(clippy::disallowed_methods, reason = "a test is told by its caller what to look at")]
fn only() -> Option<String> {
    std::env::var("STANDIN_CORPUS").ok()
}

/// What came of it, for people.
fn page(trials: &[Trial]) -> String {
    let mut page = INTRODUCTION.to_owned();
    for trial in trials {
        page.extend([trial.row(), format!(" {} |\n", coarse(trial.time))]);
    }
    let sum = |of: fn(&Trial) -> usize| trials.iter().map(of).sum::<usize>();
    let all = [
        sum(|trial| trial.operations),
        sum(|trial| trial.shadowed),
        sum(|trial| trial.answers),
        sum(|trial| trial.refusals),
        sum(|trial| trial.excused),
        sum(|trial| trial.objections.len()),
        sum(|trial| trial.findings),
    ];
    let all: Vec<String> = all.iter().map(usize::to_string).collect();
    page.extend([format!("| **{} documents** | | {} | |\n\n{EXCUSES}", trials.len(), all.join(" | "))]);
    for exception in EXCEPTIONS {
        page.extend([format!("- {}: {}.\n", exception.place(), exception.reason)]);
    }
    page
}

const INTRODUCTION: &str = "\
# The mock on documents that others wrote

Made by `tests/corpus.rs`: `STANDIN_REWRITE=1 cargo test --test corpus` writes this page anew.

Every operation gets twenty requests that are right, each from a mock of another seed, half of which answer with the
document's examples and half with generated values; and requests that are right but for one fault: a parameter, a body
or a property that is absent, or of another type or out of its bounds, a media type that is not declared, an `Accept`
that cannot be met, no credentials. A second judge reads the document itself, in its own version, and says of each answer
whether the document allows it: its status, its media type, its header fields and its body, by another validator.

- *shadowed*: operations whose method and path are those of another one, which answers.
- *answers*, *refusals*: successes and refusals that the judge accepted.
- *excused*: what cannot be right, for the reasons below.
- *invalid*: what the judge did not accept, and what crashed.
- *found*: what was found wrong with the document when it was loaded.

| document | version | operations | shadowed | answers | refusals | excused | invalid | found | seconds |
|---|---|---|---|---|---|---|---|---|---|
";

const EXCUSES: &str = "## Excused

";

/// A time as one that does not change from run to run, or hardly.
fn coarse(time: Duration) -> &'static str {
    match time.as_secs() {
        0 => "< 1",
        1..10 => "< 10",
        _ => "> 10",
    }
}

/// The page that is kept says the same, times left aside.
#[expect(clippy::disallowed_methods, reason = "this test reads and writes the project's own files")]
fn is_kept(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/corpus.md");
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        fs::write(&path, page).unwrap();
    }
    let timeless = |text: &str| -> Vec<String> {
        let cut = |line: &str| match line.strip_prefix("| ") {
            Some(_) => line.trim_end_matches(" |").rsplit_once('|').map_or(line, |(row, _)| row).to_owned(),
            None => line.to_owned(),
        };
        text.lines().map(cut).collect()
    };
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(timeless(&kept) == timeless(page), "docs/corpus.md is stale; STANDIN_REWRITE=1 writes it anew");
}
