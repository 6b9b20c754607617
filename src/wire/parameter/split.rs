//! One text → a tree: where each style cuts. A text is cut as it was sent, and only the pieces are decoded.

use percent_encoding::percent_decode_str;

use super::{Shape, Tree};
use crate::{api::Style, wire::Fault};

/// How the pieces of a text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Percent-encoded.
    Percent,
    /// Percent-encoded, and a plus is a space (WHATWG URL, section 5.1).
    Form,
    /// As they are, with spaces around them that mean nothing.
    Plain,
}

/// How a text is cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'n> {
    pub(super) name: &'n str,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) escape: Escape,
}

impl Escape {
    /// The text that a piece means; bytes that are not UTF-8 are replaced.
    pub(super) fn decode(self, piece: &str) -> String {
        match self {
            Self::Percent => percent_decode_str(piece).decode_utf8_lossy().into_owned(),
            Self::Form => percent_decode_str(&piece.replace('+', " ")).decode_utf8_lossy().into_owned(),
            Self::Plain => piece.trim_matches([' ', '\t']).to_owned(),
        }
    }
}

impl Cut<'_> {
    /// What a text says, of this shape; several trees where it says several things.
    pub(super) fn trees(self, text: &str, shape: Shape) -> Result<Vec<Tree>, Fault> {
        match self.style {
            Style::Matrix => self.matrix(text, shape),
            Style::Label => {
                let prefixed = text.strip_prefix('.');
                self.plain(prefixed.ok_or_else(|| lacks(text, "."))?, shape)
            }
            _ => self.plain(text, shape),
        }
    }

    /// A text without a prefix.
    fn plain(self, text: &str, shape: Shape) -> Result<Vec<Tree>, Fault> {
        match shape {
            Shape::Text => Ok(vec![Tree::Text(self.escape.decode(text))]),
            Shape::List => Ok(lists(self.pieces(text))),
            Shape::Members if text.is_empty() => Ok(vec![Tree::none()]),
            Shape::Members if self.explode => {
                let pairs = pieces(text, self.separators()).into_iter().map(|piece| {
                    let (name, value) = piece
                        .split_once('=')
                        .ok_or_else(|| Fault::new(format!("`{piece}` is not of the form `name=value`")))?;
                    Ok((self.escape.decode(name), self.escape.decode(value)))
                });
                Ok(vec![Tree::members(pairs.collect::<Result<Vec<_>, Fault>>()?)])
            }
            Shape::Members => alternating(self.pieces(text)),
        }
    }

    /// `;name=value` (RFC 6570, section 3.2.7).
    fn matrix(self, text: &str, shape: Shape) -> Result<Vec<Tree>, Fault> {
        let rest = text.strip_prefix(';').ok_or_else(|| lacks(text, ";"))?;
        let pairs: Vec<(String, &str)> = rest
            .split(';')
            .map(|piece| piece.split_once('=').unwrap_or((piece, "")))
            .map(|(name, value)| (self.escape.decode(name), value))
            .collect();
        if shape == Shape::Members && self.explode && rest != self.name {
            let members = pairs.into_iter().map(|(name, value)| (name, self.escape.decode(value)));
            return Ok(vec![Tree::members(members)]);
        }
        if let Some((other, _)) = pairs.iter().find(|(name, _)| name != self.name) {
            return Err(Fault::new(format!("`;{other}` stands where `;{}` is asked for", self.name)));
        }
        match (shape, pairs.as_slice()) {
            (Shape::List, pairs) if self.explode => {
                Ok(lists(pairs.iter().map(|(_, value)| self.escape.decode(value)).collect()))
            }
            (_, [(_, value)]) => self.plain(value, shape),
            _ => Err(Fault::new(format!("`;{}` stands there {} times", self.name, pairs.len()))),
        }
    }

    /// The decoded pieces of a text.
    pub(super) fn pieces(self, text: &str) -> Vec<String> {
        let pieces = pieces(text, self.separators());
        pieces.into_iter().map(|piece| self.escape.decode(piece)).collect()
    }

    /// Every spelling of what stands between pieces.
    fn separators(self) -> &'static [&'static str] {
        match self.style {
            Style::SpaceDelimited => &["%20", "+", " "],
            Style::PipeDelimited => &["%7C", "%7c", "|"],
            Style::TabDelimited => &["%09", "\t"],
            Style::Label if self.explode => &["."],
            _ => &[","],
        }
    }
}

/// A text cut at each of the separators.
fn pieces<'t>(text: &'t str, separators: &[&str]) -> Vec<&'t str> {
    let cut = |pieces: Vec<&'t str>, separator: &&str| {
        pieces.into_iter().flat_map(|piece| piece.split(*separator)).collect()
    };
    separators.iter().fold(vec![text], cut)
}

/// The lists that pieces may mean: one empty piece is what an empty list is written as.
pub(super) fn lists(pieces: Vec<String>) -> Vec<Tree> {
    if pieces.iter().all(String::is_empty) && pieces.len() == 1 {
        return vec![Tree::List(Vec::new()), Tree::texts(pieces)];
    }
    vec![Tree::texts(pieces)]
}

/// Names and values in turn, as in `R,100,G,200`.
pub(super) fn alternating(pieces: Vec<String>) -> Result<Vec<Tree>, Fault> {
    let mut pairs = Vec::new();
    let mut pieces = pieces.into_iter();
    while let Some(name) = pieces.next() {
        let value =
            pieces.next().ok_or_else(|| Fault::new(format!("the name `{name}` has no value after it")))?;
        pairs.push((name, value));
    }
    Ok(vec![Tree::members(pairs)])
}

fn lacks(text: &str, prefix: &str) -> Fault {
    Fault::new(format!("`{text}` does not begin with `{prefix}`"))
}
