//! `standin` stands in for an HTTP API, from its `OpenAPI` document.

pub mod api;
pub mod credential;
pub mod document;
pub mod exchange;
pub mod finding;
pub mod mock;
pub mod plan;
pub mod sandbox;
pub mod schema;
