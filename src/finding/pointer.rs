//! JSON Pointers (RFC 6901), and the trail from which a deep walker makes one when it has something to tell.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// A JSON Pointer (RFC 6901) in its escaped text form; the empty text names the root.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pointer(String);

impl Pointer {
    /// The pointer that names the whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// Takes an escaped pointer as written, such as `/paths/~1pets/get`.
    pub fn from_escaped(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// This pointer with one more token, which is escaped here.
    #[must_use]
    pub fn join(&self, token: impl fmt::Display) -> Self {
        let mut next = self.clone();
        next.push(token);
        next
    }

    /// This pointer followed by another.
    #[must_use]
    pub fn append(&self, tail: &Self) -> Self {
        Self(format!("{}{}", self.0, tail.0))
    }

    /// Adds one token, which is escaped here.
    pub fn push(&mut self, token: impl fmt::Display) {
        self.0.push('/');
        let start = self.0.len();
        // A text takes whatever is written to it.
        let _ = write!(self.0, "{token}");
        if self.0[start..].contains(['~', '/']) {
            let token = self.0.split_off(start);
            self.0.push_str(&token.replace('~', "~0").replace('/', "~1"));
        }
    }

    /// What stands at this place of a tree; `None` where nothing does.
    pub fn within<'v>(&self, tree: &'v Value) -> Option<&'v Value> {
        let Some(steps) = self.0.strip_prefix('/') else { return self.0.is_empty().then_some(tree) };
        steps.split('/').try_fold(tree, |value, token| {
            let token = if token.contains('~') {
                Cow::Owned(token.replace("~1", "/").replace("~0", "~"))
            } else {
                Cow::Borrowed(token)
            };
            match value {
                Value::Object(members) => members.get(&*token),
                Value::Array(items) => items.get(index(&token)?),
                _ => None,
            }
        })
    }

    /// The escaped text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The pointer as a URI fragment, without the number sign (RFC 6901, section 6).
    pub fn fragment(&self) -> String {
        const KEEP: &AsciiSet =
            &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'.').remove(b'_');
        utf8_percent_encode(&self.0, KEEP).to_string()
    }

    /// The tokens, unescaped, outermost first.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        self.0.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
    }

    /// The last token, unescaped; `None` at the root.
    pub fn last(&self) -> Option<String> {
        self.tokens().last()
    }

    /// The pointer without its last token; `None` at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|end| Self(self.0[..end].to_owned()))
    }
}

/// The index that a token is: without a sign, and without a zero in front (RFC 6901, section 4).
fn index(token: &str) -> Option<usize> {
    let is_plain = !token.starts_with('+') && (token == "0" || !token.starts_with('0'));
    token.parse().ok().filter(|_| is_plain)
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a walker stands, as a list on its stack: nothing is allocated until [`Trail::pointer`] is asked.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    parent: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    /// The start of a walk.
    pub fn root() -> Self {
        Self { parent: None, step: Step::Root }
    }

    /// One step into an object.
    #[must_use]
    pub fn key(&'a self, name: &'a str) -> Self {
        Self { parent: Some(self), step: Step::Key(name) }
    }

    /// One step into an array.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    /// The place as a pointer.
    pub fn pointer(&self) -> Pointer {
        let mut pointer = self.parent.map(Trail::pointer).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Key(name) => pointer.push(name),
            Step::Index(index) => pointer.push(index),
        }
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_escaped_on_the_way_in_and_unescaped_on_the_way_out() {
        let pointer = Pointer::root().join("paths").join("/a~b");
        assert_eq!(pointer.as_str(), "/paths/~1a~0b");
        assert_eq!(pointer.last().as_deref(), Some("/a~b"));
        assert_eq!(pointer.parent(), Some(Pointer::root().join("paths")));
    }

    #[test]
    fn a_pointer_leads_where_the_standard_says() {
        let tree = serde_json::json!({"a/b": [{"m~n": 1}, 2], "": {"": 3}, "01": 4});
        for pointer in
            ["", "/a~1b", "/a~1b/0/m~0n", "/a~1b/01", "/a~1b/+1", "/a~1b/2", "/", "//", "/01", "a", "/x"]
        {
            assert_eq!(Pointer::from_escaped(pointer).within(&tree), tree.pointer(pointer), "{pointer}");
        }
    }

    #[test]
    fn a_trail_makes_the_pointer_of_its_steps() {
        let root = Trail::root();
        let tags = root.key("tags");
        assert_eq!(tags.index(3).pointer().as_str(), "/tags/3");
    }
}
