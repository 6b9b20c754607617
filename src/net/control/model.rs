//! What the control interface takes and gives; its `OpenAPI` document is made from these.

use poem_openapi::{Enum, Object, Tags, types::Example};

use crate::finding::Severity;

#[derive(Tags)]
pub(super) enum Area {
    /// What is served.
    Documents,
    /// The time that everything is judged by.
    Clock,
    /// Tokens for tests.
    Tokens,
    /// What was asked and answered.
    Requests,
    /// What goes wrong on purpose.
    Faults,
    /// What each test has for itself.
    Sandboxes,
    /// Whether it runs.
    Health,
}

/// That the server runs.
#[derive(Object)]
pub(super) struct Health {
    /// Always `ok`.
    pub(super) status: String,
    /// The version of the program.
    pub(super) version: String,
    /// How many operations it serves.
    pub(super) operations: u64,
}

/// A document that is served.
#[derive(Object)]
pub(super) struct Document {
    /// Its name.
    pub(super) name: String,
    /// The title that it gives its API.
    pub(super) title: String,
    /// Where it can be fetched, with the mock as its server.
    pub(super) url: String,
    /// Its operations.
    pub(super) operations: Vec<Operation>,
    /// What was found in it.
    pub(super) findings: Vec<Found>,
    /// Why a newer version of it is not served, where there is one: this is the last good one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) refused: Option<Refusal>,
}

/// Why a version of a document is not served.
#[derive(Object)]
pub(super) struct Refusal {
    /// What is wrong with it.
    pub(super) findings: Vec<Found>,
}

/// An operation that is served.
#[derive(Object)]
pub(super) struct Operation {
    /// Its `operationId`, or its method and path.
    pub(super) id: String,
    /// Its method.
    pub(super) method: String,
    /// Its path template.
    pub(super) path: String,
    /// Its summary.
    pub(super) summary: String,
}

/// Something that was found in a document, a request or a response.
#[derive(Object)]
pub(super) struct Found {
    /// The stable name of what is wrong.
    pub(super) code: String,
    /// How bad it is.
    pub(super) severity: Level,
    /// Where it is.
    pub(super) location: String,
    /// What is.
    pub(super) message: String,
    /// What would be right.
    #[oai(skip_serializing_if_is_none)]
    pub(super) help: Option<String>,
    /// The same as a place in a document, where it is in one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) at: Option<Position>,
    /// The place in a document that rules it, where that is another one.
    #[oai(skip_serializing_if_is_none)]
    pub(super) rule: Option<Position>,
}

/// A place in a document.
#[derive(Object)]
pub(super) struct Position {
    /// The URI of the file.
    pub(super) file: String,
    /// The JSON Pointer (RFC 6901) in the file.
    pub(super) pointer: String,
    /// The line, from 1, where it was looked up.
    #[oai(skip_serializing_if_is_none)]
    pub(super) line: Option<u64>,
    /// The column in characters, from 1.
    #[oai(skip_serializing_if_is_none)]
    pub(super) column: Option<u64>,
    /// The lines around it, where they were looked up.
    #[oai(skip_serializing_if_is_none)]
    pub(super) excerpt: Option<Vec<Line>>,
}

/// A line of a document.
#[derive(Object)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// What stands in it; of a very long one the start.
    pub(super) text: String,
}

/// How bad a finding is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Level {
    /// Legal and harmless, and perhaps not what was meant.
    Note,
    /// Worth knowing.
    Warning,
    /// Something cannot be used as it is.
    Error,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Note,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Note => Self::Note,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
        }
    }
}

/// What the clock shows.
#[derive(Object)]
#[oai(example)]
pub(super) struct Time {
    /// The time now, in UTC.
    #[oai(validator(min_length = 1))]
    pub(super) now: String,
    /// Whether it stands still.
    pub(super) frozen: bool,
}

impl Example for Time {
    fn example() -> Self {
        Self { now: "2030-01-01T00:00:00Z".to_owned(), frozen: false }
    }
}

