//! Values ↔ what stands in a message: parameters by their style, bodies by their media type.
//!
//! Reading gives a value that a schema can judge, and how it breaks the schema; writing is the way back. One reader and
//! one writer for each form, used for whatever is received and sent. Nothing here knows which operation is meant. Read
//! [`parameter()`] and [`read`] first.

mod binary;
mod body;
mod coding;
mod form;
mod media;
mod multipart;
mod parameter;
mod reserved;
mod scalar;
mod sequence;
#[cfg(test)]
mod tests;
mod text;
mod typed;
mod xml;

use bytes::Bytes;
use serde_json::Value;

pub use self::{
    body::{judge, read, write, write_wanted},
    coding::{Coded, uncoded},
    parameter::{Received, Spelled, parameter, write_parameter},
    sequence::is_sequence,
};
use crate::{finding::Pointer, schema::Violation};

/// What was read, and how it breaks its schema.
#[derive(Debug, Clone)]
pub struct Read {
    /// The value.
    pub value: Value,
    /// How it breaks its schema; nothing where it satisfies it, or there is none.
    pub violations: Vec<Violation>,
}

/// Why bytes cannot be read, or a value cannot be written, in the form that they have to be of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where in the value, as far as it is known.
    pub pointer: Pointer,
    /// What is wrong.
    pub message: String,
}

/// A body, written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its media type, with the parameters that it cannot be read without, such as a boundary.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Fault {
    /// A fault of the whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { pointer: Pointer::root(), message: message.into() }
    }
}
