//! A simple condition (Arazzo 1.0, section 4.6.11) → a tree that says whether it holds.
//!
//! Braces are taken for parentheses, as in `{$statusCode == 401}`, which many files have. Nothing is run as code. Read
//! [`Condition::parse`] first.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::spelling;
use crate::exchange::expression::{Context, Expression, Field, Malformed, Source};

/// A condition that can be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition(Term);

#[derive(Debug, Clone, PartialEq)]
enum Term {
    Literal(Value),
    Value(Expression),
    Not(Box<Term>),
    Compare(Box<Term>, Operator, Box<Term>),
    All(Vec<Term>),
    Any(Vec<Term>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How they are written; the longer ones first, for `<` is a part of `<=`.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// [`Malformed`] where it is none, counted from its start.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut reader = Reader { text, rest: text };
        let term = reader.any()?;
        reader.skip();
        if reader.rest.is_empty() {
            return Ok(Self(term));
        }
        Err(reader.fault("the condition has ended here", "join conditions by `&&` or `||`"))
    }

    /// Whether it holds.
    pub fn holds(&self, context: &impl Context) -> bool {
        self.0.holds(context)
    }

    /// The expressions in it, in order.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        self.0.collect(&mut found);
        found
    }

    /// The status that it asks for, where it holds for no other.
    pub fn status(&self) -> Option<u64> {
        self.0.status()
    }
}

impl Term {
    fn holds(&self, context: &impl Context) -> bool {
        match self {
            Self::Not(term) => !term.holds(context),
            Self::All(terms) => terms.iter().all(|term| term.holds(context)),
            Self::Any(terms) => terms.iter().any(|term| term.holds(context)),
            Self::Compare(left, operator, right) => {
                let is_text = left.is_text() || right.is_text();
                compares(&left.value(context), *operator, &right.value(context), is_text)
            }
            Self::Literal(_) | Self::Value(_) => {
                !matches!(*self.value(context), Value::Null | Value::Bool(false))
            }
        }
    }

    /// What it is; nothing is null.
    fn value<'v>(&'v self, context: &'v impl Context) -> Cow<'v, Value> {
        match self {
            Self::Literal(value) => Cow::Borrowed(value),
            Self::Value(expression) => expression.evaluate(context).unwrap_or_default(),
            term => Cow::Owned(term.holds(context).into()),
        }
    }

    /// Whether it stands in the head of a message, where numbers are written as texts.
    fn is_text(&self) -> bool {
        let Self::Value(expression) = self else { return false };
        match &expression.source {
            Source::Request(field) | Source::Response(field) => *field != Field::Body,
            _ => false,
        }
    }

    fn collect<'t>(&'t self, found: &mut Vec<&'t Expression>) {
        match self {
            Self::Literal(_) => {}
            Self::Value(expression) => found.push(expression),
            Self::Not(term) => term.collect(found),
            Self::Compare(left, _, right) => {
                left.collect(found);
                right.collect(found);
            }
            Self::All(terms) | Self::Any(terms) => terms.iter().for_each(|term| term.collect(found)),
        }
    }

    fn status(&self) -> Option<u64> {
        let is_status = |term: &Self| matches!(term, Self::Value(one) if one.source == Source::StatusCode);
        match self {
            Self::All(terms) => terms.iter().find_map(Self::status),
            Self::Compare(left, Operator::Equal, right) => match (&**left, &**right) {
                (Self::Literal(status), other) | (other, Self::Literal(status)) if is_status(other) => {
                    status.as_u64()
                }
                _ => None,
            },
            _ => None,
        }
    }
}

fn compares(left: &Value, operator: Operator, right: &Value, is_text: bool) -> bool {
    let order = order(left, right, is_text);
    match operator {
        Operator::Equal => order.map_or(left == right, Ordering::is_eq),
        Operator::Unequal => order.map_or(left != right, Ordering::is_ne),
        Operator::Less => order.is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order.is_some_and(Ordering::is_le),
        Operator::Greater => order.is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
    }
}

