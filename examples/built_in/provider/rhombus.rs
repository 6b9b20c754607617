//! "Rhombus": `POST /api/org/generateFederatedSessionToken`.

use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use poem::{Body, Endpoint, Request};
use poem_openapi::{
    ApiResponse, Enum, Object, OpenApi, SecurityScheme, auth::ApiKey, error::AuthorizationError,
    param::Header, payload::Json,
};

use super::{
    strict::Strict,
    tokens::{Kind, Refusal, Tokens},
};

/// Sessions that other domains may use.
pub(crate) struct Federation {
    tokens: Arc<Tokens>,
}

impl Federation {
    pub(crate) fn new(tokens: &Arc<Tokens>) -> Self {
        Self { tokens: Arc::clone(tokens) }
    }
}

/// The customer's key.
#[derive(SecurityScheme)]
#[oai(ty = "api_key", key_name = "x-auth-apikey", key_in = "header")]
struct Key(ApiKey);

/// Whose key it is.
#[derive(Enum)]
enum Scheme {
    #[oai(rename = "api-token")]
    ApiToken,
    #[oai(rename = "api")]
    Api,
    #[oai(rename = "partner-api-token")]
    PartnerApiToken,
    #[oai(rename = "partner-api")]
    PartnerApi,
}

#[derive(Object)]
struct Order {
    #[oai(rename = "deviceUUid")]
    device: Option<Strict<String>>,
    domain: Option<Strict<String>>,
    #[oai(rename = "durationSec")]
    duration: Option<Strict<i32>>,
}

#[derive(Object)]
struct Federated {
    #[oai(rename = "federatedSessionToken")]
    token: String,
}

/// A problem as in RFC 9457.
#[derive(Object)]
struct Problem {
    r#type: String,
    title: String,
    status: u16,
    detail: String,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>) -> Json<Self> {
        Json(Self {
            r#type: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
        })
    }
}

#[derive(ApiResponse)]
#[oai(bad_request_handler = "Self::refused")]
enum Generated {
    /// The token.
    #[oai(status = 200)]
    Token(Json<Federated>),
    /// A header is missing or invalid, or the body is.
    #[oai(status = 400, content_type = "application/problem+json")]
    Bad(Json<Problem>),
    /// The API key is missing, unknown or expired.
    #[oai(status = 401, content_type = "application/problem+json")]
    Unauthorized(Json<Problem>),
}

impl Generated {
    #[expect(clippy::needless_pass_by_value, reason = "the form is poem-openapi's")]
    fn refused(error: poem::Error) -> Self {
        if error.is::<AuthorizationError>() {
            return Self::unauthorized("The header x-auth-apikey is missing.");
        }
        Self::Bad(Problem::new(StatusCode::BAD_REQUEST, error.to_string()))
    }

    fn unauthorized(detail: &str) -> Self {
        Self::Unauthorized(Problem::new(StatusCode::UNAUTHORIZED, detail))
    }
}

#[expect(clippy::unused_async, reason = "poem-openapi calls for handlers that are async")]
#[OpenApi]
impl Federation {
    /// Generate federated session token
    #[oai(
        path = "/api/org/generateFederatedSessionToken",
        method = "post",
        operation_id = "generateFederatedSessionToken"
    )]
    async fn generate(
        &self,
        key: Key,
        #[oai(name = "x-auth-scheme")] _scheme: Header<Scheme>,
        order: Json<Order>,
    ) -> Generated {
        let customer = match self.tokens.judge(Kind::ApiKey, &key.0.key) {
            Ok(customer) => customer,
            Err(Refusal::Ended) => {
                return Generated::unauthorized("The API key in x-auth-apikey has expired.");
            }
            Err(Refusal::Unknown) => {
                return Generated::unauthorized("The API key in x-auth-apikey is unknown.");
            }
        };
        let Order { device, domain, duration } = order.0;
        let given = [device, domain].into_iter().flatten().map(|given| given.0);
        let owner = given.fold(customer, |owner, given| format!("{owner} {given}"));
        let life = SignedDuration::from_secs(duration.map_or(3600, |seconds| seconds.0.into()));
        let token = self.tokens.issue(Kind::Federated, &owner, life).text;
        Generated::Token(Json(Federated { token }))
    }
}

/// The path of the one operation.
pub(crate) const AT: &str = "/api/org/generateFederatedSessionToken";

/// The body is optional, and poem-openapi has no such thing: where there is none, it is an empty object.
pub(crate) async fn without_body<E: Endpoint>(
    endpoint: Arc<E>,
    mut request: Request,
) -> poem::Result<E::Output> {
    if request.uri().path() == AT {
        let body = request.take_body().into_vec().await?;
        let is_empty = body.is_empty();
        request.set_body(if is_empty { Body::from("{}") } else { Body::from(body) });
        if is_empty {
            let json = HeaderValue::from_static("application/json");
            request.headers_mut().insert(header::CONTENT_TYPE, json);
        }
    }
    endpoint.call(request).await
}
