//! `standin` stands in for an HTTP API, from its `OpenAPI` document.

pub mod api;
pub mod document;
pub mod exchange;
pub mod finding;
pub mod schema;
