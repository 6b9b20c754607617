//! Names with the texts that were sent under them: header fields, query parameters, fields of forms.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Node, Reader, description, text};

/// One name and its text.
#[derive(Debug, Clone)]
pub(super) struct Given<'d> {
    pub(super) name: String,
    /// The text, the variables of the collection in it resolved.
    pub(super) text: String,
    /// Whether it is sent, and not only kept for another time.
    pub(super) is_sent: bool,
    pub(super) description: String,
    pub(super) node: Node<'d>,
}

/// How a list stands in one text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// `Name: value`, one a line.
    Lines,
    /// `name=value&name=value`.
    Query,
}

impl Form {
    fn pairs(self, text: &str) -> Vec<(String, String)> {
        let split = match self {
            Self::Lines => |pair: &str| {
                let (name, value) = pair.split_once(':')?;
                Some((name.trim().to_owned(), value.trim().to_owned()))
            },
            Self::Query => |pair: &str| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                Some((decoded(name), decoded(value)))
            },
        };
        let separators: &[char] = match self {
            Self::Lines => &['\n', '\r'],
            Self::Query => &['&'],
        };
        text.split(separators).filter_map(split).filter(|(name, _)| !name.is_empty()).collect()
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

impl Reader {
    /// What a member lists, be it a list or one text.
    pub(super) fn given<'d>(&self, node: Option<Node<'d>>, form: Form) -> Vec<Given<'d>> {
        let Some(node) = node else { return Vec::new() };
        match node.value() {
            Value::String(text) => self.pairs(text, form, &node),
            Value::Array(_) => node.as_is().into_iter().flat_map(|item| self.one(item, form)).collect(),
            _ => Vec::new(),
        }
    }

    /// The pairs that a text holds.
    pub(super) fn pairs<'d>(&self, text: &str, form: Form, node: &Node<'d>) -> Vec<Given<'d>> {
        let given = |(name, text): (String, String)| Given {
            name: self.variables.resolved(&name),
            text: self.variables.resolved(&text),
            is_sent: true,
            description: String::new(),
            node: node.clone(),
        };
        form.pairs(text).into_iter().map(given).collect()
    }

    fn one<'d>(&self, node: Node<'d>, form: Form) -> Vec<Given<'d>> {
        if let Some(text) = node.value().as_str() {
            return self.pairs(text, form, &node);
        }
        // A row without a name is what Postman keeps of one that was never filled in.
        // Of variables the name may stand as `id`.
        let key = if node.raw("key").is_some() { "key" } else { "id" };
        let Some(name) = text(&node, key).filter(|name| !name.is_empty()) else { return Vec::new() };
        vec![Given {
            name: self.variables.resolved(&name),
            text: self.variables.resolved(&text(&node, "value").unwrap_or_default()),
            is_sent: !node.is_set("disabled"),
            description: description(&node),
            node,
        }]
    }
}
