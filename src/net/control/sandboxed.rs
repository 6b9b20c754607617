//! The operations that act on the sandbox which a request names: on its clock, and on tokens at its time.

use std::sync::Arc;

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use poem_openapi::{ApiResponse, OpenApi, param::Header, payload::Json};

use super::{
    Shown, conflict,
    model::{Area, Inspected, Kind, Minted, Move, Order, Problem, Question, State, Time},
    refused,
};
use crate::{
    credential::{Credential, Verdict},
    mock::Mock,
    sandbox::{self, Sandbox},
    schema::Dice,
};

/// The operations on clocks and tokens.
pub(super) struct Sandboxed {
    pub(super) mock: Arc<Mock>,
    pub(super) documents: Arc<[Shown]>,
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Clocked {
    /// What the clock shows then.
    #[oai(status = 200, content_type = "application/json")]
    Shows(Json<Time>),
    /// It was not understood how to move the clock.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// From where it is, the clock cannot be moved so far.
    #[oai(status = 409, content_type = "application/problem+json")]
    Stays(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Mint {
    /// The token.
    #[oai(status = 201, content_type = "application/json")]
    Minted(Json<Minted>),
    /// It was not understood what to mint.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
    /// The documents know no such token, or it cannot tell scopes.
    #[oai(status = 409, content_type = "application/problem+json")]
    Impossible(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Inspection {
    /// What it is.
    #[oai(status = 200, content_type = "application/json")]
    Is(Json<Inspected>),
    /// The question was not understood.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::unreadable")]
enum Timed {
    /// What the clock shows.
    #[oai(status = 200, content_type = "application/json")]
    Shows(Json<Time>),
    /// The sandbox is named by what is no name.
    #[oai(status = 400, content_type = "application/problem+json")]
    Refused(Json<Problem>),
}

#[derive(ApiResponse)]
enum Known {
    /// The kinds of tokens.
    #[oai(status = 200, content_type = "application/json")]
    Kinds(Json<Vec<Kind>>),
}

super::refuses_what_it_cannot_read!(Clocked, Mint, Inspection, Timed);

#[expect(clippy::unused_async, reason = "the macro calls these as asynchronous functions")]
#[OpenApi]
impl Sandboxed {
    /// Tells the time of a sandbox.
    #[oai(path = "/clock", method = "get", tag = "Area::Clock", operation_id = "getClock")]
    async fn clock(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
    ) -> Timed {
        match self.named(fields) {
            Ok(sandbox) => Timed::Shows(Json(time(&sandbox))),
            Err(detail) => Timed::Refused(refused(&detail)),
        }
    }

    /// Moves, stops or resets the clock of a sandbox; everything in it that reads time reads this clock.
    #[oai(path = "/clock", method = "post", tag = "Area::Clock", operation_id = "moveClock")]
    async fn move_clock(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        change: Json<Move>,
    ) -> Clocked {
        let understood = self.named(fields).and_then(|sandbox| Ok((sandbox, read(&change.0)?)));
        let (sandbox, change) = match understood {
            Ok(understood) => understood,
            Err(detail) => return Clocked::Refused(refused(&detail)),
        };
        match sandbox.clock().apply(&change) {
            Ok(()) => Clocked::Shows(Json(time(&sandbox))),
            Err(error) => Clocked::Stays(conflict("The clock stays where it is", &error.to_string())),
        }
    }

    /// Lists the kinds of tokens that the documents know, and why this is believed.
    #[oai(path = "/tokens", method = "get", tag = "Area::Tokens", operation_id = "listCredentials")]
    async fn credentials(&self) -> Known {
        let books = self.documents.iter().zip(self.mock.books());
        let kinds = books
            .flat_map(|(document, book)| book.credentials().iter().map(|known| kind(&document.name, known)));
        Known::Kinds(Json(kinds.collect()))
    }

    /// Mints a token: one that lives at the time of the sandbox, or with a negative lifetime one that has ended.
    #[oai(path = "/tokens", method = "post", tag = "Area::Tokens", operation_id = "mintToken")]
    async fn mint(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        order: Json<Order>,
    ) -> Mint {
        let sandbox = match self.named(fields) {
            Ok(sandbox) => sandbox,
            Err(detail) => return Mint::Refused(refused(&detail)),
        };
        match self.minted(&sandbox, &order.0) {
            Ok(token) => Mint::Minted(Json(token)),
            Err(detail) => Mint::Impossible(conflict("There is no such token", &detail)),
        }
    }

    /// Tells what a token is at the time of the sandbox: whose, and until when.
    #[oai(path = "/tokens/inspect", method = "post", tag = "Area::Tokens", operation_id = "inspectToken")]
    async fn inspect(
        &self,
        /// The sandbox that it is about; without it, and without a cookie of this name, the default one.
        #[oai(name = "standin-sandbox", validator(pattern = "^[A-Za-z0-9._~:@-]+$", max_length = 128))]
        _sandbox: Header<Option<String>>,
        fields: &HeaderMap,
        question: Json<Question>,
    ) -> Inspection {
        let sandbox = match self.named(fields) {
            Ok(sandbox) => sandbox,
            Err(detail) => return Inspection::Refused(refused(&detail)),
        };
        let now = sandbox.clock().now();
        let found = self.mock.books().iter().find_map(|book| book.recognise(&question.0.token, now));
        let inspected =
            found.map_or(Inspected::unknown(), |(credential, verdict)| inspected(credential, &verdict));
        Inspection::Is(Json(inspected))
    }
}

fn time(sandbox: &Sandbox) -> Time {
    let clock = sandbox.clock();
    Time { now: clock.now().to_string(), frozen: clock.is_frozen() }
}

fn read(change: &Move) -> Result<sandbox::Move, String> {
    let set = change.set.as_deref().map(|text| {
        let right = "write it as in `2030-01-01T00:00:00Z`";
        text.parse::<Timestamp>().map_err(|error| format!("`set` is no time: {error}; {right}"))
    });
    let advance = change.advance.as_deref().map(|text| duration("advance", text));
    Ok(sandbox::Move {
        reset: change.reset == Some(true),
        set: set.transpose()?,
        advance: advance.transpose()?.unwrap_or_default(),
        freeze: change.freeze,
    })
}

impl Sandboxed {
    /// The sandbox that a request to the control interface is about.
    fn named(&self, fields: &HeaderMap) -> Result<Arc<Sandbox>, String> {
        self.mock.sandbox_of(fields).map_err(|finding| {
            let help = finding.help.as_deref().unwrap_or_default();
            format!("{}: {}; {help}", finding.location, finding.message)
        })
    }

    fn minted(&self, sandbox: &Sandbox, order: &Order) -> Result<Minted, String> {
        let asked = order.lifetime.as_deref().map(|text| duration("lifetime", text)).transpose()?;
        let now = sandbox.clock().now();
        let wanted = |known: &Credential| match &order.credential {
            Some(name) => known.name == *name,
            None => known.issued_by.is_some(),
        };
        let books = self.mock.books();
        let found = books.iter().find_map(|book| Some((book, book.credentials().iter().position(wanted)?)));
        let Some((book, index)) = found else {
            let all = books.iter().flat_map(|book| book.credentials().iter().map(|one| one.name.as_str()));
            let names = all.collect::<Vec<_>>().join(", ");
            let wanted = order.credential.as_deref().unwrap_or("that is issued");
            return Err(format!("there is no credential `{wanted}`; there is {names}"));
        };
        let credential = &book.credentials()[index];
        let lifetime = asked.unwrap_or(credential.lifetime.fixed);
        let mut dice = Dice::seeded(sandbox.seed() ^ now.as_microsecond().unsigned_abs());
        let scopes = order.scopes.as_deref().unwrap_or_default();
        let token = book.mint_scoped(index, now, lifetime, scopes, &mut dice);
        let token = token.ok_or("only a JWT can tell scopes, and this credential is opaque")?;
        Ok(Minted {
            credential: credential.name.clone(),
            token: token.text,
            expires: token.end.to_string(),
            carried_by: credential.carried_by.clone(),
        })
    }
}

fn inspected(credential: &Credential, verdict: &Verdict) -> Inspected {
    let (state, end) = match verdict {
        Verdict::Expired(end) => (State::Expired, Some(*end)),
        Verdict::Valid(end) => (State::Valid, *end),
        Verdict::Invalid(_) | Verdict::Foreign => return Inspected::unknown(),
    };
    Inspected { state, credential: Some(credential.name.clone()), expires: end.map(|end| end.to_string()) }
}

/// The sum of the parts of a duration, such as `5m` and `1s`.
fn duration(field: &str, text: &str) -> Result<SignedDuration, String> {
    let (is_back, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let mut sum = SignedDuration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        let unit = rest[digits..].find(|letter: char| letter.is_ascii_digit());
        let (part, more) = rest.split_at(unit.map_or(rest.len(), |length| digits + length));
        let read = sandbox::duration(part)
            .map_err(|error| format!("`{field}` is no duration: {error}; write it as in `5m1s`"))?;
        (sum, rest) = (sum.saturating_add(read), more);
    }
    Ok(if is_back { -sum } else { sum })
}

fn kind(document: &str, known: &Credential) -> Kind {
    Kind {
        name: known.name.clone(),
        document: document.to_owned(),
        format: known.format.to_string(),
        lifetime: known.lifetime.to_string(),
        issued_by: known.issued_by.clone(),
        carried_by: known.carried_by.clone(),
        reasons: known.reasons.clone(),
    }
}
