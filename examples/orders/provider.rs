//! An orders API in memory: a provider to be verified, right in everything but the fault that it is given.
//!
//! What a request may say, the document beside this file decides; what is kept, who may come in, what a page holds and which
//! state an order is in is kept by hand. Read [`Orders::answer`] first.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use standin::{
    api,
    document::{self, Source},
    exchange::{Request, Response},
    finding::{Code, Finding, Severity},
    plan::{self, Plan, Unrouted},
    sandbox::Clock,
};

#[path = "faults.rs"]
mod faults;
pub(crate) use faults::FAULTS;

/// The document that the provider answers for.
pub(crate) const DOCUMENT: &str = include_str!("openapi.yaml");

/// The document, read once for all providers.
static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    let source = Source::Text { name: "openapi.yaml".into(), text: DOCUMENT.into() };
    let document = document::load(&source).expect("the document is well-formed");
    let (api, _) = api::read(Arc::new(document)).expect("the document can be read");
    plan::compile(vec![Arc::new(api)], plan::Options::default()).0
});

/// How many seconds a token lives.
const LIFE: i64 = 300;

/// The one key of those who have no session.
pub(crate) const KEY: &str = "key-of-the-orders-example";

/// The provider.
pub(crate) struct Orders {
    plan: &'static Plan,
    clock: Arc<Clock>,
    fault: &'static str,
    state: Mutex<State>,
}

/// All that is kept.
#[derive(Default)]
struct State {
    orders: Vec<Order>,
    /// Those that are gone and still listed.
    ghosts: Vec<Order>,
    tokens: HashMap<String, Timestamp>,
    /// What was answered to requests with a key.
    keys: HashMap<String, (Vec<u8>, Response)>,
    /// The number of the last thing that was made.
    last: u64,
    free_id: Option<String>,
}

#[derive(Clone)]
struct Order {
    id: String,
    version: u64,
    created: Timestamp,
    body: Map<String, Value>,
    notes: Vec<(u64, Map<String, Value>)>,
    last_note: u64,
}

/// What is answered instead.
type Refusal = Box<Response>;

impl Orders {
    /// A provider with this fault; without one where it is empty.
    pub(crate) fn new(clock: Arc<Clock>, fault: &'static str) -> Self {
        Self { plan: &PLAN, clock, fault, state: Mutex::default() }
    }

    fn has(&self, fault: &str) -> bool {
        self.fault == fault
    }

