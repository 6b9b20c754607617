//! `standin` stands in for an HTTP API, from its `OpenAPI` document: the engine as a library.
//!
//! ```text
//! once, at start:      text → Document → Api → Plan
//! for each request:    Request → Route → Checked → Answer → Response
//! ```
//!
//! The modules stand in layers; each uses only those of the layers before it:
//! 1 [`finding`], [`inference`] · 2 [`document`] · 3 [`schema`], [`exchange`] · 4 [`api`], [`sandbox`] · 5 [`contract`], [`wire`] ·
//! 6 [`credential`], [`plan`] · 7 [`check`], [`mask`], [`mock`] · 8 [`journal`], [`proxy`], [`verify`] · 9 [`net`], [`report`] · 10 [`cli`].
//!
//! Start with [`mock::Mock`], which shows a document being loaded and a request being answered in ten lines.

pub mod api;
pub mod check;
pub mod cli;
pub mod contract;
pub mod credential;
pub mod document;
pub mod exchange;
pub mod finding;
pub mod inference;
pub mod journal;
pub mod mask;
pub mod mock;
pub mod net;
pub mod plan;
pub mod proxy;
pub mod report;
pub mod sandbox;
pub mod schema;
pub mod verify;
pub mod wire;
