//! Values with expressions in them → values.

use serde_json::{Map, Value};

use super::spelling;
use crate::{
    exchange::expression::{Context, Expression, Malformed, Template},
    finding::Pointer,
};

/// A value as it was written, its expressions read.
#[derive(Debug, Clone)]
pub enum Written {
    /// What stands for itself.
    Plain(Value),
    /// A text, which may be or hold expressions.
    Text(Template),
    /// A list.
    Items(Vec<Written>),
    /// An object.
    Members(Vec<(String, Written)>),
}

impl Written {
    /// Reads a value that stands at `at`; what is wrong with its expressions is put into `faults`, each with its place.
    pub(super) fn read(value: &Value, at: &Pointer, faults: &mut Vec<(Pointer, Malformed)>) -> Self {
        match value {
            Value::String(text) => match spelling::template(text) {
                Ok(template) => Self::Text(template),
                Err(fault) => {
                    faults.push((at.clone(), fault));
                    Self::Plain(value.clone())
                }
            },
            Value::Array(items) => {
                let items = items.iter().enumerate();
                Self::Items(items.map(|(index, item)| Self::read(item, &at.join(index), faults)).collect())
            }
            Value::Object(members) => {
                let members = members.iter();
                let read =
                    members.map(|(key, member)| (key.clone(), Self::read(member, &at.join(key), faults)));
                Self::Members(read.collect())
            }
            _ => Self::Plain(value.clone()),
        }
    }

    /// The value.
    ///
    /// # Errors
    /// The first expression that has no value.
    pub fn value(&self, context: &impl Context) -> Result<Value, &Expression> {
        Ok(match self {
            Self::Plain(value) => value.clone(),
            Self::Text(template) => template.value(context)?.into_owned(),
            Self::Items(items) => {
                items.iter().map(|item| item.value(context)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Self::Members(members) => {
                let values = members.iter().map(|(key, member)| Ok((key.clone(), member.value(context)?)));
                Value::Object(values.collect::<Result<Map<_, _>, _>>()?)
            }
        })
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(template) => template.expressions().collect(),
            Self::Items(items) => items.iter().flat_map(Self::expressions).collect(),
            Self::Members(members) => members.iter().flat_map(|(_, member)| member.expressions()).collect(),
        }
    }
}
