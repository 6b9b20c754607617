//! `standin` stands in for an HTTP API, from its `OpenAPI` document.

pub mod document;
pub mod finding;
pub mod schema;
