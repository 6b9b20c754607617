//! Documents that are served → the schemas in them that nothing satisfies, told when they are found.
//!
//! A small document is looked through before the banner; any other beside the server, at its leisure: nobody waits for
//! it, and no request. It must not know how a request is answered. Read [`soon`] and [`beside`].

use std::{
    cell::Cell,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{colour, mock::Read, options::Level};
use crate::{
    check,
    document::Document,
    finding::Finding,
    net::Shown,
    report::{self, Colour},
};

/// How many bytes of text a document has, at most, that is looked through before it is served.
const SMALL: usize = 256 * 1024;
/// How long the start waits for that: only a document that was made to be hard takes longer.
const START: Duration = Duration::from_secs(2);
/// How long a document is looked through beside the server; the largest in use take a few seconds.
const LATER: Duration = Duration::from_secs(120);

/// Adds to each small document what is found in it; the indices of the documents that are still to be looked through.
pub(super) fn soon(read: &mut [Read]) -> Vec<usize> {
    let mut open = Vec::new();
    for (index, (api, findings)) in read.iter_mut().enumerate() {
        let is_small = size(&api.document) <= SMALL;
        let search = is_small.then(|| Search::of(&api.document, START, Duration::ZERO));
        match search.filter(|search| search.is_whole) {
            Some(search) => findings.extend(search.found),
            None => open.push(index),
        }
    }
    open
}

/// Looks through the documents at the indices `open` on a thread of its own.
pub(super) fn beside(shown: &[Shown], open: &[usize], level: Level) {
    let open: Vec<_> =
        open.iter().map(|at| (Arc::clone(&shown[*at].api), Arc::clone(&shown[*at].findings))).collect();
    let work = move || {
        for (api, findings) in open {
            let search = Search::of(&api.document, LATER, LATER);
            if level >= Level::Warn {
                eprint!("{}", search.text(&api.document, colour(&std::io::stderr())));
            }
            findings.add(search.found);
        }
    };
    // Without a thread to spare the documents are served all the same, and `standin check` tells what is wrong.
    let _ = thread::Builder::new().name("late".to_owned()).spawn(work);
}

fn size(document: &Document) -> usize {
    document.files().values().map(|file| file.text.len()).sum()
}

/// What was found in a document, and whether there was time for all of it.
struct Search {
    found: Vec<Finding>,
    is_whole: bool,
}

impl Search {
    /// Looks for as long as `limit`. After each proof the thread rests as long as the proof took, but for no longer than
    /// `rest`: on a machine with one processor that time is for the requests.
    fn of(document: &Document, limit: Duration, rest: Duration) -> Self {
        let (start, last) = (Instant::now(), Cell::new(Instant::now()));
        let is_whole = Cell::new(true);
        let goes_on = || {
            thread::sleep(last.get().elapsed().min(rest));
            last.set(Instant::now());
            is_whole.set(is_whole.get() && start.elapsed() < limit);
            is_whole.get()
        };
        let found = check::unsatisfiable(document, &goes_on);
        Self { found, is_whole: is_whole.get() }
    }

    fn text(&self, document: &Document, colour: Colour) -> String {
        let files = document.files();
        let text = |uri: &str| files.get(uri).map(|file| (file.name.clone(), Arc::clone(&file.text)));
        let mut told = report::findings(&self.found, &text, &report::Rules::new(), colour);
        if !self.is_whole {
            told.push_str(&document.uri());
            told.push_str(
                ": not every schema was looked through, which would take long; `standin check` does it\n",
            );
        }
        told
    }
}
