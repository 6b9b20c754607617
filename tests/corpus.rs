//! The mock is tried on documents that nobody here wrote, where they are at hand.
//!
//! For every operation of every document: right requests get a success, wrong ones the refusal that they deserve, and a
//! second judge (`corpus/judge.rs`), which reads the document itself, in its own version, accepts every answer. What came
//! of it is the table of `docs/corpus.md`. Read [`the_mock_never_answers_with_what_its_document_forbids`] first.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "corpus/declared.rs"]
mod declared;
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
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::trial::Trial;

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
    found.sort_by_key(|(name, path)| {
        (std::cmp::Reverse(path.metadata().map_or(0, |data| data.len())), name.clone())
    });
    Some(found)
}

fn collect(folder: &Path, name: &str, found: &mut Vec<(String, PathBuf)>) -> Option<()> {
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
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
    if let Ok(only) = std::env::var("CORPUS_ONLY") {
        documents.retain(|(name, _)| name.contains(&only));
    }
    let trials = tried(&documents);
    let mut failed = 0;
    for trial in &trials {
        println!("{}", trial.row());
        for objection in &trial.objections {
            failed += 1;
            println!("    {objection}");
        }
    }
    assert_eq!(failed, 0, "objections");
}