    /// Answers a request.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.answered(&mut state, request).unwrap_or_else(|refusal| *refusal)
    }

    fn answered(&self, state: &mut State, request: &Request) -> Result<Response, Refusal> {
        let route = match self.plan.route(request) {
            Ok(route) => route,
            Err(unrouted) => return Err(self.unrouted(state, request, unrouted)),
        };
        let id = route.operation.id.as_str();
        if id != "login" {
            self.admit(state, request)?;
        }
        if self.has("input-crashes-on-emoji") && String::from_utf8_lossy(request.bytes()).contains('😀') {
            return Err(wrong(500, "a character was not expected"));
        }
        let value = |name: &str| {
            let (_, text) = route.path_values.iter().find(|(known, _)| known == name)?;
            Some(percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned())
        };
        let order = value("orderId").unwrap_or_default();
        let note = value("noteId").and_then(|text| text.parse().ok()).unwrap_or_default();
        let mut checked = route.check(request);
        if self.has("refused-patch-kept") && id == "updateOrder" {
            Self::keep_early(state, &order, request);
        }
        self.overlook(&mut checked.findings);
        if let Some(finding) = checked.findings.iter().find(|one| one.severity == Severity::Error) {
            return Err(wrong(status_of(finding), &finding.message));
        }
        let parameters = &checked.parameters;
        let body = checked.body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
        let long =
            body.get("description").and_then(Value::as_str).is_some_and(|text| text.chars().count() > 1000);
        if self.has("input-refuses-long-text") && long {
            return Err(wrong(422, "the description is too long"));
        }
        match id {
            "login" => Ok(self.login(state)),
            "listOrders" => Ok(self.list(state, parameters)),
            "createOrder" => self.create(state, request, body),
            "readOrder" => Ok(self.told(Self::order(state, &order)?, 200)),
            "updateOrder" => self.update(state, request, &order, body),
            "replaceOrder" => self.replace(state, request, &order, &body),
            "deleteOrder" => self.delete(state, request, &order),
            "listNotes" => self.notes(Self::order(state, &order)?, parameters),
            "createNote" => Ok(self.add_note(Self::order(state, &order)?, &body)),
            "readNote" => Self::read_note(Self::order(state, &order)?, note),
            _ => self.delete_note(Self::order(state, &order)?, note),
        }
    }

    fn unrouted(&self, state: &mut State, request: &Request, unrouted: Unrouted) -> Refusal {
        let Unrouted::Method(methods) = unrouted else { return wrong(404, "there is no such path") };
        if self.has("refused-method-deletes") && request.method == Method::POST {
            let id = request.path.rsplit('/').next().unwrap_or_default();
            state.orders.retain(|order| order.id != id);
        }
        let mut refusal = wrong(405, "there is no such method");
        let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
        if !self.has("method-without-allow") {
            put(&mut refusal, "allow", &allowed.join(", "));
        }
        refusal
    }

    /// Lets those in who have a token that lives, or the key.
    fn admit(&self, state: &State, request: &Request) -> Result<(), Refusal> {
        let has_key = request.header_values("x-api-key").iter().any(|key| key == KEY);
        let fields = request.header_values("authorization");
        let token = fields.first().and_then(|field| field.strip_prefix("Bearer"));
        let token = token.filter(|rest| rest.is_empty() || rest.starts_with(' ')).map(str::trim);
        let is_right = match token {
            None => self.has("no-credentials"),
            Some("") => ["empty-token", "any-token", "no-credentials"].contains(&self.fault),
            Some(token) => self.knows(state, token),
        };
        if has_key || is_right { Ok(()) } else { Err(wrong(401, "no token, or none that is right")) }
    }

    fn knows(&self, state: &State, token: &str) -> bool {
        let is_held = |held: &str| match self.fault {
            "token-start" => held.get(..10) == token.get(..10),
            "token-shortened" => held.starts_with(token),
            _ => held == token,
        };
        let life = match self.fault {
            "token-without-end" => i64::MAX / 2_000_000_000,
            "token-lives-longer" => 3 * LIFE,
            _ => LIFE,
        };
        let now = self.clock.now();
        let lives = |issued: &Timestamp| now.duration_since(*issued) < SignedDuration::from_secs(life);
        match self.fault {
            "any-token" | "no-credentials" => true,
            "token-refused" => false,
            _ => state.tokens.iter().any(|(held, issued)| is_held(held) && lives(issued)),
        }
    }

    fn login(&self, state: &mut State) -> Response {
        state.last += 1;
        // Far apart, so that no token looks like another.
        let mixed = u128::from(state.last).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let token = format!("{mixed:032x}");
        state.tokens.insert(token.clone(), self.clock.now());
        answer(201, &json!({"token": token, "expiresIn": LIFE}))
    }

    fn overlook(&self, findings: &mut Vec<Finding>) {
        let is_of_body = |finding: &Finding| finding.code == Code::InvalidBody;
        match self.fault {
            "input-unjudged" => findings.retain(|finding| !is_of_body(finding)),
            "input-lets-more-through" => findings.retain(|finding| {
                !(is_of_body(finding) && finding.keyword.as_deref() == Some("additionalProperties"))
            }),
            _ => {}
        }
    }

    fn keep_early(state: &mut State, id: &str, request: &Request) {
        let order = state.orders.iter_mut().find(|order| order.id == id);
        if let (Some(order), Ok(Value::Object(body))) = (order, serde_json::from_slice(request.bytes())) {
            order.body.extend(body.into_iter().filter(|(_, value)| value.is_string()));
        }
    }

    fn order<'s>(state: &'s mut State, id: &str) -> Result<&'s mut Order, Refusal> {
        let found = state.orders.iter_mut().find(|order| order.id == id);
        found.ok_or_else(|| wrong(404, "there is no such order"))
    }

    /// What is told of an order.
    fn view(&self, order: &Order) -> Value {
        let mut view = order.body.clone();
        let id = if self.has("answer-id-number") { json!(order.version) } else { json!(order.id) };
        view.insert("id".to_owned(), id);
        if !self.has("answer-without-created") {
            view.insert("created".to_owned(), json!(order.created.to_string()));
        }
        Value::Object(view)
    }

    fn told(&self, order: &Order, status: u16) -> Response {
        let mut response = answer(status, &self.view(order));
        if !self.has("answer-without-etag") {
            put(&mut response, "etag", &self.etag(order));
        }
        if self.has("answer-of-another-type") {
            put(&mut response, "content-type", "text/plain");
        }
        response
    }

    fn etag(&self, order: &Order) -> String {
        let version = if self.has("etag-constant") { 0 } else { order.version };
        format!("\"v{version}\"")
    }

    fn list(&self, state: &State, parameters: &Map<String, Value>) -> Response {
        let number =
            |name: &str, usual: usize| parameters.get(name).and_then(Value::as_f64).map_or(usual, whole);
        let (mut limit, mut offset) = (number("limit", 20), number("offset", 0));
        match self.fault {
            "limit-ignored" => limit = usize::MAX,
            "limit-plus-one" => limit += 1,
            "offset-ignored" => offset = 0,
            "offset-plus-one" if offset > 0 => offset += 1,
            "offset-counts-pages" => offset *= limit,
            _ => {}
        }
        let status = parameters.get("status").filter(|_| !self.has("filter-ignored"));
        let is_let_through = |order: &&Order| {
            let held = order.body.get("status");
            let is_draft = self.has("filter-lets-drafts-through") && held == Some(&json!("draft"));
            status.is_none() || held == status || is_draft
        };
        let mut all: Vec<&Order> = state.orders.iter().chain(&state.ghosts).filter(is_let_through).collect();
        if self.has("list-leaves-newest-out") {
            all.pop();
        }
        if self.has("list-ends-early") {
            all.truncate(all.len() - all.len() % 2);
            all.truncate(all.len().saturating_sub(2));
        }
        let items = all.iter().skip(offset).take(limit).map(|order| self.view(order));
        answer(200, &json!({"items": items.collect::<Vec<_>>(), "total": all.len()}))
    }

    fn create(
        &self,
        state: &mut State,
        request: &Request,
        body: Map<String, Value>,
    ) -> Result<Response, Refusal> {
        let key = request.header_values("idempotency-key").pop().filter(|_| !self.has("key-ignored"));
        if let Some((sent, response)) = key.as_ref().and_then(|key| state.keys.get(key)) {
            if sent != request.bytes() {
                return Err(wrong(409, "the key was sent with another request"));
            }
            let mut response = response.clone();
            if self.has("key-forgets-id") {
                let mut body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
                body["id"] = json!("00000000-0000-4000-8000-000000000000");
                response.body = body.to_string().into();
            }
            return Ok(response);
        }
        let order = self.made(state, body);
        let mut kept = order.clone();
        self.spoil(&mut kept.body);
        let mut answered = if self.has("create-cuts-openly") { kept.clone() } else { order.clone() };
        if self.has("create-loses-reference") {
            answered.body.remove("reference");
        }
        if let Some(before) = state.orders.last_mut().filter(|_| self.has("create-overwrites")) {
            before.body.insert("title".to_owned(), json!("overwritten"));
        }
        if !self.has("create-lost") {
            state.orders.retain(|other| other.id != kept.id);
            state.orders.push(kept);
        }
        let mut response = self.told(&answered, if self.has("answer-200") { 200 } else { 201 });
        put(&mut response, "location", &format!("/orders/{}", order.id));
        if let Some(key) = key {
            state.keys.insert(key, (request.bytes().to_vec(), response.clone()));
        }
        Ok(response)
    }

    /// An order that nobody has seen yet.
    fn made(&self, state: &mut State, mut body: Map<String, Value>) -> Order {
        state.last += 1;
        body.entry("status").or_insert_with(|| json!("draft"));
        let number = if self.has("id-twice") { state.last - state.last % 2 } else { state.last };
        let first = (number.wrapping_mul(0x9e37_79b9)) % (1 << 32);
        let id = format!("{first:08x}-0000-4000-8000-{number:012x}");
        Order {
            id: state.free_id.take().unwrap_or(id),
            version: state.last,
            created: self.clock.now(),
            body,
            notes: Vec::new(),
            last_note: 0,
        }
    }

    /// What a fault makes of an order before it is kept.
    fn spoil(&self, body: &mut Map<String, Value>) {
        match self.fault {
            "create-loses-description" => drop(body.remove("description")),
            "create-loses-reference" => drop(body.remove("reference")),
            "create-cuts-description" | "create-cuts-openly" => cut(body, "description", 100),
            "create-lowers-title" => {
                let title = body["title"].as_str().unwrap_or_default().to_lowercase();
                body["title"] = json!(title);
            }
            "create-rounds-discount" => set(body, "discount", json!(0)),
            "create-forgets-gift" => set(body, "isGift", json!(false)),
            "create-loses-city" => {
                if let Some(city) = body["customer"].pointer_mut("/address/city") {
                    *city = json!("Springfield");
                }
            }
            "create-keeps-one-line" => keep_first(&mut body["lines"]),
            "create-shifts-due" => {
                let due =
                    body.get("due").and_then(Value::as_str).and_then(|due| due.parse::<Timestamp>().ok());
                if let Some(later) = due.and_then(|due| due.checked_add(SignedDuration::from_hours(1)).ok()) {
                    body["due"] = json!(later.to_string());
                }
            }
            _ => {}
        }
    }

    /// Whether an order is in the state that the client takes it to be in.
    fn is_meant(&self, order: &Order, request: &Request) -> Result<(), Refusal> {
        let ignored = format!("if-match-ignored-by-{}", request.method.as_str().to_lowercase());
        let wanted = request.header_values("if-match");
        let is_met =
            |field: &String| field.split(',').any(|one| one.trim() == "*" || one.trim() == self.etag(order));
        let is_meant = wanted.is_empty() || wanted.iter().any(is_met) || self.fault == ignored;
        if is_meant { Ok(()) } else { Err(wrong(412, "the order has changed")) }
    }

    fn update(
        &self,
        state: &mut State,
        request: &Request,
        id: &str,
        mut body: Map<String, Value>,
    ) -> Result<Response, Refusal> {
        state.last += 1;
        let version = state.last;
        let order = Self::order(state, id)?;
        self.is_meant(order, request)?;
        let mut answered = order.clone();
        answered.version = version;
        answered.body.extend(body.clone());
        match self.fault {
            "patch-lost" => return Ok(self.told(&answered, 200)),
            "patch-ignored" => return Ok(self.told(order, 200)),
            "patch-ignores-due" => drop(body.remove("due")),
            "patch-ignores-payment" => drop(body.remove("payment")),
            _ => {}
        }
        if self.fault.starts_with("patch-ignores") {
            answered.body.clone_from(&order.body);
            answered.body.extend(body.clone());
        }
        let names: Vec<String> = body.keys().cloned().collect();
        let is_sent = |name: &str| names.iter().any(|sent| sent == name);
        let mut kept = answered.clone();
        match self.fault {
            "patch-loses-priority" => {
                drop(kept.body.remove("priority"));
                kept.body
                    .extend(order.body.get("priority").map(|held| ("priority".to_owned(), held.clone())));
            }
            "patch-cuts-title" => cut(&mut kept.body, "title", 50),
            "patch-resets-tags" if !is_sent("tags") => drop(kept.body.remove("tags")),
            "patch-resets-discount" if is_sent("title") => {
                drop(kept.body.insert("discount".to_owned(), json!(0.5)));
            }
            "patch-replaces" => kept.body.retain(|name, _| {
                is_sent(name) || ["title", "customer", "lines", "status"].contains(&name.as_str())
            }),
            "patch-doubles-lines" => double_lines(&mut kept.body),
            "patch-loses-address" if is_sent("status") => {
                drop(kept.body["customer"].as_object_mut().map(|customer| customer.remove("address")));
            }
            _ => {}
        }
        *order = kept;
        Ok(self.told(&answered, 200))
    }

    fn replace(
        &self,
        state: &mut State,
        request: &Request,
        id: &str,
        body: &Map<String, Value>,
    ) -> Result<Response, Refusal> {
        state.last += 1;
        let version = state.last;
        let order = Self::order(state, id)?;
        self.is_meant(order, request)?;
        let mut answered = Order { version, body: body.clone(), ..order.clone() };
        answered.body.entry("status").or_insert_with(|| json!("draft"));
        let is_again = answered.body == order.body;
        let mut kept = answered.clone();
        match self.fault {
            "put-lost" => return Ok(self.told(&answered, 200)),
            "put-refuses-again" if is_again => return Err(wrong(422, "nothing would change")),
            "put-counts" if is_again => double_lines(&mut kept.body),
            "put-keeps-title" => kept.body["title"] = order.body["title"].clone(),
            "put-loses-description" => drop(kept.body.remove("description")),
            "put-merges" => {
                kept.body.clone_from(&order.body);
                kept.body.extend(body.clone());
            }
            "put-keeps-description" if !kept.body.contains_key("description") => {
                let held = order.body.get("description").cloned();
                kept.body.extend(held.map(|held| ("description".to_owned(), held)));
            }
            _ => {}
        }
        *order = kept;
        Ok(self.told(&answered, 200))
    }

    fn delete(&self, state: &mut State, request: &Request, id: &str) -> Result<Response, Refusal> {
        let found = Self::order(state, id).map(|order| order.clone());
        if found.is_err() && self.has("delete-again-fails") {
            return Err(wrong(500, "the order is not there"));
        }
        let order = found?;
        self.is_meant(&order, request)?;
        match self.fault {
            "delete-ignored" => return Ok(Response::empty(StatusCode::NO_CONTENT)),
            "delete-takes-another" => {
                let other = state.orders.iter().rposition(|other| other.id != id);
                drop(other.map(|other| state.orders.remove(other)));
                return Ok(Response::empty(StatusCode::NO_CONTENT));
            }
            "delete-leaves-in-list" => state.ghosts.push(order),
            "id-after-delete" => state.free_id = Some(id.to_owned()),
            _ => {}
        }
        state.orders.retain(|order| order.id != id);
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }

    fn notes(&self, order: &Order, parameters: &Map<String, Value>) -> Result<Response, Refusal> {
        let limit = parameters.get("limit").and_then(Value::as_f64).map_or(20, whole);
        let limit = if self.has("note-limit-ignored") { usize::MAX } else { limit };
        // A cursor is the number of the last note of the page before.
        let mut after = match parameters.get("cursor").and_then(Value::as_str) {
            None => 0,
            Some(cursor) => cursor
                .strip_prefix("after-")
                .and_then(|number| number.parse::<u64>().ok())
                .ok_or_else(|| wrong(400, "no page told of this cursor"))?,
        };
        match self.fault {
            "cursor-ignored" => after = 0,
            "cursor-repeats" => after = after.saturating_sub(1),
            _ => {}
        }
        let mut all: Vec<&(u64, Map<String, Value>)> = order.notes.iter().collect();
        if self.has("note-list-leaves-newest-out") {
            all.pop();
        }
        let page: Vec<_> = all.iter().filter(|(number, _)| *number > after).take(limit).collect();
        let mut body =
            json!({"notes": page.iter().map(|(number, note)| note_view(*number, note)).collect::<Vec<_>>()});
        let is_last =
            page.last().is_none_or(|(number, _)| all.last().is_some_and(|(last, _)| last == number));
        if let Some((number, _)) = page.last().filter(|_| !is_last) {
            body["nextCursor"] = json!(format!("after-{number}"));
        }
        Ok(answer(200, &body))
    }

    fn add_note(&self, order: &mut Order, body: &Map<String, Value>) -> Response {
        order.last_note += 1;
        let number = match self.fault {
            "note-id-after-delete" => order.notes.last().map_or(1, |(number, _)| number + 1),
            _ => order.last_note,
        };
        let mut kept = body.clone();
        if self.has("note-cut") {
            cut(&mut kept, "text", 80);
        }
        if !self.has("note-lost") {
            order.notes.push((number, kept));
        }
        answer(201, &note_view(number, body))
    }

    fn read_note(order: &Order, number: u64) -> Result<Response, Refusal> {
        let found = order.notes.iter().find(|(held, _)| *held == number);
        let (number, note) = found.ok_or_else(|| wrong(404, "there is no such note"))?;
        Ok(answer(200, &note_view(*number, note)))
    }

    fn delete_note(&self, order: &mut Order, number: u64) -> Result<Response, Refusal> {
        Self::read_note(order, number)?;
        if !self.has("note-delete-ignored") {
            order.notes.retain(|(held, _)| *held != number);
        }
        Ok(Response::empty(StatusCode::NO_CONTENT))
    }
}

