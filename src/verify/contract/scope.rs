//! What the expressions of a workflow are at one moment of its run.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{
    contract::Contract,
    exchange::expression::{Context, Exchange, Root, Source, Template},
};

/// Everything that an expression can name.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) contract: &'s Contract,
    pub(super) inputs: &'s Map<String, Value>,
    pub(super) steps: &'s Map<String, Value>,
    pub(super) workflows: &'s Map<String, Value>,
    /// What the workflow gave that the step called.
    pub(super) outputs: Option<&'s Map<String, Value>>,
    pub(super) exchange: Option<&'s Exchange<'s>>,
}

impl Scope<'_> {
    /// The values of outputs; those that have none are left out.
    pub(super) fn all(&self, outputs: &[(String, Template)]) -> Map<String, Value> {
        let values = outputs
            .iter()
            .filter_map(|(name, template)| Some((name.clone(), template.value(self).ok()?.into_owned())));
        values.collect()
    }

    fn source(&self, name: &str) -> Option<Value> {
        let named = self.contract.sources.iter().map(|source| {
            (source.name.clone(), json!({"name": source.name, "url": source.url, "type": "openapi"}))
        });
        member(&named.collect(), name).cloned()
    }
}

impl Context for Scope<'_> {
    fn value(&self, source: &Source) -> Option<Cow<'_, Value>> {
        let Source::Named(root, name) = source else { return self.exchange?.value(source) };
        match root {
            Root::Inputs => member(self.inputs, name).map(Cow::Borrowed),
            Root::Steps => member(self.steps, name).map(Cow::Borrowed),
            Root::Workflows => member(self.workflows, name).map(Cow::Borrowed),
            Root::Outputs => member(self.outputs?, name).map(Cow::Borrowed),
            Root::SourceDescriptions => self.source(name).map(Cow::Owned),
            Root::Components => {
                let components = self.contract.document.root().get("components")?;
                member(components.value().as_object()?, name).map(Cow::Borrowed)
            }
        }
    }
}

/// What stands under a name whose dots are steps, or parts of names: the longest name wins.
fn member<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let rest = |key: &str| name.strip_prefix(key).filter(|rest| rest.is_empty() || rest.starts_with('.'));
    let fitting = members.iter().filter_map(|(key, value)| Some((key, value, rest(key)?)));
    let (_, value, rest) = fitting.max_by_key(|(key, ..)| key.len())?;
    match (value, rest.strip_prefix('.')) {
        (value, None) => Some(value),
        (Value::Object(inner), Some(rest)) => member(inner, rest),
        (Value::Array(items), Some(rest)) => items.get(rest.parse::<usize>().ok()?),
        _ => None,
    }
}
