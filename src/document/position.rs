//! Where a pointer stands in a text. JSON is read as the subset of YAML that it is, so one parser knows all positions.

use std::collections::HashMap;

use serde_saphyr::granit_parser::{Event, Marker, Parser, Span as Marked};

use super::Underlined;
use crate::finding::{Pointer, Span};

/// The span of each of `pointers` in `text`: the value where it is a scalar and wanted, else the key that holds it; where
/// nothing stands at a pointer, the span of what would be around it.
pub(super) fn spans(text: &str, pointers: &[&Pointer], underlined: Underlined) -> Vec<Option<Span>> {
    if pointers.is_empty() {
        return Vec::new();
    }
    let around = pointers.iter().flat_map(|pointer| ancestors(pointer.as_str()));
    let mut found: HashMap<&str, Option<Span>> = around.map(|pointer| (pointer, None)).collect();
    let mut path = Path::default();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if let Some((pointer, span)) = path.enter(&event, span, underlined)
            && let Some(slot) = found.get_mut(pointer.as_str())
        {
            slot.get_or_insert(convert(text, span));
        }
    }
    let nearest =
        |pointer: &&Pointer| ancestors(pointer.as_str()).find_map(|at| found.get(at).copied().flatten());
    pointers.iter().map(nearest).collect()
}

/// A pointer, and those of all that is around what it names.
fn ancestors(pointer: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(pointer), |at| at.rfind('/').map(|end| &at[..end]))
}

/// The containers that the reader is in, innermost last.
#[derive(Default)]
struct Path {
    open: Vec<Container>,
}

enum Container {
    Mapping { at: Pointer, key: Option<(String, Marked)> },
    Sequence { at: Pointer, next: usize },
}

impl Path {
    /// Follows one event; where a value begins, its pointer and the span to show for it.
    fn enter(
        &mut self,
        event: &Event<'_>,
        span: Marked,
        underlined: Underlined,
    ) -> Option<(Pointer, Marked)> {
        match event {
            Event::Scalar(text, ..) => match self.open.last_mut() {
                Some(Container::Mapping { key: key @ None, .. }) => {
                    *key = Some((text.to_string(), span));
                    None
                }
                _ if underlined == Underlined::Key => Some(self.value(span)),
                _ => Some((self.value(span).0, span)),
            },
            Event::Alias(..) => Some(self.value(span)),
            Event::MappingStart(..) => {
                let (at, shown) = self.value(span);
                self.open.push(Container::Mapping { at: at.clone(), key: None });
                Some((at, shown))
            }
            Event::SequenceStart(..) => {
                let (at, shown) = self.value(span);
                self.open.push(Container::Sequence { at: at.clone(), next: 0 });
                Some((at, shown))
            }
            Event::MappingEnd | Event::SequenceEnd => {
                self.open.pop();
                None
            }
            _ => None,
        }
    }

    /// The pointer of the value that begins here, and the span of its key, or its own where it has none.
    fn value(&mut self, own: Marked) -> (Pointer, Marked) {
        match self.open.last_mut() {
            None => (Pointer::root(), own),
            Some(Container::Mapping { at, key }) => {
                // A key that is itself a container has no pointer; it stands as an empty name.
                let (name, span) = key.take().unwrap_or((String::new(), own));
                (at.join(name), span)
            }
            Some(Container::Sequence { at, next }) => {
                *next += 1;
                (at.join(*next - 1), own)
            }
        }
    }
}

fn convert(text: &str, marked: Marked) -> Span {
    let offset = byte_offset(text, marked.start);
    let end = byte_offset(text, marked.end).max(offset);
    let line = text[offset..end].lines().next().unwrap_or_default();
    Span { line: marked.start.line(), column: marked.start.col() + 1, offset, length: line.trim_end().len() }
}

fn byte_offset(text: &str, marker: Marker) -> usize {
    let offset = marker
        .byte_offset()
        .or_else(|| text.char_indices().nth(marker.index()).map(|(at, _)| at))
        .unwrap_or(text.len());
    offset.min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_and_column(text: &str, pointer: &str) -> Option<(usize, usize)> {
        let pointer = Pointer::from_escaped(pointer);
        spans(text, &[&pointer], Underlined::Value)[0].map(|span| (span.line, span.column))
    }

    #[test]
    fn a_pointer_is_found_in_yaml_and_in_json() {
        let yaml = "info:\n  title: Pets\npaths:\n  /pets:\n    get:\n      tags: [a, bee]\n";
        assert_eq!(line_and_column(yaml, "/info/title"), Some((2, 10)));
        assert_eq!(line_and_column(yaml, "/paths/~1pets/get"), Some((5, 5)));
        assert_eq!(line_and_column(yaml, "/paths/~1pets/get/tags/1"), Some((6, 17)));
        let json = "{\n  \"a\": {\"b\": [1,\n 22]}\n}";
        assert_eq!(line_and_column(json, "/a/b/1"), Some((3, 2)));
        assert_eq!(line_and_column(json, "/a/nothing/at/all"), Some((2, 3)));
    }
}
