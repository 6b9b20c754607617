//! `verify` against the mock of the same document finds nothing, for each document of the corpus.
//!
//! The corpus stands beside the repository and is not part of it: where it is absent, nothing is tried. The requests of one
//! document are bounded, and shared out among its operations.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test may panic, and says why it tried nothing"
)]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use standin::{
    api,
    document::{self, Source},
    exchange::{Handler, Reply, Request},
    mock::{self, Mock},
    sandbox::Clock,
    verify::{Options, Outcome, Phase, Verifier},
};

/// Where the corpus stands.
const CORPUS: &str = "../shared/corpus";
/// How many requests are sent to the mock of one document: single ones, and as many in sequences.
const MOST: usize = 80;

#[test]
fn nothing_is_found_in_the_mock_of_any_document_of_the_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join(CORPUS);
    if !corpus.exists() {
        eprintln!("there is no corpus at {CORPUS}: nothing is tried");
        return;
    }
    let documents = documents(&corpus);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut found = (String::new(), 0);
        while let Some(path) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
            tell(path, &mut found);
        }
        found
    };
    let (left, right) = thread::scope(|scope| {
        let other = scope.spawn(work);
        (work(), other.join().unwrap())
    });
    let told = left.0 + &right.0;
    assert!(told.is_empty(), "{told}");
    assert!(left.1 + right.1 > 0, "no operation of the corpus was tried");
}

/// Adds what is found in the mock of a document, and the number of operations that were tried.
fn tell(path: &Path, (told, tried): &mut (String, usize)) {
    let Some(mock) = mock(path) else { return };
    // Single requests would leave nothing to the sequences.
    let single = verified(&mock, vec![Phase::Examples, Phase::Coverage, Phase::Fuzz]);
    let sequences = verified(&mock, vec![Phase::Stateful]);
    *tried += single.operations.iter().filter(|(_, tally)| tally.cases > 0).count();
    for one in single.violations.iter().chain(&sequences.violations) {
        let (request, response) = (&one.request, &one.response);
        let answer = String::from_utf8_lossy(&response.body);
        // Where nothing satisfies what the document says of an answer, the mock says so.
        if answer.contains("urn:standin:problem:no-valid-response") {
            continue;
        }
        let body = String::from_utf8_lossy(request.bytes());
        writeln!(
            told,
            "{}: {}: {} ({}): {} {} {:?} {body:.300} → {} {answer:.300}",
            path.display(),
            one.check,
            one.what,
            one.finding,
            request.method,
            request.path,
            request.query,
            response.status
        )
        .unwrap();
    }
}

/// Every file of the corpus that may be a document.
fn documents(corpus: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![corpus.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_text =
                path.extension().is_some_and(|kind| ["json", "yaml", "yml"].iter().any(|one| kind == *one));
            if path.is_dir() {
                open.push(path);
            } else if is_text {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The mock of a document; `None` where the file is none, or one that cannot be mocked.
fn mock(path: &Path) -> Option<Mock> {
    let (api, _) = api::read(Arc::new(document::load(&Source::Path(path.to_owned())).ok()?)).ok()?;
    (!api.operations.is_empty())
        .then(|| Mock::new(vec![Arc::new(api)], Arc::new(Clock::system()), mock::Options::default()).0)
}

/// The mock as it is.
struct Mirror<'m>(&'m Mock);

impl Handler for Mirror<'_> {
    async fn handle(&self, request: Request) -> Reply {
        self.0.answer(&request)
    }
}

fn verified(mock: &Mock, phases: Vec<Phase>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let options = Options { phases, most: MOST, ..Options::default() };
    runtime.block_on(Verifier::new(mock.plan(), mock.books(), Mirror(mock), options).run(&()))
}
