//! What somebody wants to see of a journal.

use std::str::FromStr;

use jiff::Timestamp;

use super::{Exchange, ring::Held};
use crate::{
    api::Status,
    finding::{Code, Severity},
};

/// Which exchanges are wanted: those that satisfy everything that is said.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Answered in this sandbox.
    pub sandbox: Option<String>,
    /// Answered by this operation.
    pub operation: Option<String>,
    /// Answered with this status.
    pub status: Option<Status>,
    /// With a finding of this kind.
    pub code: Option<Code>,
    /// With a finding that is at least so bad.
    pub severity: Option<Severity>,
    /// Not older.
    pub since: Option<Since>,
    /// Not younger, by the clock of the sandbox.
    pub until: Option<Timestamp>,
    /// The most that are wanted: after a number the first ones, so that whoever asks again misses none, else the newest.
    pub limit: usize,
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// After the exchange of this number.
    Id(u64),
    /// At this time or later, by the clock of the sandbox.
    Time(Timestamp),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("`{text}` is neither a number nor a time such as `2030-01-01T00:00:00Z`");
        text.parse().map(Self::Id).or_else(|_| text.parse().map(Self::Time)).map_err(wrong)
    }
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            sandbox: None,
            operation: None,
            status: None,
            code: None,
            severity: None,
            since: None,
            until: None,
            limit: usize::MAX,
        }
    }
}

impl Filter {
    /// Whether an exchange is wanted.
    fn wants(&self, exchange: &Exchange) -> bool {
        let answered = &exchange.answered;
        let has = |is_meant: &dyn Fn(Code, Severity) -> bool| {
            answered.findings.iter().any(|finding| is_meant(finding.code, finding.severity))
        };
        self.sandbox.as_ref().is_none_or(|wanted| **wanted == *answered.sandbox)
            && self.operation.as_ref().is_none_or(|wanted| answered.operation.as_ref() == Some(wanted))
            && self.status.is_none_or(|wanted| is_of(answered.response.status.as_u16(), wanted))
            && self.code.is_none_or(|wanted| has(&|code, _| code == wanted))
            && self.severity.is_none_or(|least| has(&|_, severity| severity >= least))
            && self.since.is_none_or(|since| match since {
                Since::Id(id) => exchange.id > id,
                Since::Time(time) => answered.at >= time,
            })
            && self.until.is_none_or(|until| answered.at <= until)
    }

    /// Those that are wanted, and how many more there are.
    pub(super) fn among(&self, held: Vec<Held>) -> (Vec<Held>, usize) {
        let mut wanted: Vec<Held> = held.into_iter().filter(|held| self.wants(held)).collect();
        let more = wanted.len().saturating_sub(self.limit);
        if matches!(self.since, Some(Since::Id(_))) {
            wanted.truncate(self.limit);
        } else {
            wanted.drain(..more);
        }
        (wanted, more)
    }
}

fn is_of(status: u16, wanted: Status) -> bool {
    match wanted {
        Status::Exact(exact) => status == exact,
        Status::Range(hundred) => status / 100 == hundred,
        Status::Default => true,
    }
}
