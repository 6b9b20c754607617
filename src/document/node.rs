//! A place in a document and what stands there.

use std::sync::Arc;

use serde_json::Value;

use super::{Document, reference, shape::Step};
use crate::finding::{Code, Finding, Location, Place, Pointer};

/// A value of a document that knows where it stands, so that whatever is found in it can be told with its place.
#[derive(Debug, Clone)]
pub struct Node<'d> {
    document: &'d Document,
    place: Place,
    value: &'d Value,
}

impl<'d> Node<'d> {
    pub(super) fn new(document: &'d Document, file: Arc<str>, pointer: Pointer, value: &'d Value) -> Self {
        Self { document, place: Place { file, pointer }, value }
    }

    /// The value as written.
    pub fn value(&self) -> &'d Value {
        self.value
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The document around it.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The member `key` of an object, a reference in its place followed; `None` where it is absent.
    pub fn get(&self, key: &str) -> Option<Self> {
        self.raw(key).map(Self::follow)
    }

    /// The member `key` of an object as it stands.
    pub fn raw(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(self.child(key, value))
    }

    /// What stands one step below, as it stands.
    pub(super) fn step(&self, step: Step<'_>) -> Option<Self> {
        match step {
            Step::Key(key) => self.raw(key),
            Step::Index(index) => Some(self.child(&index.to_string(), self.value.get(index)?)),
        }
    }

    /// The members of an object, references followed; none of anything else.
    pub fn entries(&self) -> impl Iterator<Item = (&'d str, Self)> + use<'d> {
        let node = self.clone();
        self.value
            .as_object()
            .into_iter()
            .flatten()
            .map(move |(key, value)| (key.as_str(), node.child(key, value).follow()))
    }

    /// The items of an array, references followed; none of anything else.
    pub fn items(&self) -> impl Iterator<Item = Self> + use<'d> {
        let node = self.clone();
        self.value
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
            .map(move |(index, value)| node.child(&index.to_string(), value).follow())
    }

    /// The items of an array as they stand; none of anything else.
    pub fn as_is(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| self.child(&index.to_string(), value)).collect()
    }

    /// The text of the member `key`.
    pub fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Whether the member `key` is `true`.
    pub fn is_set(&self, key: &str) -> bool {
        self.value.get(key).and_then(Value::as_bool) == Some(true)
    }

    /// What a reference here leads to; the node itself where it is none, or where it leads nowhere (which
    /// [`load`](super::load) has told already).
    #[must_use]
    pub fn follow(self) -> Self {
        reference::follow(&self).unwrap_or(self)
    }

    /// A finding about this place.
    pub fn error(&self, code: Code, message: impl Into<String>) -> Finding {
        Finding::error(code, Location::Document(self.place.clone(), None), message)
    }

    fn child(&self, key: &str, value: &'d Value) -> Self {
        Self {
            document: self.document,
            place: Place { file: Arc::clone(&self.place.file), pointer: self.place.pointer.join(key) },
            value,
        }
    }
}
