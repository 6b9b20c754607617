//! "Device sessions" once more, served by plain poem handlers and described with utoipa, which makes the document from the
//! types. Read [`create_session`] first.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use http::{StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{EncodingKey, Header};
use poem::{
    Endpoint, EndpointExt, IntoResponse, Request, Response, Route,
    error::BadRequest,
    error::MethodNotAllowedError,
    handler, post,
    web::{Data, Json},
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

/// What can be wrong: a name, what it is, and the check of `standin verify` that should find it.
pub(crate) const FAULTS: &[(&str, &str, &str)] = &[
    ("empty", "takes an empty identifier", "accepts-invalid"),
    ("short", "refuses an identifier of one character", "rejects-valid"),
    ("created", "answers 201 for 200", "undeclared-status"),
    ("flat", "answers the token without `data` around it", "response-schema"),
    ("panics", "fails on characters beyond the BMP", "server-error"),
    ("bare", "answers 405 without `Allow`", "allow-missing"),
];

/// It is always the same, so that two runs issue the same tokens; in earnest it comes from where secrets are kept.
const SECRET: &[u8] = b"the described provider's secret";

/// What is known to every handler.
pub(crate) struct State {
    clock: fn() -> Timestamp,
    fault: Option<&'static str>,
    sessions: AtomicU64,
}

impl State {
    fn has(&self, fault: &str) -> bool {
        self.fault == Some(fault)
    }
}

type Object = serde_json::Map<String, serde_json::Value>;

#[derive(Deserialize, ToSchema)]
struct CreateSession {
    /// What the system tracks the session by.
    #[schema(min_length = 1)]
    identifier: String,
}

#[derive(Serialize, ToSchema)]
struct Session {
    /// It authenticates the requests that follow.
    token: String,
}

#[derive(Serialize, ToSchema)]
struct SessionCreated {
    data: Session,
}

#[derive(Serialize, ToSchema)]
struct Failure {
    error: String,
    message: String,
}

#[derive(Serialize)]
struct Claims {
    jti: u64,
    exp: i64,
}

/// A session for a device.
#[utoipa::path(
    post,
    path = "/api/sessions",
    operation_id = "createSession",
    request_body = CreateSession,
    responses(
        (status = 200, description = "The session's token.", body = SessionCreated),
        (status = 400, description = "The identifier is missing or invalid.", body = Failure),
    )
)]
#[handler]
fn create_session(Data(state): Data<&Arc<State>>, order: poem::Result<Json<Object>>) -> Response {
    // Serde reads a list as well into the fields of a struct, in their order.
    let order = order.and_then(|Json(order)| serde_json::from_value(order.into()).map_err(BadRequest));
    let CreateSession { identifier } = match order {
        Ok(order) => order,
        Err(error) => return refused(&error.to_string()),
    };
    if identifier.is_empty() && !state.has("empty") {
        return refused("it is empty");
    }
    if identifier.chars().count() == 1 && state.has("short") {
        return refused("it is too short");
    }
    if identifier.chars().any(|one| one > '\u{ffff}') && state.has("panics") {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let end = (state.clock)() + SignedDuration::from_hours(1);
    let claims = Claims { jti: state.sessions.fetch_add(1, Ordering::Relaxed), exp: end.as_second() };
    let token = jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET));
    let session = Session { token: token.expect("a secret signs by HMAC") };
    if state.has("flat") {
        return Json(session).into_response();
    }
    let status = if state.has("created") { StatusCode::CREATED } else { StatusCode::OK };
    Json(SessionCreated { data: session }).with_status(status).into_response()
}

fn refused(why: &str) -> Response {
    let message = format!("the identifier is missing or invalid: {why}");
    let failure = Failure { error: "invalid-body".to_owned(), message };
    Json(failure).with_status(StatusCode::BAD_REQUEST).into_response()
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Described device sessions", version = "1.0.0", description = "Sessions of devices."),
    paths(create_session)
)]
struct Described;

/// The document that utoipa makes of the types and handlers.
pub(crate) fn document() -> String {
    Described::openapi().to_pretty_json().expect("a document is JSON")
}

/// The API on that clock, with that fault, where it is to have one.
pub(crate) fn provider(clock: fn() -> Timestamp, fault: Option<&'static str>) -> impl Endpoint {
    let state = Arc::new(State { clock, fault, sessions: AtomicU64::new(0) });
    let route = Route::new().at("/api/sessions", post(create_session)).data(Arc::clone(&state));
    route.around(move |endpoint, request| {
        let state = Arc::clone(&state);
        async move { answered(&state, &endpoint, request).await }
    })
}

/// A 405 says which methods there are (RFC 9110, section 15.5.6); poem's own does not.
async fn answered<E: Endpoint>(state: &State, endpoint: &Arc<E>, request: Request) -> poem::Result<Response> {
    match endpoint.call(request).await {
        Err(error) if error.is::<MethodNotAllowedError>() && !state.has("bare") => {
            let response = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED);
            Ok(response.header(header::ALLOW, "POST").finish())
        }
        answered => answered.map(IntoResponse::into_response),
    }
}
