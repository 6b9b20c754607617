//! A text → an expression, or what is wrong with it and where.

use super::{Expression, Field, Grammar, Malformed, Root, Source};
use crate::finding::Pointer;

/// Reads a whole text as an expression.
pub(super) fn expression(text: &str, grammar: Grammar) -> Result<Expression, Malformed> {
    let reader = Reader { text, grammar };
    let Some(rest) = text.strip_prefix('$') else {
        return Err(reader.fault(text, "an expression begins with `$`", reader.sources()));
    };
    let (word, tail) = rest.split_at(rest.find(['.', '#']).unwrap_or(rest.len()));
    match word {
        "url" => reader.alone(Source::Url, tail),
        "method" => reader.alone(Source::Method, tail),
        "statusCode" => reader.alone(Source::StatusCode, tail),
        "request" => reader.message(Source::Request, &["header", "query", "path", "body"], word, tail),
        "response" => reader.message(Source::Response, &["header", "body"], word, tail),
        _ => match reader.root(word) {
            Some(root) => reader.named(root, tail),
            None => Err(reader.fault(rest, format!("`${word}` is no source"), reader.sources())),
        },
    }
}

#[derive(Clone, Copy)]
struct Reader<'t> {
    text: &'t str,
    grammar: Grammar,
}

impl<'t> Reader<'t> {
    /// What is wrong where `rest`, an end of the text, begins.
    fn fault(self, rest: &str, message: impl Into<String>, help: impl Into<String>) -> Malformed {
        let at = self.text.chars().count() - rest.chars().count() + 1;
        Malformed { at, message: message.into(), help: help.into() }
    }

    fn root(self, word: &str) -> Option<Root> {
        let mut known = Root::ALL.into_iter().filter(|_| self.grammar == Grammar::Arazzo);
        known.find(|root| root.name() == word)
    }

    fn sources(self) -> String {
        let roots = Root::ALL.into_iter().filter(|_| self.grammar == Grammar::Arazzo).map(Root::name);
        let all = ["url", "method", "statusCode", "request", "response"].into_iter().chain(roots);
        format!("the sources are {}", all.map(|name| format!("`${name}`")).collect::<Vec<_>>().join(", "))
    }

    fn alone(self, source: Source, tail: &str) -> Result<Expression, Malformed> {
        if tail.is_empty() {
            return Ok(Expression { source, pointer: None });
        }
        let message = format!("`{source}` is one text and has no parts");
        Err(self.fault(tail, message, format!("end it after `{source}`")))
    }

    fn message(
        self,
        of: fn(Field) -> Source,
        parts: &[&str],
        word: &str,
        tail: &'t str,
    ) -> Result<Expression, Malformed> {
        let names: Vec<String> = parts.iter().map(|part| format!("`${word}.{part}`")).collect();
        let right = format!("its parts are {}", names.join(", "));
        let Some(inner) = tail.strip_prefix('.') else {
            return Err(self.fault(tail, format!("`${word}` does not say which part is meant"), right));
        };
        let (part, after) = inner.split_at(inner.find(['.', '#', '/']).unwrap_or(inner.len()));
        if !parts.contains(&part) {
            return Err(self.fault(inner, format!("`${word}` has no `{part}`"), right));
        }
        if part == "body" {
            let pointer = self.pointer(after)?;
            return Ok(Expression { source: of(Field::Body), pointer });
        }
        let name = after.strip_prefix('.').filter(|name| !name.is_empty());
        let Some(name) = name else {
            let end = after.strip_prefix('.').unwrap_or(after);
            let message = format!("`${word}.{part}` does not say which one is meant");
            return Err(self.fault(end, message, format!("add its name, as in `${word}.{part}.name`")));
        };
        let field = match part {
            "header" => Field::Header(self.token(name)?),
            "query" => Field::Query(name.to_owned()),
            _ => Field::Path(name.to_owned()),
        };
        Ok(Expression { source: of(field), pointer: None })
    }

    /// The name of a header field (RFC 9110, section 5.6.2).
    fn token(self, name: &str) -> Result<String, Malformed> {
        let is_allowed = |other: char| other.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(other);
        match name.find(|character| !is_allowed(character)) {
            None => Ok(name.to_owned()),
            Some(at) => {
                let rest = &name[at..];
                let other = rest.chars().next().unwrap_or_default();
                let right = "a name of a header field has letters, digits, and signs such as `-` and `_`";
                Err(self.fault(rest, format!("{other:?} cannot stand in the name of a header field"), right))
            }
        }
    }

    fn named(self, root: Root, tail: &'t str) -> Result<Expression, Malformed> {
        let inner = tail.strip_prefix('.').unwrap_or_default();
        let (name, after) = inner.split_at(inner.find('#').unwrap_or(inner.len()));
        if name.is_empty() {
            let message = format!("`${}` does not say which one is meant", root.name());
            let at = tail.strip_prefix('.').unwrap_or(tail);
            return Err(self.fault(at, message, format!("add its name, as in `${}.name`", root.name())));
        }
        Ok(Expression { source: Source::Named(root, name.to_owned()), pointer: self.pointer(after)? })
    }

    /// A pointer after a number sign, as RFC 6901 writes it; nothing of no text.
    fn pointer(self, text: &str) -> Result<Option<Pointer>, Malformed> {
        if text.is_empty() {
            return Ok(None);
        }
        let Some(pointer) = text.strip_prefix('#') else {
            let right = "a part of a body is named by a pointer, as in `body#/user/id`";
            return Err(self.fault(text, "only a pointer may follow a body", right));
        };
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let right = "a pointer is empty, or begins with `/` (RFC 6901)";
            return Err(self.fault(pointer, "a pointer does not begin with a slash", right));
        }
        if let Some((at, _)) =
            pointer.match_indices('~').find(|(at, _)| !pointer[at + 1..].starts_with(['0', '1']))
        {
            let right = "write `~0` for a tilde and `~1` for a slash (RFC 6901, section 3)";
            return Err(self.fault(&pointer[at..], "a tilde stands alone in a pointer", right));
        }
        Ok(Some(Pointer::from_escaped(pointer)))
    }
}
