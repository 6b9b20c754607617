//! Places in documents → where they stand in the texts, and the lines around them.
//!
//! A text is read again for its lines, each file once: they are looked up for what is explained, not for what is listed.

use std::{collections::HashMap, sync::Arc};

use super::{Shown, model::Line};
use crate::{
    document::Underlined,
    finding::{Place, Span},
};

/// How many lines are shown before a place, and how many after it.
const AROUND: (usize, usize) = (2, 3);
/// How many characters of a line are shown: a document may stand in a single one.
const WIDTH: usize = 240;

/// Where places stand.
pub(super) struct Lines<'p>(HashMap<&'p Place, (Span, Arc<str>)>);

impl<'p> Lines<'p> {
    /// Looks up `places` in the files of `documents`.
    pub(super) fn new(documents: &[Shown], places: impl Iterator<Item = &'p Place>) -> Self {
        let mut by_file: HashMap<&str, Vec<&Place>> = HashMap::new();
        for place in places {
            by_file.entry(&place.file).or_default().push(place);
        }
        let mut found = HashMap::new();
        let files = documents.iter().flat_map(|shown| shown.api.document.files());
        for (uri, file) in files {
            let Some(places) = by_file.remove(&**uri) else { continue };
            let pointers: Vec<_> = places.iter().map(|place| &place.pointer).collect();
            let spans = file.spans(&pointers, Underlined::Value);
            let stands = |(place, span): (_, Option<Span>)| Some((place, (span?, Arc::clone(&file.text))));
            found.extend(places.into_iter().zip(spans).filter_map(stands));
        }
        Self(found)
    }

    /// Where a place stands.
    pub(super) fn span(&self, place: &Place) -> Option<Span> {
        self.0.get(place).map(|(span, _)| *span)
    }

    /// The line of a place and those around it.
    pub(super) fn excerpt(&self, place: &Place) -> Option<Vec<Line>> {
        self.0.get(place).map(|(span, text)| excerpt(text, span.line))
    }
}

/// A line of a text and those around it.
pub(super) fn excerpt(text: &str, line: usize) -> Vec<Line> {
    let first = line.saturating_sub(AROUND.0).max(1);
    let lines = text.lines().zip(1..).skip(first - 1).take(line + AROUND.1 + 1 - first);
    lines.map(|(text, number)| Line { number, text: text.chars().take(WIDTH).collect() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(line: usize) -> Vec<u64> {
        excerpt("a\nb\nc\nd\ne\nf\ng", line).iter().map(|line| line.number).collect()
    }

    #[test]
    fn the_lines_around_a_line_end_where_the_text_does() {
        assert_eq!(numbers(1), [1, 2, 3, 4]);
        assert_eq!(numbers(4), [2, 3, 4, 5, 6, 7]);
        assert_eq!(numbers(7), [5, 6, 7]);
    }

    #[test]
    fn of_a_very_long_line_the_start_is_shown() {
        let lines = excerpt(&"é".repeat(10_000), 1);
        assert_eq!(lines[0].text.chars().count(), WIDTH);
    }
}
