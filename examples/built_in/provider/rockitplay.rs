//! "ROCKITPLAY": from a login by a session token to a backend token, which opens the list of apps.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::SignedDuration;
use poem_openapi::{
    ApiResponse, Object, OpenApi, SecurityScheme, auth::ApiKey, param::Header, payload::Json,
};

use super::{
    strict::Strict,
    tokens::{Issued, Kind, Refusal, Tokens},
};

/// Who can log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// Those who have an account, which is the page's user alone.
    Known,
    /// Whoever comes first by a name has its account.
    Open,
}

/// The edge, from the login to the backend.
pub(crate) struct Edge {
    tokens: Arc<Tokens>,
    accounts: Accounts,
    passwords: Mutex<HashMap<String, String>>,
}

impl Edge {
    pub(crate) fn new(tokens: &Arc<Tokens>, accounts: Accounts) -> Self {
        let admin = ("admin@example.org".to_owned(), "correct-horse-battery-staple".to_owned());
        Self { tokens: Arc::clone(tokens), accounts, passwords: Mutex::new(HashMap::from([admin])) }
    }

    fn is_let_in(&self, login: &Login) -> bool {
        // A panic elsewhere leaves the passwords as they were before or after one of them.
        let mut passwords = self.passwords.lock().unwrap_or_else(PoisonError::into_inner);
        if self.accounts == Accounts::Open && !passwords.contains_key(&login.user.0) {
            passwords.insert(login.user.0.clone(), login.password.0.clone());
        }
        passwords.get(&login.user.0) == Some(&login.password.0)
    }
}

#[derive(Object)]
struct Login {
    #[oai(validator(min_length = 1))]
    user: Strict<String>,
    #[oai(validator(min_length = 1))]
    password: Strict<String>,
}

/// A token and its end, in UNIX seconds.
#[derive(Object)]
struct Token {
    token: String,
    expires: i64,
}

impl From<Issued> for Token {
    fn from(issued: Issued) -> Self {
        Self { token: issued.text, expires: issued.end.as_second() }
    }
}

#[derive(Object)]
struct LoginSuccess {
    status: String,
    session: Token,
}

#[derive(Object)]
struct AuthenticationSuccess {
    status: String,
    auth: Token,
}

#[derive(Object)]
struct App {
    id: String,
    name: String,
}

#[derive(Object)]
struct AppList {
    status: String,
    apps: Vec<App>,
}

#[derive(Object)]
struct Failure {
    status: String,
    error: String,
    message: String,
}

impl Failure {
    fn new(error: &str, message: impl Into<String>) -> Json<Self> {
        Json(Self { status: "failed".to_owned(), error: error.to_owned(), message: message.into() })
    }

    fn of(refusal: Refusal, token: &str) -> Json<Self> {
        match refusal {
            Refusal::Ended => Self::new("token-expired", format!("The {token} has expired.")),
            Refusal::Unknown => Self::new("invalid-credential", format!("The {token} is not valid.")),
        }
    }
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::refused")]
enum LoggedIn {
    /// The session token.
    #[oai(status = 200)]
    Session(Json<LoginSuccess>),
    /// The body is missing, or is not what a login needs.
    #[oai(status = 400)]
    Bad(Json<Failure>),
    /// No such user, or not this password.
    #[oai(status = 401)]
    Unauthorized(Json<Failure>),
}

impl LoggedIn {
    #[expect(clippy::needless_pass_by_value, reason = "the form is poem-openapi's")]
    fn refused(error: poem::Error) -> Self {
        Self::Bad(Failure::new("invalid-body", error.to_string()))
    }
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::refused")]
enum Authenticated {
    /// The backend authentication token.
    #[oai(status = 200)]
    Token(Json<AuthenticationSuccess>),
    /// missing-param
    #[oai(status = 400)]
    Bad(Json<Failure>),
    /// token-expired
    #[oai(status = 401)]
    Unauthorized(Json<Failure>),
}

impl Authenticated {
    #[expect(clippy::needless_pass_by_value, reason = "the form is poem-openapi's")]
    fn refused(error: poem::Error) -> Self {
        Self::Bad(Failure::new("missing-param", error.to_string()))
    }
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::refused")]
enum Listed {
    /// The apps.
    #[oai(status = 200)]
    Apps(Json<AppList>),
    /// The backend authentication token is missing, expired or not valid.
    #[oai(status = 401)]
    Unauthorized(Json<Failure>),
}

impl Listed {
    fn refused(_: poem::Error) -> Self {
        Self::Unauthorized(Failure::new("missing-credential", "The header x-rockit-beauth-token is missing."))
    }
}

/// The backend authentication token.
#[derive(SecurityScheme)]
#[oai(ty = "api_key", key_name = "x-rockit-beauth-token", key_in = "header")]
struct BackendToken(ApiKey);

#[expect(clippy::unused_async, reason = "poem-openapi calls for handlers that are async")]
#[OpenApi]
impl Edge {
    /// user login
    #[oai(path = "/be/v1/login", method = "post", operation_id = "login")]
    async fn log_in(&self, login: Json<Login>) -> LoggedIn {
        if !self.is_let_in(&login) {
            let message = "The user is unknown or the password is wrong.";
            return LoggedIn::Unauthorized(Failure::new("invalid-credential", message));
        }
        let session = self.tokens.issue(Kind::Session, &login.user.0, SignedDuration::from_hours(24));
        LoggedIn::Session(Json(LoginSuccess { status: "success".to_owned(), session: session.into() }))
    }

    /// authentication
    #[oai(path = "/be/v1/auth", method = "post", operation_id = "authentication")]
    async fn authenticate(
        &self,
        #[oai(name = "x-rockit-besession-token")] session: Header<String>,
    ) -> Authenticated {
        match self.tokens.judge(Kind::Session, &session.0) {
            Ok(user) => {
                let auth = self.tokens.issue(Kind::Backend, &user, SignedDuration::from_mins(5));
                let status = "success".to_owned();
                Authenticated::Token(Json(AuthenticationSuccess { status, auth: auth.into() }))
            }
            Err(refusal) => Authenticated::Unauthorized(Failure::of(refusal, "session token")),
        }
    }

    /// List Apps
    #[oai(path = "/be/v1/apps", method = "get", operation_id = "listApps")]
    async fn apps(&self, token: BackendToken) -> Listed {
        match self.tokens.judge(Kind::Backend, &token.0.key) {
            Ok(_) => {
                let app = |id: &str, name: &str| App { id: id.to_owned(), name: name.to_owned() };
                let apps = vec![app("app-1", "Space Rocks"), app("app-2", "Moon Race")];
                Listed::Apps(Json(AppList { status: "success".to_owned(), apps }))
            }
            Err(refusal) => Listed::Unauthorized(Failure::of(refusal, "backend token")),
        }
    }
}
