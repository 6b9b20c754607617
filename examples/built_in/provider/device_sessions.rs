//! "Device sessions": `POST /api/sessions`.

use std::sync::Arc;

use jiff::SignedDuration;
use poem_openapi::{ApiResponse, Object, OpenApi, error::ContentTypeError, payload::Json};

use super::{
    strict::Strict,
    tokens::{Kind, Tokens},
};

/// Sessions of devices.
pub(crate) struct Sessions {
    tokens: Arc<Tokens>,
}

impl Sessions {
    pub(crate) fn new(tokens: &Arc<Tokens>) -> Self {
        Self { tokens: Arc::clone(tokens) }
    }
}

#[derive(Object)]
struct CreateSession {
    /// What the system tracks the session by.
    #[oai(validator(min_length = 1))]
    identifier: Strict<String>,
}

#[derive(Object)]
struct Session {
    token: String,
}

#[derive(Object)]
struct SessionCreated {
    data: Session,
}

#[derive(Object)]
struct SessionError {
    error: String,
    message: String,
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::refused")]
enum Created {
    /// The session's token.
    #[oai(status = 200)]
    Session(Json<SessionCreated>),
    /// The identifier is missing or invalid.
    #[oai(status = 400)]
    Refused(Json<SessionError>),
}

impl Created {
    /// The page knows one refusal, so another media type is a 400 as well.
    #[expect(clippy::needless_pass_by_value, reason = "the form is poem-openapi's")]
    fn refused(error: poem::Error) -> Self {
        let name = match error.downcast_ref() {
            Some(ContentTypeError::ExpectContentType) => "missing-body",
            _ => "invalid-body",
        };
        let message = format!("the identifier is missing or invalid: {error}");
        Self::Refused(Json(SessionError { error: name.to_owned(), message }))
    }
}

#[expect(clippy::unused_async, reason = "poem-openapi calls for handlers that are async")]
#[OpenApi]
impl Sessions {
    /// Create a session
    #[oai(path = "/api/sessions", method = "post", operation_id = "createSession")]
    async fn create(&self, order: Json<CreateSession>) -> Created {
        let issued = self.tokens.issue(Kind::Device, &order.identifier.0, SignedDuration::from_hours(1));
        Created::Session(Json(SessionCreated { data: Session { token: issued.text } }))
    }
}
