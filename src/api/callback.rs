//! The callbacks of an operation (OAS 3.1, section 4.8.18): requests that the provider sends because of one it got.
//!
//! A callback is an operation whose messages go the other way: what it takes is made here and what it answers is received,
//! so its schemas are read so. Read `Reader::callbacks` first.

use std::sync::Arc;

use super::{
    Operation,
    read::{Reader, methods},
};
use crate::{
    document::Node,
    exchange::expression::{Grammar, Malformed, Piece, Template},
    finding::{Code, Finding},
};

/// A request that is sent to a URL which an exchange holds.
#[derive(Debug)]
pub struct Callback {
    /// Its name.
    pub name: String,
    /// The URL that it is sent to.
    pub url: Template,
    /// What is sent there, and what may be answered; its path is the URL as it was written.
    pub operation: Operation,
}

impl Callback {
    /// Reads the URL of a callback. A brace has no place in a URL, so one that begins no expression was meant to.
    ///
    /// # Errors
    /// [`Malformed`] where it is none.
    pub fn url(text: &str) -> Result<Template, Malformed> {
        let template = Template::parse(text, Grammar::OpenApi)?;
        let Template::Mixed(pieces) = &template else { return Ok(template) };
        let mut seen = 0;
        for piece in pieces {
            match piece {
                Piece::Text(literal) => {
                    if let Some(at) = literal.chars().position(|character| matches!(character, '{' | '}')) {
                        let message = "a brace stands here that belongs to no expression".to_owned();
                        let help = "an expression in a text is written as in `{$request.body#/url}`";
                        return Err(Malformed { at: seen + at + 1, message, help: help.to_owned() });
                    }
                    seen += literal.chars().count();
                }
                Piece::Expression(expression) => seen += expression.to_string().chars().count() + 2,
            }
        }
        Ok(template)
    }
}

/// The finding that a malformed expression amounts to, at the place where it stands.
pub fn expression_fault(node: &Node<'_>, text: &str, fault: &Malformed) -> Finding {
    node.error(Code::InvalidExpression, format!("`{text}`: {fault}")).help(fault.help.as_str())
}

impl Reader {
    /// The callbacks of an operation, in the document's order; of one whose URL cannot be read, a finding.
    pub(super) fn callbacks(&mut self, operation: &Node<'_>) -> Vec<Arc<Callback>> {
        self.direction = self.direction.turned();
        let mut callbacks = Vec::new();
        for (name, node) in operation.get("callbacks").iter().flat_map(Node::entries) {
            for (text, item) in node.entries().filter(|(text, _)| !text.starts_with("x-")) {
                match Callback::url(text) {
                    Ok(url) => callbacks.extend(self.callbacks_to(name, &url, text, &item)),
                    Err(fault) => {
                        let at = node.raw(text).unwrap_or(item);
                        self.findings.push(expression_fault(&at, text, &fault));
                    }
                }
            }
        }
        self.direction = self.direction.turned();
        callbacks
    }

    fn callbacks_to(
        &mut self,
        name: &str,
        url: &Template,
        text: &str,
        item: &Node<'_>,
    ) -> Vec<Arc<Callback>> {
        let callback = |(method, node)| {
            let operation = self.operation(method, text, item, &node);
            let operation = Operation { path: text.to_owned(), ..operation };
            Arc::new(Callback { name: name.to_owned(), url: url.clone(), operation })
        };
        methods(item).into_iter().map(callback).collect()
    }
}