/// How to move the clock. Several fields are taken in the order reset, set, advance, freeze.
#[derive(Object, Default)]
#[oai(example, deny_unknown_fields)]
pub(super) struct Move {
    /// Lets it show the machine's time again, running.
    #[oai(skip_serializing_if_is_none)]
    pub(super) reset: Option<bool>,
    /// Lets it show this time, as in `2030-01-01T00:00:00Z`.
    #[oai(skip_serializing_if_is_none)]
    pub(super) set: Option<String>,
    /// Moves it by a duration, as in `5m1s` or `-1h`.
    #[oai(skip_serializing_if_is_none)]
    pub(super) advance: Option<String>,
    /// Stops it, or lets it run on.
    #[oai(skip_serializing_if_is_none)]
    pub(super) freeze: Option<bool>,
}

impl Example for Move {
    fn example() -> Self {
        Self { advance: Some("5m1s".to_owned()), ..Self::default() }
    }
}

/// A kind of token that the documents know.
#[derive(Object)]
pub(super) struct Kind {
    /// Its name.
    pub(super) name: String,
    /// The document that knows it.
    pub(super) document: String,
    /// How it is written.
    pub(super) format: String,
    /// How long it lives.
    pub(super) lifetime: String,
    /// The operation that issues it.
    #[oai(skip_serializing_if_is_none)]
    pub(super) issued_by: Option<String>,
    /// Where it is carried.
    pub(super) carried_by: Vec<String>,
    /// Why this is believed.
    pub(super) reasons: Vec<String>,
}

/// Which token to mint.
#[derive(Object, Default)]
#[oai(example, deny_unknown_fields)]
pub(super) struct Order {
    /// The name of the credential; without it, the first that an operation issues.
    #[oai(skip_serializing_if_is_none)]
    pub(super) credential: Option<String>,
    /// How long it lives from now, as in `5m`; negative for one that has ended. Without it, as long as the document says.
    #[oai(skip_serializing_if_is_none)]
    pub(super) lifetime: Option<String>,
    /// The scopes that it tells; only a JWT can.
    #[oai(skip_serializing_if_is_none)]
    pub(super) scopes: Option<Vec<String>>,
}

impl Example for Order {
    fn example() -> Self {
        Self { lifetime: Some("5m".to_owned()), ..Self::default() }
    }
}

/// A minted token.
#[derive(Object)]
pub(super) struct Minted {
    /// The credential that it is one of.
    pub(super) credential: String,
    /// What is carried.
    pub(super) token: String,
    /// The first moment at which it is refused.
    pub(super) expires: String,
    /// Where it is carried.
    pub(super) carried_by: Vec<String>,
}

/// A token to look at.
#[derive(Object)]
#[oai(deny_unknown_fields)]
pub(super) struct Question {
    /// The token as it is carried.
    pub(super) token: String,
}

/// What a token is.
#[derive(Object)]
pub(super) struct Inspected {
    /// What it is found to be now.
    pub(super) state: State,
    /// The credential that it is one of.
    #[oai(skip_serializing_if_is_none)]
    pub(super) credential: Option<String>,
    /// The first moment at which it is refused.
    #[oai(skip_serializing_if_is_none)]
    pub(super) expires: Option<String>,
}

impl Inspected {
    /// A token that was not minted here.
    pub(super) fn unknown() -> Self {
        Self { state: State::Unknown, credential: None, expires: None }
    }
}

/// What a token is found to be.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum State {
    /// It was minted here and lives.
    Valid,
    /// It was minted here and is past its end.
    Expired,
    /// It was not minted here.
    Unknown,
}

/// What was wrong with a request (RFC 9457).
#[derive(Object)]
pub(super) struct Problem {
    /// What kind of problem.
    pub(super) title: String,
    /// The status.
    pub(super) status: u16,
    /// What is wrong, and what would be right.
    pub(super) detail: String,
}
