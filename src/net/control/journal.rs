//! What the control interface tells of the journal; its `OpenAPI` document is made from these.

use poem_openapi::{Enum, Object};

use super::model::{Found, Position};

/// A part of the journal.
#[derive(Object)]
pub(super) struct Page {
    /// The requests, newest last.
    pub(super) requests: Vec<Recorded>,
    /// How many more there are that were asked for.
    pub(super) more: u64,
    /// How many the journal had no room to keep.
    pub(super) dropped: u64,
}

/// A request and how it was answered.
#[derive(Object)]
pub(super) struct Recorded {
    /// Its number; the answer tells it in `standin-request-id`.
    pub(super) id: u64,
    /// The sandbox that answered.
    pub(super) sandbox: String,
    /// When it came, by the clock of the sandbox.
    pub(super) time: String,
    /// How long the answer took until it could begin, in milliseconds.
    pub(super) took_ms: f64,
    /// Its method.
    pub(super) method: String,
    /// Its path and query.
    pub(super) target: String,
    /// The operation that answered.
    #[oai(skip_serializing_if_is_none)]
    pub(super) operation: Option<String>,
    /// The status of the answer.
    pub(super) status: u16,
    /// Why it was answered so: which response, and which example.
    pub(super) why: String,
    /// What was wrong with it.
    pub(super) findings: Vec<Found>,
}

/// A request, how it was answered, and why.
#[derive(Object)]
pub(super) struct Explanation {
    /// What the list tells of it.
    #[oai(flatten)]
    pub(super) recorded: Recorded,
    /// What was looked at, in this order.
    pub(super) checks: Vec<Check>,
    /// Where the operation is declared.
    #[oai(skip_serializing_if_is_none)]
    pub(super) declared: Option<Position>,
    /// The header fields and the body that were sent.
    pub(super) request: Message,
    /// The header fields and the body that were answered.
    pub(super) response: Message,
    /// What changed every generated value.
    pub(super) seed: u64,
    /// How long the answer was held back because the caller asked for that, in milliseconds.
    pub(super) delay_ms: f64,
    /// The callbacks that followed from it.
    pub(super) callbacks: Vec<String>,
}

/// A step of what a request and its answer go through.
#[derive(Object)]
pub(super) struct Check {
    /// What was looked at.
    pub(super) step: Step,
    /// What came of it.
    pub(super) outcome: Outcome,
    /// Which of the findings were made there, counted from 0.
    pub(super) findings: Vec<u64>,
}

/// What is looked at.
#[derive(Debug, Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Step {
    /// Which operation the request is for.
    Route,
    /// Whether the credentials are there, right and alive.
    Credentials,
    /// The values in path, query, header fields and cookies.
    Parameters,
    /// The body of the request.
    Body,
    /// What the caller asked for: media types, preferences.
    Wishes,
    /// The answer.
    Answer,
}

/// What came of a step.
#[derive(Debug, Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// Nothing was found.
    Clean,
    /// Something was found.
    Found,
    /// It was not come to: the request is for no operation.
    Skipped,
}

/// The header fields and the body of a message, without secrets.
#[derive(Object)]
pub(super) struct Message {
    /// The header fields, in order.
    pub(super) headers: Vec<Field>,
    /// The body.
    pub(super) body: Content,
}

/// A header field.
#[derive(Object)]
pub(super) struct Field {
    /// Its name.
    pub(super) name: String,
    /// Its value.
    pub(super) value: String,
}

/// A body.
#[derive(Object)]
pub(super) struct Content {
    /// How many bytes there were.
    pub(super) length: u64,
    /// How far it came.
    pub(super) state: Extent,
    /// Why it did not come to its end.
    #[oai(skip_serializing_if_is_none)]
    pub(super) reason: Option<String>,
    /// Whether only its start is kept.
    pub(super) cut: bool,
    /// What is kept of it, where that is text.
    #[oai(skip_serializing_if_is_none)]
    pub(super) text: Option<String>,
    /// What is kept of it as Base64, where that is no text.
    #[oai(skip_serializing_if_is_none)]
    pub(super) base64: Option<String>,
}

/// How far a body came.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Extent {
    /// It was whole.
    Whole,
    /// It was still coming when it was last looked at, or nobody read it to its end.
    Coming,
    /// It broke off, or was not read.
    Broken,
}

/// Something that happened since.
#[derive(Object)]
pub(super) struct News {
    /// What happened.
    pub(super) kind: Happened,
    /// The request that it happened to.
    #[oai(skip_serializing_if_is_none)]
    pub(super) request: Option<Recorded>,
    /// How much this reader missed, because it was slower than the requests.
    #[oai(skip_serializing_if_is_none)]
    pub(super) missed: Option<u64>,
}

/// What happened.
#[derive(Debug, Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Happened {
    /// A request was answered.
    Answered,
    /// An answer has ended that was a stream or too large to be waited for; what it broke is told only now.
    Ended,
    /// Other documents are served, or some that came were refused; `GET documents` tells.
    Renewed,
    /// There was more than this reader could take.
    Missed,
}

/// Whether every request and response so far satisfied the documents.
#[derive(Object)]
pub(super) struct Verdict {
    /// Whether they did.
    pub(super) satisfied: bool,
    /// The sandbox that was looked at; absent where all were.
    #[oai(skip_serializing_if_is_none)]
    pub(super) sandbox: Option<String>,
    /// How many requests were looked at.
    pub(super) requests: u64,
    /// In what they did not.
    pub(super) causes: Vec<Cause>,
    /// How many requests the journal had no room to keep.
    pub(super) dropped: u64,
    /// How many errors of each kind those had.
    pub(super) lost: Vec<Lost>,
    /// What the verdict cannot tell.
    #[oai(skip_serializing_if_is_none)]
    pub(super) note: Option<String>,
}

/// The same fault at the same place of the same operation.
#[derive(Object)]
pub(super) struct Cause {
    /// The operation.
    #[oai(skip_serializing_if_is_none)]
    pub(super) operation: Option<String>,
    /// What was wrong the first time.
    pub(super) finding: Found,
    /// How many requests have it.
    pub(super) count: u64,
    /// The number of the first of them.
    pub(super) first: u64,
    /// The number of the last of them.
    pub(super) last: u64,
}

/// Errors that were found in what is kept no more.
#[derive(Object)]
pub(super) struct Lost {
    /// The stable name of what was wrong.
    pub(super) code: String,
    /// How often it was.
    pub(super) count: u64,
}
