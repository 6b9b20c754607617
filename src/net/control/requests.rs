//! The journal as operations of the control interface: list, explain, forget, follow, judge.

use std::{collections::VecDeque, time::Duration};

use futures_util::{StreamExt, stream, stream::BoxStream};
use jiff::Timestamp;
use poem::web::sse::Event;
use poem_openapi::{
    ApiResponse, OpenApi,
    param::{Header, Path, Query},
    payload::{EventStream, Json},
    types::ToJSON,
};
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    explain::{Explainer, recorded},
    journal::{Explanation, Happened, News, Page, Verdict},
    model::{Area, Level, Problem},
};
use crate::{
    api::Status,
    finding::Code,
    journal::{Filter, Journal, Since},
    net::scribe::{self, Scribe},
};

/// How many requests are listed where nothing else is said, and how many at most.
const LISTED: (usize, usize) = (100, 1000);

/// How often a connection on which nothing happens is used, so that nobody closes it.
const ALIVE: Duration = Duration::from_secs(15);

/// The operations on the journal.
pub(super) struct Requests {
    pub(super) scribe: Scribe,
    pub(super) explainer: Explainer,
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Listed {
    /// The requests that were asked for.
    #[oai(status = 200, content_type = "application/json")]
    Page(Json<Page>),
    /// It was not understood what was asked for.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// No journal is kept.
    #[oai(status = 404, content_type = "application/problem+json")]
    Off(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
#[expect(clippy::large_enum_variant, reason = "one is made for an answer, and sent at once")]
enum Explained {
    /// What is known of it.
    #[oai(status = 200, content_type = "application/json")]
    Explanation(Json<Explanation>),
    /// This is no number.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// No request of this number is kept.
    #[oai(status = 404, content_type = "application/problem+json")]
    Unknown(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Cleared {
    /// Everything is forgotten.
    #[oai(status = 204)]
    Forgotten,
    /// The sandbox is named by what is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// No journal is kept.
    #[oai(status = 404, content_type = "application/problem+json")]
    Off(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Followed {
    /// What happens from now on.
    #[oai(status = 200, content_type = "text/event-stream")]
    News(EventStream<BoxStream<'static, News>>),
    /// It was not understood what was asked for.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// No journal is kept.
    #[oai(status = 404, content_type = "application/problem+json")]
    Off(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Judged {
    /// Everything so far satisfied the documents.
    #[oai(status = 200, content_type = "application/json")]
    Satisfied(Json<Verdict>),
    /// It was not understood what was asked for.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// No journal is kept.
    #[oai(status = 404, content_type = "application/problem+json")]
    Off(Json<Problem>),
    /// Something did not satisfy the documents.
    #[oai(status = 409, content_type = "application/json")]
    Broken(Json<Verdict>),
}

super::refuses_what_it_cannot_read!(Listed, Explained, Cleared, Followed, Judged);

#[expect(clippy::unused_async, reason = "the macro calls these as asynchronous functions")]
#[OpenApi]
impl Requests {
    /// Lists requests and how they were answered, newest last: those that satisfy all that is said.
    #[oai(path = "/requests", method = "get", tag = "Area::Requests", operation_id = "listRequests")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the operation")]
    async fn list(
        &self,
        /// Answered by the operation of this id.
        operation: Query<Option<String>>,
        /// Answered with this status, such as `404` or `4XX`.
        status: Query<Option<String>>,
        /// With a finding of this code, such as `missing-param`.
        finding: Query<Option<String>>,
        /// With a finding that is at least so bad.
        severity: Query<Option<Level>>,
        /// After the request of this number, or from this time on, such as `2030-01-01T00:00:00Z`.
        since: Query<Option<String>>,
        /// Not later than this time.
        until: Query<Option<String>>,
        /// Answered in this sandbox; without it, in any.
        #[oai(validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Query<Option<String>>,
        /// The same, in a header field; the query counts where there are both.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        field: Header<Option<String>>,
        /// The most that are listed, 100 where it is absent: after a number the first ones, else the newest.
        #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
        limit: Query<Option<usize>>,
    ) -> Listed {
        let Some(journal) = self.journal() else { return Listed::Off(off()) };
        let asked = Asked {
            operation: operation.0,
            status: status.0,
            code: finding.0,
            since: since.0,
            until: until.0,
        };
        match asked.filter() {
            Ok(filter) => {
                let limit = limit.0.unwrap_or(LISTED.0).min(LISTED.1);
                let severity = severity.0.map(Into::into);
                let sandbox = sandbox.0.or(field.0);
                Listed::Page(Json(page(journal, &Filter { sandbox, severity, limit, ..filter })))
            }
            Err(why) => Listed::Refused(super::refused(&why)),
        }
    }

    /// Explains a request: what was sent, what was wrong with it and where the document says so, what was answered and why.
    #[oai(path = "/requests/:id", method = "get", tag = "Area::Requests", operation_id = "explainRequest")]
    async fn explain(&self, id: Path<u64>) -> Explained {
        let Some(journal) = self.journal() else { return Explained::Unknown(off()) };
        match journal.get(id.0) {
            Some(exchange) => Explained::Explanation(Json(self.explainer.explanation(&exchange))),
            None => Explained::Unknown(unknown(
                "No such request",
                format!("request {} is not kept (any more)", id.0),
            )),
        }
    }

    /// Forgets all requests, or those of one sandbox; their numbers do not come back.
    #[oai(path = "/requests", method = "delete", tag = "Area::Requests", operation_id = "clearRequests")]
    async fn clear(
        &self,
        /// Those of this sandbox; without it, all.
        #[oai(validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Query<Option<String>>,
        /// The same, in a header field; the query counts where there are both.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        field: Header<Option<String>>,
    ) -> Cleared {
        let Some(journal) = self.journal() else { return Cleared::Off(off()) };
        journal.clear(sandbox.0.or(field.0).as_deref());
        Cleared::Forgotten
    }

    /// Tells each request as it is answered, as server-sent events. A reader that is too slow misses some, and is told how many.
    #[oai(path = "/requests/stream", method = "get", tag = "Area::Requests", operation_id = "followRequests")]
    async fn follow(
        &self,
        /// Begins with the requests after this number that are kept.
        since: Query<Option<u64>>,
        /// The same, as browsers say it when they connect again.
        #[oai(name = "last-event-id")]
        last: Header<Option<u64>>,
    ) -> Followed {
        let (Some(journal), Some(news)) = (self.journal(), self.scribe.listen()) else {
            return Followed::Off(off());
        };
        let known = last.0.or(since.0);
        let earlier = known.map(|id| {
            let kept = journal.select(&Filter { since: Some(Since::Id(id)), ..Filter::default() });
            kept.exchanges.iter().map(|exchange| exchange.id).collect()
        });
        let earlier: VecDeque<u64> = earlier.unwrap_or_default();
        let told = earlier.back().copied().unwrap_or_default();
        let follower = Follower { scribe: self.scribe.clone(), news, earlier, told };
        let told = stream::unfold(follower, |mut follower| async {
            let news = follower.next().await?;
            Some((news, follower))
        });
        Followed::News(EventStream::new(told.fuse().boxed()).keep_alive(ALIVE).to_event(|news| event(&news)))
    }

    /// Tells whether every request and response so far, of all sandboxes or of one, satisfied the documents, and in what they did not.
    #[oai(path = "/verdict", method = "get", tag = "Area::Requests", operation_id = "getVerdict")]
    async fn verdict(
        &self,
        /// Passes over findings of this code, such as `token-expired` where that is what is tested; may be said more than once.
        #[oai(default)]
        except: Query<Vec<String>>,
        /// Those of this sandbox; without it, all.
        #[oai(validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        sandbox: Query<Option<String>>,
        /// The same, in a header field; the query counts where there are both.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        field: Header<Option<String>>,
    ) -> Judged {
        let Some(journal) = self.journal() else { return Judged::Off(off()) };
        let except: Result<Vec<Code>, String> =
            except.0.iter().filter(|name| !name.is_empty()).map(|name| code(name)).collect();
        match except {
            Ok(except) => {
                let sandbox = sandbox.0.or(field.0);
                let verdict = journal.verdict(sandbox.as_deref(), &except);
                let told = Json(self.explainer.verdict(&verdict, sandbox));
                if verdict.is_good() { Judged::Satisfied(told) } else { Judged::Broken(told) }
            }
            Err(why) => Judged::Refused(super::refused(&why)),
        }
    }
}

impl Requests {
    fn journal(&self) -> Option<&Journal> {
        Some(&**self.scribe.journal()).filter(|journal| journal.is_kept())
    }
}

/// The texts that say what is wanted of the journal.
struct Asked {
    operation: Option<String>,
    status: Option<String>,
    code: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl Asked {
    fn filter(self) -> Result<Filter, String> {
        let status = self.status.map(|text| {
            let status = Status::parse(&text).filter(|status| *status != Status::Default);
            status.ok_or(format!("`{text}` is no status; write it as in `404` or `4XX`"))
        });
        Ok(Filter {
            operation: self.operation,
            status: status.transpose()?,
            code: self.code.map(|name| code(&name)).transpose()?,
            since: self.since.map(|text| text.parse()).transpose()?,
            until: self.until.map(|text| time(&text)).transpose()?,
            ..Filter::default()
        })
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("`{text}` is no time; write it as in `2030-01-01T00:00:00Z`"))
}

fn code(name: &str) -> Result<Code, String> {
    let known = Code::ALL.iter().find(|code| code.name() == name);
    known.copied().ok_or(format!("there is no finding `{name}`; `docs/findings.md` lists them"))
}

fn page(journal: &Journal, filter: &Filter) -> Page {
    let selected = journal.select(filter);
    Page {
        requests: selected.exchanges.iter().map(|exchange| recorded(exchange, None)).collect(),
        more: selected.more as u64,
        dropped: selected.dropped,
    }
}

fn off() -> Json<Problem> {
    unknown("No journal", "no journal is kept; `--journal-bytes` says how large it may be".to_owned())
}

fn unknown(title: &str, detail: String) -> Json<Problem> {
    Json(Problem { title: title.to_owned(), status: 404, detail })
}

/// Somebody who is told what happens. What is kept for a slow one is numbers, of which the oldest go.
struct Follower {
    scribe: Scribe,
    news: Receiver<scribe::News>,
    /// What was there before.
    earlier: VecDeque<u64>,
    /// The number of the last of them. Of what comes after it, a later one may be told before an earlier one.
    told: u64,
}

impl Follower {
    /// The next news; `None` when the server stops.
    async fn next(&mut self) -> Option<News> {
        loop {
            let (kind, id) = if let Some(id) = self.earlier.pop_front() {
                (Happened::Answered, id)
            } else {
                match self.news.recv().await {
                    Ok(scribe::News::Answered(id)) if id <= self.told => continue,
                    Ok(scribe::News::Answered(id)) => (Happened::Answered, id),
                    Ok(scribe::News::Ended(id)) => (Happened::Ended, id),
                    Ok(scribe::News::Renewed) => return Some(told(Happened::Renewed, None)),
                    Err(RecvError::Lagged(count)) => return Some(told(Happened::Missed, Some(count))),
                    Err(RecvError::Closed) => return None,
                }
            };
            match self.scribe.journal().get(id) {
                Some(exchange) => {
                    return Some(News { kind, request: Some(recorded(&exchange, None)), missed: None });
                }
                None if kind == Happened::Answered => return Some(told(Happened::Missed, Some(1))),
                None => {}
            }
        }
    }
}

/// News that is about no request.
fn told(kind: Happened, missed: Option<u64>) -> News {
    News { kind, request: None, missed }
}

/// An event under the name of what happened; only an answer has an id, after which a browser asks when it comes back.
fn event(news: &News) -> Event {
    let event = Event::message(news.to_json_string());
    match (news.kind, &news.request) {
        (Happened::Answered, Some(request)) => event.event_type("answered").id(request.id.to_string()),
        (Happened::Ended, _) => event.event_type("ended"),
        (Happened::Renewed, _) => event.event_type("renewed"),
        _ => event.event_type("missed"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use futures_util::FutureExt;
    use http::{Method, StatusCode};

    use super::*;
    use crate::{
        exchange::{Reply, Request, Response},
        mask::Mask,
        sandbox::{Clock, Name, Sandbox},
    };

    #[test]
    fn a_reader_that_does_not_read_holds_nobody_back_and_is_told_how_much_it_missed() {
        let scribe = Scribe::new(Arc::new(Journal::new(1024 * 1024, Mask::default())));
        let sandbox = Sandbox::new(Name::default(), Arc::new(Clock::system()), 0);
        let news = scribe.listen().unwrap();
        let mut slow = Follower { scribe: scribe.clone(), news, earlier: VecDeque::new(), told: 0 };
        for _ in 0..1500 {
            let mut request = Request::new(Method::GET, "/");
            let begun = scribe.begin(&sandbox, &mut request).unwrap();
            scribe.write(begun, request, &mut Reply::new(Response::empty(StatusCode::OK), ""));
        }
        let first = slow.next().now_or_never().unwrap().unwrap();
        assert_eq!((first.kind, first.missed), (Happened::Missed, Some(1500 - 1024)));
        let told = || slow.next().now_or_never().flatten()?.request.map(|request| request.id);
        assert_eq!(std::iter::from_fn(told).last(), Some(1500));
        scribe.stop();
        assert!(slow.next().now_or_never().unwrap().is_none());
    }
}
