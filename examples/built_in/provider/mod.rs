//! One provider for the three built-in APIs, written code-first: the types and handlers are there first, and the documents
//! of `openapi/` are what it is held to.
//!
//! Time is passed in, and so is a fault, where it is to have one. Read [`provider`] first, then any of the three APIs.

mod device_sessions;
mod faults;
mod rhombus;
mod rockitplay;
mod strict;
pub(crate) mod tokens;

use std::{collections::BTreeMap, sync::Arc};

use http::{HeaderValue, StatusCode, header};
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response, Route, error::MethodNotAllowedError};
use poem_openapi::{OpenApi, OpenApiService};

use self::{
    device_sessions::Sessions,
    faults::Slip,
    rhombus::Federation,
    rockitplay::Edge,
    tokens::{Clock, Tokens},
};
pub(crate) use self::{
    faults::{FAULTS, Fault, fault},
    rockitplay::Accounts,
};

/// The tokens of a provider, on that clock.
pub(crate) fn tokens(clock: Clock, fault: Option<&Fault>) -> Arc<Tokens> {
    let lapse = match fault.map(|fault| &fault.slip) {
        Some(Slip::Lapses(kind, lapse)) => Some((*kind, *lapse)),
        _ => None,
    };
    Arc::new(Tokens::new(clock, lapse))
}

/// All three APIs, with the document that their code makes at `/openapi.json`.
pub(crate) fn provider(
    tokens: &Arc<Tokens>,
    accounts: Accounts,
    fault: Option<&'static Fault>,
) -> impl Endpoint + use<> {
    let apis = (Sessions::new(tokens), Federation::new(tokens), Edge::new(tokens, accounts));
    let service = OpenApiService::new(apis, "Three APIs", "1.0.0");
    let document = service.spec_endpoint();
    let allowed = Arc::new(allowed());
    Route::new()
        .at("/openapi.json", document)
        .nest("/", service)
        .around(rhombus::without_body)
        .around(move |endpoint, request: Request| {
            let allowed = Arc::clone(&allowed);
            async move {
                let path = request.uri().path().to_owned();
                match endpoint.call(request).await {
                    Err(error) if error.is::<MethodNotAllowedError>() => Ok(not_allowed(&allowed, &path)),
                    answered => answered.map(IntoResponse::into_response),
                }
            }
        })
        .around(move |endpoint, request| async move { faults::answered(fault, &endpoint, request).await })
}

/// The methods of each path, as the code has them.
fn allowed() -> BTreeMap<String, String> {
    let mut allowed = BTreeMap::new();
    for path in <(Sessions, Federation, Edge)>::meta().into_iter().flat_map(|api| api.paths) {
        let methods: Vec<&str> = path.operations.iter().map(|operation| operation.method.as_str()).collect();
        allowed.insert(path.path, methods.join(", "));
    }
    allowed
}

/// A 405 says which methods there are (RFC 9110, section 15.5.6); poem's own does not.
fn not_allowed(allowed: &BTreeMap<String, String>, path: &str) -> Response {
    let mut response = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).finish();
    let methods = allowed.get(path).and_then(|methods| HeaderValue::from_str(methods).ok());
    response.headers_mut().extend(methods.map(|methods| (header::ALLOW, methods)));
    response
}
