//! The parts of a document with the document around them, so that whatever is found in one can be told with its place.

pub(super) use crate::document::Kind;
use crate::{
    document::{Document, Node},
    finding::Place,
};

/// A part of a document.
#[derive(Debug, Clone)]
pub(super) struct Position<'d> {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands, and what it holds.
    pub(super) node: Node<'d>,
    /// Whether it is what it is only because a reference leads here.
    pub(super) is_target: bool,
}

/// The deepest place that is looked at.
const DEEPEST: usize = 400;

/// Every part of the document, in the document's order; other files come after the root file.
pub(super) fn positions(document: &Document) -> Vec<Position<'_>> {
    let parts = document.parts().into_iter();
    let shallow = parts.filter(|(place, _)| place.pointer.as_str().matches('/').count() <= DEEPEST);
    let position = |(place, kind): (Place, Kind)| {
        let is_target = document.is_target(&place, kind);
        Some(Position { kind, node: document.at(&place)?, is_target })
    };
    shallow.filter_map(position).collect()
}
