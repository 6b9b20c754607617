//! What a schema allows and few expect, for dice that surprise: other weights of the same decisions, not another generator.
//!
//! The longest text that is allowed, one of unusual characters, an empty one; a long list and an empty one; properties that
//! may be absent, and nulls that may be there. Only the first attempts at a value surprise: where they lead nowhere, the
//! later ones make what is usual.

use super::{
    choice::Choice,
    facets::Texts,
    judge::{Tests, text_fits},
};

/// The longest text that is made for want of a bound, and the longest of all.
const LONG: u64 = 256;
const LONGEST: u64 = 4096;

/// How many items there are beyond the least, by decision.
const LENGTHS: [usize; 6] = [0, 0, 1, 2, 20, 50];
/// The same within other values.
const INNER: [usize; 4] = [0, 0, 1, 4];

/// Characters that break programs which hold a text to be what it mostly is: combining ones, such as are written from the
/// right, outside of the first plane, joined, of no width, of other digits and cases, and what markup and queries are made of.
const UNUSUAL: [&str; 16] = [
    "e\u{301}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "\u{1f1e9}\u{1f1ea}",
    "\u{200b}",
    "\u{202e}abc\u{202c}",
    "\u{130}i\u{131}",
    "\u{df}\u{1e9e}",
    "\u{fdfa}",
    "\u{20bb7}",
    "\u{4e2d}\u{6587}",
    "\u{661}\u{662}\u{663}",
    "'\"--",
    "<b>&amp;</b>",
    "%00${x}",
    "\u{a0}\u{2003}x",
];

impl Choice<'_> {
    /// Whether an optional property is made: mostly, and as often as not where that surprises.
    pub(super) fn keeps(&mut self, parts: u64) -> bool {
        if self.surprises() { self.below(2) == 1 } else { self.mostly(parts) }
    }

    /// How many items a list has beyond the least, where that surprises.
    pub(super) fn surprising_length(&mut self, depth: u32) -> Option<usize> {
        if !self.surprises() {
            return None;
        }
        if depth <= 2 { self.pick(&LENGTHS) } else { self.pick(&INNER) }.copied()
    }
}

/// A text that surprises, where one is wished for and fits.
pub(super) fn text(
    facets: &Texts,
    has_format: bool,
    tests: &mut Tests,
    choice: &mut Choice<'_>,
) -> Option<String> {
    if !choice.surprises() || has_format {
        return None;
    }
    let longest = facets.max.unwrap_or(LONG.max(facets.min)).min(LONGEST.max(facets.min));
    let made = match choice.below(4) {
        0 => return None,
        1 => filled(facets.min, longest, facets.min, choice),
        2 => filled(facets.min, longest, longest.min(facets.min.max(12)), choice),
        _ => match facets.patterns.first() {
            Some(pattern) => tests.pattern(pattern)?.text(longest.min(LONG), facets.max, choice)?,
            None => filled(facets.min, longest, longest, choice),
        },
    };
    Some(made).filter(|made| text_fits(made, facets, tests))
}

/// Unusual characters, `wanted` of them as far as whole groups go, and letters where none fits.
fn filled(min: u64, most: u64, wanted: u64, choice: &mut Choice<'_>) -> String {
    let mut text = String::new();
    let mut length = 0;
    while length < wanted.max(min) {
        let group = choice.word(&UNUSUAL);
        let characters = group.chars().count() as u64;
        if length + characters > most {
            text.push('x');
            length += 1;
        } else {
            text.push_str(group);
            length += characters;
        }
    }
    text
}