/// How numbers and texts stand to each other; texts without regard to their case, as the standard wants it.
fn order(left: &Value, right: &Value, is_text: bool) -> Option<Ordering> {
    let number = |value: &Value| match value {
        Value::String(text) if is_text => text.trim().parse().ok(),
        value => value.as_f64(),
    };
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.to_lowercase().cmp(&right.to_lowercase())),
        (Value::Number(left), Value::Number(right)) if left == right => Some(Ordering::Equal),
        _ => number(left)?.partial_cmp(&number(right)?),
    }
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(sign);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn fault(&self, message: impl Into<String>, help: impl Into<String>) -> Malformed {
        let at = self.text.chars().count() - self.rest.chars().count() + 1;
        Malformed { at, message: message.into(), help: help.into() }
    }

    fn any(&mut self) -> Result<Term, Malformed> {
        self.joined("||", Self::all, Term::Any)
    }

    fn all(&mut self) -> Result<Term, Malformed> {
        self.joined("&&", Self::compared, Term::All)
    }

    fn joined(
        &mut self,
        sign: &str,
        part: fn(&mut Self) -> Result<Term, Malformed>,
        whole: fn(Vec<Term>) -> Term,
    ) -> Result<Term, Malformed> {
        let first = part(self)?;
        let mut terms = vec![first];
        while self.takes(sign) {
            terms.push(part(self)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { whole(terms) })
    }

    fn compared(&mut self) -> Result<Term, Malformed> {
        let left = self.operand()?;
        match OPERATORS.iter().find(|(sign, _)| self.takes(sign)) {
            Some((_, operator)) => Ok(Term::Compare(Box::new(left), *operator, Box::new(self.operand()?))),
            None => Ok(left),
        }
    }

    fn operand(&mut self) -> Result<Term, Malformed> {
        if self.takes("!") {
            return Ok(Term::Not(Box::new(self.operand()?)));
        }
        for (open, close) in [("(", ")"), ("{", "}")] {
            if self.takes(open) {
                let inner = self.any()?;
                return if self.takes(close) {
                    Ok(inner)
                } else {
                    Err(self.fault(format!("`{open}` is never closed"), format!("write `{close}` after it")))
                };
            }
        }
        match self.rest.chars().next() {
            Some('$') => self.expression(),
            Some(quote @ ('\'' | '"')) => self.quoted(quote),
            _ => self.literal(),
        }
    }

    fn expression(&mut self) -> Result<Term, Malformed> {
        let is_end = |one: char| one.is_whitespace() || "=!<>&|(){},".contains(one);
        let (word, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        let before = self.text.chars().count() - self.rest.chars().count();
        let read = spelling::expression(word);
        let expression = read.map_err(|fault| Malformed { at: fault.at + before, ..fault })?;
        self.rest = rest;
        Ok(Term::Value(expression))
    }

    /// A text in quotes; a quote in it is written twice.
    fn quoted(&mut self, quote: char) -> Result<Term, Malformed> {
        let mut text = String::new();
        let mut rest = &self.rest[1..];
        while let Some((before, after)) = rest.split_once(quote) {
            text.push_str(before);
            rest = after;
            if !after.starts_with(quote) {
                self.rest = rest;
                return Ok(Term::Literal(text.into()));
            }
            text.push(quote);
            rest = &after[1..];
        }
        Err(self.fault("the text that begins here never ends", format!("write `{quote}` after it")))
    }

    fn literal(&mut self) -> Result<Term, Malformed> {
        let is_part = |one: char| one.is_ascii_alphanumeric() || "+-._".contains(one);
        let end = self.rest.find(|one| !is_part(one)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        match serde_json::from_str(word) {
            Ok(value) => {
                self.rest = rest;
                Ok(Term::Literal(value))
            }
            Err(_) if word.is_empty() => {
                Err(self
                    .fault("a value is missing here", "write an expression, a number or a text in quotes"))
            }
            Err(_) => Err(self.fault(
                format!("`{word}` is no value"),
                format!("an expression begins with `$`, a text stands in quotes: `'{word}'`"),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What comes of a body, with a header field that is always a text.
    struct Given(Value, Value);

    impl Context for Given {
        fn value(&self, source: &Source) -> Option<Cow<'_, Value>> {
            match source {
                Source::StatusCode => Some(Cow::Owned(json!(401))),
                Source::Response(Field::Body) => Some(Cow::Borrowed(&self.0)),
                Source::Response(Field::Header(_)) => Some(Cow::Borrowed(&self.1)),
                _ => None,
            }
        }
    }

    fn holds(text: &str) -> bool {
        let body = json!({"name": "It's Here", "count": 5, "text": "5", "none": null, "no": false, "list": [{"id": 7}]});
        Condition::parse(text).expect(text).holds(&Given(body, json!("12")))
    }

    #[test]
    fn conditions_hold_as_the_standard_says() {
        for text in [
            "$statusCode == 401",
            "$statusCode==401",
            "{$statusCode == 401}",
            "{$statusCode} == 401",
            "$statusCode >= 400 && $statusCode < 500",
            "$statusCode == 200 || $response.body#/name == 'IT''S HERE'",
            "!($statusCode == 200)",
            "! $response.body#/no",
            "$response.body.count > 4.5",
            "$response.body.list[0].id == 7",
            "$response.body#/list/0/id == 7",
            "$response.body#/none == null",
            "$response.body#/absent == null",
            "$response.body#/name",
            "$response.body#/no == false",
            "$response.header.x-count == 12",
            "$response.header.x-count < 100",
            "true",
        ] {
            assert!(holds(text), "{text}");
        }
    }

    #[test]
    fn conditions_that_do_not_hold() {
        for text in [
            "$statusCode != 401",
            "$response.body#/no",
            "$response.body#/absent",
            "$response.body#/text == 5",
            "$response.body#/count == '5'",
            "$response.body#/absent > 1",
            "$response.body#/name < 5",
            "$statusCode == 401 && ($statusCode == 200 || false)",
        ] {
            assert!(!holds(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_condition_is_told_with_the_character() {
        for (text, at, message) in [
            ("", 1, "a value is missing here"),
            ("$statusCode ==", 15, "a value is missing here"),
            ("$statusCode = 200", 13, "the condition has ended here"),
            ("$statusCode == ok", 16, "`ok` is no value"),
            ("$status == 200", 2, "`$status` is no source"),
            ("1 == $status", 7, "`$status` is no source"),
            ("($statusCode == 200", 20, "`(` is never closed"),
            ("$statusCode == 'a", 16, "the text that begins here never ends"),
        ] {
            let fault = Condition::parse(text).expect_err(text);
            assert_eq!((fault.at, fault.message.as_str()), (at, message), "{text}");
        }
    }

    #[test]
    fn the_status_that_a_condition_asks_for_is_known() {
        let status = |text| Condition::parse(text).expect(text).status();
        assert_eq!(status("$response.body#/a == 1 && 201 == $statusCode"), Some(201));
        assert_eq!(status("$statusCode == 200 || $statusCode == 401"), None);
    }
}
