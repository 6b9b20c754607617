//! What in a journal breaks the documents, by cause.

use indexmap::IndexMap;

use super::{Counts, ring::Held};
use crate::finding::{Code, Finding, Place, Severity};

/// Whether everything so far satisfied the documents.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// How many exchanges were looked at.
    pub exchanges: usize,
    /// In what they break the documents, in the order in which it was first seen.
    pub causes: Vec<Cause>,
    /// How many exchanges are kept no more, because there was no room.
    pub dropped: u64,
    /// How many errors of each kind those had.
    pub lost: Counts,
}

/// One way of breaking a document: the same fault at the same place of the same operation.
#[derive(Debug, Clone)]
pub struct Cause {
    /// What was wrong the first time.
    pub finding: Finding,
    /// The operation, by its id.
    pub operation: Option<String>,
    /// How many exchanges have it.
    pub count: usize,
    /// The first exchange that has it.
    pub first: u64,
    /// The last one.
    pub last: u64,
}

impl Verdict {
    /// Whether nothing broke the documents, in what was dropped neither.
    pub fn is_good(&self) -> bool {
        self.causes.is_empty() && self.lost.is_empty()
    }
}

type Key<'h> = (Code, Option<&'h str>, String, Option<&'h Place>);

/// The causes in `held`, each told by the first exchange that has it, as `told` tells it.
pub(super) fn causes(
    held: &[Held],
    except: &[Code],
    told: impl Fn(&Held, &Finding) -> Finding,
) -> Vec<Cause> {
    let mut causes: IndexMap<Key<'_>, Cause> = IndexMap::new();
    for exchange in held {
        let answered = &exchange.answered;
        let errors = answered.findings.iter().filter(|finding| finding.severity == Severity::Error);
        for finding in errors.filter(|finding| !except.contains(&finding.code)) {
            let operation = answered.operation.as_deref();
            let key = (finding.code, operation, finding.location.to_string(), finding.rule.as_ref());
            let cause = causes.entry(key).or_insert_with(|| Cause {
                finding: told(exchange, finding),
                operation: operation.map(str::to_owned),
                count: 0,
                first: exchange.id,
                last: 0,
            });
            // An exchange may have the same fault twice.
            if cause.last != exchange.id {
                cause.last = exchange.id;
                cause.count += 1;
            }
        }
    }
    causes.into_values().collect()
}
