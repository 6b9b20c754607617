//! Which answer? The declared response for what was asked for and what was found, and in it the representation.

use http::StatusCode;

use super::{
    Prefer, Route,
    kind::{is_for, named, unsaid, usual},
    represent::{Represented, Wanted, unmet},
};
use crate::{
    api::{Content, Example, Response, Status},
    exchange::{Accept, MediaType, Request},
    finding::{Code, Finding, Severity},
};

/// The answer that was chosen, not yet written.
#[derive(Debug)]
pub struct Answer<'p> {
    /// The status.
    pub status: StatusCode,
    /// The declared response; `None` where the document declares none that fits.
    pub response: Option<&'p Response>,
    /// The declared content of it; `None` where it has no body, or there is no declared response.
    pub content: Option<&'p Content>,
    /// The type that the client wants, where the declared one is a range.
    pub media_type: Option<MediaType>,
    /// Where its body comes from.
    pub source: Source<'p>,
    /// What was wrong with the request.
    pub findings: Vec<Finding>,
    /// What is worth knowing about the request, and nothing to refuse it for.
    pub notes: Vec<Finding>,
    /// Which preferences of the caller's it meets, as `Preference-Applied` tells (RFC 7240, section 3).
    pub applied: Vec<String>,
    /// Why it was chosen, in a few words.
    pub why: String,
}

/// Where a body comes from.
#[derive(Debug, Clone, Copy)]
pub enum Source<'p> {
    /// A declared example that satisfies its schema.
    Example(&'p Example),
    /// A declared example to the letter, whether or not it satisfies its schema.
    AsWritten(&'p Example),
    /// The schema.
    Generated,
    /// There is no body.
    Empty,
    /// A problem document (RFC 9457), for want of a declared response.
    Problem,
}

/// Where bodies of successful answers come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Bodies {
    /// The first example where there is one, mended where it breaks its schema.
    #[default]
    Examples,
    /// The first example where there is one, to the letter.
    Trusted,
    /// The schema, always.
    Generated,
}

/// What the request says about the answer that it would like.
struct Asked<'r> {
    accept: Accept,
    prefer: &'r Prefer,
    bodies: Bodies,
}

