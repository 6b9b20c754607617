//! A text with expressions in it ↔ its pieces (OAS 3.1, section 4.8.20.4: embedded in braces, as in `{$url}/done`).

use std::{borrow::Cow, fmt};

use serde_json::Value;

use super::{Context, Expression, Grammar, Malformed};

/// A text that is an expression, or holds some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// All of it is one expression, whose value keeps its type.
    Whole(Expression),
    /// Texts, and expressions in braces.
    Mixed(Vec<Piece>),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// What stands for itself; two never stand side by side.
    Text(String),
    /// What stands for its value.
    Expression(Expression),
}

impl Template {
    /// Reads a text: what begins with `$` is an expression, as is what stands between `{$` and the next `}`.
    ///
    /// ```
    /// use standin::exchange::expression::{Grammar, Template};
    ///
    /// let text = "{$request.body#/url}/done?id={$response.header.id}";
    /// let template = Template::parse(text, Grammar::OpenApi).expect("its expressions are right");
    /// assert_eq!(template.expressions().count(), 2);
    /// assert_eq!(template.to_string(), text);
    /// ```
    ///
    /// # Errors
    /// [`Malformed`] where an expression in it is none, counted from the start of the text.
    pub fn parse(text: &str, grammar: Grammar) -> Result<Self, Malformed> {
        if text.starts_with('$') {
            return Expression::parse(text, grammar).map(Self::Whole);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{$") {
            let start = text.chars().count() - after.chars().count();
            let Some((inner, following)) = after.split_once('}') else {
                let message = "the brace that opens an expression is never closed".to_owned();
                return Err(Malformed { at: start - 1, message, help: "write `}` after it".to_owned() });
            };
            let read = Expression::parse(&format!("${inner}"), grammar);
            let expression = read.map_err(|fault| Malformed { at: fault.at + start - 1, ..fault })?;
            pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
            pieces.push(Piece::Expression(expression));
            rest = following;
        }
        pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
        Ok(Self::Mixed(pieces))
    }

    /// The expressions in it, in order.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let (whole, pieces) = match self {
            Self::Whole(expression) => (Some(expression), [].as_slice()),
            Self::Mixed(pieces) => (None, pieces.as_slice()),
        };
        let embedded = pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Expression(expression) => Some(expression),
        });
        whole.into_iter().chain(embedded)
    }

    /// Its value: that of the expression which it is, else a text.
    ///
    /// # Errors
    /// The first expression that has no value.
    pub fn value<'c>(&self, context: &'c impl Context) -> Result<Cow<'c, Value>, &Expression> {
        match self {
            Self::Whole(expression) => expression.evaluate(context).ok_or(expression),
            Self::Mixed(_) => self.fill(context, |_, value| value).map(|text| Cow::Owned(text.into())),
        }
    }

    /// Its text, where `write` says how a value is written after the text that is there already. Values that are no texts
    /// are written as JSON first.
    ///
    /// # Errors
    /// The first expression that has no value.
    pub fn fill(
        &self,
        context: &impl Context,
        write: impl Fn(&str, String) -> String,
    ) -> Result<String, &Expression> {
        let text = |expression| match Expression::evaluate(expression, context).as_deref() {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(value) => Ok(value.to_string()),
            None => Err(expression),
        };
        let mut filled = String::new();
        match self {
            Self::Whole(expression) => filled = write("", text(expression)?),
            Self::Mixed(pieces) => {
                for piece in pieces {
                    let next = match piece {
                        Piece::Text(text) => text.clone(),
                        Piece::Expression(expression) => write(&filled, text(expression)?),
                    };
                    filled.push_str(&next);
                }
            }
        }
        Ok(filled)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(expression) => write!(f, "{expression}"),
            Self::Mixed(pieces) => pieces.iter().try_for_each(|piece| match piece {
                Piece::Text(text) => f.write_str(text),
                Piece::Expression(expression) => write!(f, "{{{expression}}}"),
            }),
        }
    }
}