/// A number of items; a text that says none is of no page.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the document bounds it")]
fn whole(number: f64) -> usize {
    number as usize
}

fn note_view(number: u64, note: &Map<String, Value>) -> Value {
    let mut view = note.clone();
    view.insert("id".to_owned(), json!(number));
    Value::Object(view)
}

fn cut(body: &mut Map<String, Value>, name: &str, most: usize) {
    if let Some(Value::String(text)) = body.get_mut(name) {
        *text = text.chars().take(most).collect();
    }
}

/// Puts a value in the place of another, where there is one.
fn set(body: &mut Map<String, Value>, name: &str, value: Value) {
    if let Some(held) = body.get_mut(name) {
        *held = value;
    }
}

fn keep_first(list: &mut Value) {
    if let Value::Array(items) = list {
        items.truncate(1);
    }
}

fn double_lines(body: &mut Map<String, Value>) {
    if let Some(lines) = body.get_mut("lines").and_then(Value::as_array_mut) {
        lines.extend(lines.clone());
    }
}

fn status_of(finding: &Finding) -> u16 {
    match finding.code {
        Code::UnsupportedMediaType => 415,
        Code::InvalidBody => 422,
        _ => 400,
    }
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("it is written here");
    let mut response = Response { body: body.to_string().into(), ..Response::empty(status) };
    put(&mut response, "content-type", "application/json");
    response
}

fn wrong(status: u16, error: &str) -> Refusal {
    Box::new(answer(status, &json!({"error": error})))
}

fn put(response: &mut Response, name: &'static str, value: &str) {
    let value = http::HeaderValue::from_bytes(value.as_bytes()).expect("it is a header field");
    response.headers.insert(name, value);
}

impl poem::Endpoint for Orders {
    type Output = poem::Response;

    async fn call(&self, mut request: poem::Request) -> poem::Result<Self::Output> {
        let target = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let bytes = request.take_body().into_bytes().await?;
        let mut read = Request::new(request.method().clone(), &target).body(bytes);
        read.headers = request.headers().clone();
        let answer = self.answer(&read);
        let mut response = poem::Response::builder().status(answer.status).body(answer.body);
        *response.headers_mut() = answer.headers;
        Ok(response)
    }
}
