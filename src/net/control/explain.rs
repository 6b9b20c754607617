//! Exchanges and findings → what the control interface tells of them, with the lines of the documents.
//!
//! A document's text is read again for its lines, so they are looked up for what is explained, not for what is listed.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderMap;

use super::{
    Shown, checks,
    journal::{Cause, Content, Explanation, Extent, Field, Lost, Message, Recorded, Verdict},
    lines::{Lines, excerpt},
    model::{Found, Position},
};
use crate::{
    exchange::End,
    finding::{Finding, Location, Place},
    journal,
};

/// Knows the documents that exchanges are explained by.
pub(super) struct Explainer {
    pub(super) documents: Arc<[Shown]>,
}

impl Explainer {
    /// All that is known of an exchange.
    pub(super) fn explanation(&self, exchange: &journal::Exchange) -> Explanation {
        let answered = &exchange.answered;
        let declared = self.declared(exchange);
        let rules = answered.findings.iter().filter_map(|finding| finding.rule.as_ref());
        let lines = Lines::new(&self.documents, rules.chain(declared));
        Explanation {
            recorded: recorded(exchange, Some(&lines)),
            checks: checks::checks(answered),
            declared: declared.map(|place| position(place, Some(&lines))),
            request: message(&answered.request.headers, answered.request.bytes(), &answered.request_extent),
            response: message(&answered.response.headers, &answered.response.body, &answered.response_extent),
            seed: answered.seed,
            delay_ms: milliseconds(answered.delay),
            callbacks: answered.callbacks.clone(),
        }
    }

    /// The verdict, each cause with the line that rules it.
    pub(super) fn verdict(&self, verdict: &journal::Verdict, sandbox: Option<String>) -> Verdict {
        let rules = verdict.causes.iter().filter_map(|cause| cause.finding.rule.as_ref());
        let lines = Lines::new(&self.documents, rules);
        let causes = verdict.causes.iter().map(|cause| Cause {
            operation: cause.operation.clone(),
            finding: found(&cause.finding, Some(&lines)),
            count: cause.count as u64,
            first: cause.first,
            last: cause.last,
        });
        let lost =
            verdict.lost.iter().map(|(code, count)| Lost { code: code.name().to_owned(), count: *count });
        let note = if verdict.dropped > 0 {
            Some(format!(
                "{} were dropped from the journal: what was wrong with them is only counted; `--journal-bytes` makes room",
                verdict.dropped
            ))
        } else {
            let name = sandbox.as_ref().filter(|_| verdict.exchanges == 0);
            name.map(|name| format!("nothing was asked in the sandbox `{name}`"))
        };
        Verdict {
            satisfied: verdict.is_good(),
            sandbox,
            requests: verdict.exchanges as u64,
            causes: causes.collect(),
            dropped: verdict.dropped,
            lost: lost.collect(),
            note,
        }
    }

    /// Where the operation of an exchange is declared; its id may be in several documents.
    fn declared(&self, exchange: &journal::Exchange) -> Option<&Place> {
        let id = exchange.answered.operation.as_ref()?;
        let operations = self.documents.iter().flat_map(|shown| &shown.api.operations);
        let method = &exchange.answered.request.method;
        let (mut alike, mut others): (Vec<_>, Vec<_>) = operations
            .filter(|operation| operation.id == *id)
            .partition(|operation| operation.method == *method);
        // A HEAD is answered by the operation of GET.
        alike.append(&mut others);
        alike.first().map(|operation| &operation.place)
    }
}

/// What is told of an exchange in a list.
pub(super) fn recorded(exchange: &journal::Exchange, lines: Option<&Lines<'_>>) -> Recorded {
    let journal::Answered { at, took, request, response, operation, why, findings, .. } = &exchange.answered;
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    Recorded {
        id: exchange.id,
        sandbox: exchange.answered.sandbox.to_string(),
        time: at.to_string(),
        took_ms: milliseconds(*took),
        method: request.method.to_string(),
        target: format!("{}{query}", request.path),
        operation: operation.clone(),
        status: response.status.as_u16(),
        why: why.clone(),
        findings: findings.iter().map(|finding| found(finding, lines)).collect(),
    }
}

/// What is told of a finding.
pub(super) fn found(finding: &Finding, lines: Option<&Lines<'_>>) -> Found {
    let here = match &finding.location {
        Location::Document(place, _) => Some(place),
        Location::Request(..) | Location::Response(..) => None,
    };
    let rule = finding.rule.as_ref().filter(|rule| Some(*rule) != here);
    Found {
        code: finding.code.name().to_owned(),
        severity: finding.severity.into(),
        location: finding.location.to_string(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        at: here.map(|here| position(here, lines)),
        rule: rule.map(|rule| position(rule, lines)),
    }
}

/// What is told of a finding in a document, with the lines around it in the text that `text` gives of its file.
pub(super) fn found_at(finding: &Finding, text: &dyn Fn(&str) -> Option<Arc<str>>) -> Found {
    let mut told = found(finding, None);
    if let (Location::Document(place, Some(span)), Some(at)) = (&finding.location, &mut told.at) {
        at.line = Some(span.line as u64);
        at.column = Some(span.column as u64);
        at.excerpt = text(&place.file).map(|text| excerpt(&text, span.line));
    }
    told
}

fn position(place: &Place, lines: Option<&Lines<'_>>) -> Position {
    let span = lines.and_then(|lines| lines.span(place));
    Position {
        file: place.file.to_string(),
        pointer: place.pointer.as_str().to_owned(),
        line: span.map(|span| span.line as u64),
        column: span.map(|span| span.column as u64),
        excerpt: lines.and_then(|lines| lines.excerpt(place)),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn message(headers: &HeaderMap, kept: &[u8], extent: &journal::Extent) -> Message {
    let field = |(name, value): (&http::HeaderName, &http::HeaderValue)| Field {
        name: name.to_string(),
        value: String::from_utf8_lossy(value.as_bytes()).into_owned(),
    };
    let (state, reason) = match &extent.end {
        End::Whole => (Extent::Whole, None),
        End::Coming => (Extent::Coming, None),
        End::Broken(why) => (Extent::Broken, Some(why.clone())),
    };
    let (text, base64) = match text(kept) {
        Some(text) => (Some(text.to_owned()).filter(|text| !text.is_empty()), None),
        None => (None, Some(BASE64_STANDARD.encode(kept))),
    };
    let cut = extent.kept < extent.length;
    let length = extent.length as u64;
    Message {
        headers: headers.iter().map(field).collect(),
        body: Content { length, state, reason, cut, text, base64 },
    }
}

/// Bytes that are text, but for a character that was cut.
fn text(bytes: &[u8]) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}