impl Route<'_> {
    /// Chooses the answer to a request about which `findings` were made; what is only a warning is noted.
    pub fn choose(
        &self,
        request: &Request,
        findings: Vec<Finding>,
        prefer: &Prefer,
        bodies: Bodies,
    ) -> Answer<'_> {
        let accept = Accept::parse(&request.header_values("accept"));
        let asked = Asked { accept, prefer, bodies: prefer.bodies_or(bodies) };
        let (wrong, mut notes): (Vec<Finding>, _) =
            findings.into_iter().partition(|finding| finding.severity == Severity::Error);
        let (meaningless, passed_over): (Vec<Finding>, Vec<Finding>) =
            prefer.findings.iter().cloned().partition(|finding| finding.severity == Severity::Error);
        notes.extend(passed_over);
        let mut answer = if !wrong.is_empty() {
            self.failure(wrong, &asked)
        } else if meaningless.is_empty() {
            self.success(&asked).unwrap_or_else(|finding| self.refusal(*finding, &asked))
        } else {
            problem_answer(unsaid(Code::InvalidPreference), meaningless)
        };
        answer.notes = notes;
        answer.applied.extend(["seed", "delay"].iter().filter_map(|key| prefer.written(key)));
        answer
    }

    /// The answer to a request that is right: with the status that is preferred, else the usual one.
    fn success(&self, asked: &Asked<'_>) -> Result<Answer<'_>, Box<Finding>> {
        let (code, response) = match asked.prefer.code {
            Some(code) => (code, self.preferred(code, asked.prefer)?),
            None => match self.usual_success() {
                Some(found) => found,
                None => return Ok(undeclared()),
            },
        };
        // These have no body, whatever a document gives them (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5).
        let offered = if matches!(code, 204 | 205 | 304) { &[] } else { response.content.as_slice() };
        let wanted = Wanted {
            accept: &asked.accept,
            example: asked.prefer.example.as_deref(),
            prefer: asked.prefer,
            bodies: asked.bodies,
        };
        let is_failure = asked.prefer.code.is_some_and(|code| code >= 400);
        let represented = if is_failure { wanted.or_any(offered) } else { wanted.of(offered) };
        let Represented { content, media_type, source } =
            represented.map_err(|unfit| wanted.told(unfit, &self.operation.responses, response))?;
        let mut applied = Vec::new();
        applied.extend(asked.prefer.written("code"));
        applied.extend(asked.prefer.written("example"));
        let is_met = match source {
            Source::Generated => asked.bodies == Bodies::Generated,
            Source::Example(_) | Source::AsWritten(_) => asked.bodies != Bodies::Generated,
            Source::Empty | Source::Problem => false,
        };
        applied.extend(asked.prefer.written("dynamic").filter(|_| is_met));
        let by = if asked.prefer.code.is_some() { "preferred" } else { "valid request" };
        Ok(Answer {
            response: Some(response),
            content,
            media_type,
            source,
            applied,
            why: format!("{by}, {}", source.told()),
            ..Answer::empty(code)
        })
    }

    /// The response that is declared for a status: exactly, by a range, or by default.
    fn preferred(&self, code: u16, prefer: &Prefer) -> Result<&Response, Box<Finding>> {
        let response = self.operation.response(code).filter(|_| code >= 200);
        response.ok_or_else(|| {
            let message = format!("the operation declares no answer with the status {code}");
            let at = prefer.place("code");
            Box::new(unmet(message, at, &self.operation.responses, &self.operation.place))
        })
    }

    /// The lowest 2xx, then `2XX`, then the default, then the lowest of any kind, then the first range.
    fn usual_success(&self) -> Option<(u16, &Response)> {
        let rank = |response: &&Response| match response.status {
            Status::Exact(code @ 200..=299) => (0, code),
            Status::Range(2) => (1, 0),
            Status::Default => (2, 0),
            Status::Exact(code) => (3, code),
            Status::Range(_) => (4, 0),
        };
        // A 1xx comes before an answer and is none (RFC 9110, section 15.2).
        let responses = self.operation.responses.iter();
        let response = responses.filter(|response| !response.status.is_interim()).min_by_key(rank)?;
        let code = match response.status {
            Status::Exact(code) => code,
            Status::Range(hundred) => hundred * 100,
            Status::Default => 200,
        };
        Some((code, response))
    }

    /// The answer to a request that is right and asks for what there is not.
    fn refusal(&self, finding: Finding, asked: &Asked<'_>) -> Answer<'_> {
        // No declared response is about preferences: a 404 of the document's says that something else is missing.
        if finding.code == Code::UnmetPreference {
            return problem_answer(unsaid(finding.code), vec![finding]);
        }
        self.failure(vec![finding], asked)
    }

    fn failure(&self, findings: Vec<Finding>, asked: &Asked<'_>) -> Answer<'_> {
        let code = findings.first().map_or(Code::InvalidParam, |finding| finding.code);
        let first = unsaid(code);
        let exact = |status: u16| Some((status, self.declared(Status::Exact(status))?));
        // A status that is preferred counts where it is one that says what is wrong.
        let preferred = asked.prefer.code.filter(|status| usual(code).contains(status));
        let found = preferred
            .and_then(exact)
            .or_else(|| named(self.operation, code))
            .or_else(|| usual(code).iter().find_map(|status| exact(*status)))
            .or_else(|| Some((first, self.declared(Status::Range(first / 100))?)))
            .or_else(|| Some((first, self.declared(Status::Default)?)));
        let Some((sent, response)) = found else {
            let why = format!("{code}, no response is declared for it");
            return Answer { why, ..problem_answer(first, findings) };
        };
        let example = asked.prefer.example.as_deref().filter(|_| asked.prefer.code == Some(sent));
        let wanted =
            Wanted { accept: &asked.accept, example, prefer: asked.prefer, bodies: Bodies::Examples };
        let Represented { content, media_type, source } = match wanted.for_kind(&response.content, code) {
            Ok(represented) => represented,
            Err(unfit) => {
                return self.refusal(*wanted.told(unfit, &self.operation.responses, response), asked);
            }
        };
        let mut applied = Vec::new();
        if asked.prefer.code == Some(sent) {
            applied.extend(["code", "example"].iter().filter_map(|key| asked.prefer.written(key)));
        }
        Answer {
            response: Some(response),
            content,
            media_type,
            source,
            applied,
            why: format!("{code}, {}", source.told()),
            findings,
            ..Answer::empty(sent)
        }
    }

    fn declared(&self, status: Status) -> Option<&Response> {
        self.operation.responses.iter().find(|response| response.status == status)
    }
}

impl Answer<'_> {
    pub(super) fn empty(code: u16) -> Self {
        Self {
            status: StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            response: None,
            content: None,
            media_type: None,
            source: Source::Empty,
            findings: Vec::new(),
            notes: Vec::new(),
            applied: Vec::new(),
            why: String::new(),
        }
    }

    /// Whether its example is one of the kind that is told, and so names it already.
    pub(super) fn is_for_its_kind(&self) -> bool {
        match (self.source, self.findings.first()) {
            (Source::Example(example), Some(first)) => is_for(example, first.code),
            _ => false,
        }
    }
}

/// The answer of an operation that declares no response at all.
fn undeclared<'p>() -> Answer<'p> {
    Answer { why: "valid request, no response is declared".to_owned(), ..Answer::empty(200) }
}

/// An answer that is a problem document with this status.
fn problem_answer<'p>(code: u16, findings: Vec<Finding>) -> Answer<'p> {
    let why = findings.first().map(|finding| finding.code.to_string()).unwrap_or_default();
    Answer { source: Source::Problem, why, findings, ..Answer::empty(code) }
}

impl Source<'_> {
    fn told(&self) -> String {
        match self {
            Self::Example(example) | Self::AsWritten(example) => match &example.name {
                Some(name) => format!("example `{name}`"),
                None => "its example".to_owned(),
            },
            Self::Generated => "generated".to_owned(),
            Self::Empty => "no body".to_owned(),
            Self::Problem => "a problem document".to_owned(),
        }
    }
}
