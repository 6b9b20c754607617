//! An operation → a target that means it: its path with values in the place of the templates, and the query it needs.
//!
//! Values are the parameters' examples, else made by their schemas. Read [`Plan::target`] first.

use super::{Address, Plan};
use crate::{
    api::{Operation, Parameter},
    exchange::Request,
    finding::{Finding, Location, Part},
    schema::Dice,
    wire::{self, Spelled},
};

/// How often values are made anew where the first ones mean another operation, or cannot be written.
const ATTEMPTS: usize = 8;

/// Where values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Values {
    Examples,
    Generated,
}

impl Plan {
    /// A path and query that mean an operation and are right: `/pets/7?limit=10`; `None` where none is found.
    pub fn target(&self, address: Address, dice: &mut Dice) -> Option<String> {
        let operation = self.apis.get(address.api)?.operations.get(address.operation)?;
        (0..ATTEMPTS).find_map(|attempt| {
            let values = if attempt == 0 { Values::Examples } else { Values::Generated };
            let target = format!("{}{}", self.prefix(), written(operation, values, dice)?);
            self.is_right(address, operation, &target).then_some(target)
        })
    }

    fn is_right(&self, address: Address, operation: &Operation, target: &str) -> bool {
        let request = Request::new(operation.method.clone(), target);
        let Some(route) = self.route(&request).ok().filter(|route| route.address == address) else {
            return false;
        };
        let is_of_target =
            |finding: &Finding| matches!(finding.location, Location::Request(Part::Path | Part::Query, _));
        !route.check(&request).findings.iter().any(is_of_target)
    }
}

fn written(operation: &Operation, values: Values, dice: &mut Dice) -> Option<String> {
    let mut path = String::new();
    let mut parts = operation.path.split('{');
    path.push_str(parts.next()?);
    for part in parts {
        let (name, after) = part.split_once('}')?;
        path.push_str(&segment(operation, name, values, dice)?);
        path.push_str(after);
    }
    let needed = operation
        .parameters
        .iter()
        .filter(|parameter| parameter.part == Part::Query && parameter.is_required);
    let query: Option<Vec<String>> =
        needed.map(|parameter| Some(spelled(parameter, values, dice)?.text())).collect();
    let query = query?.join("&");
    Some(if query.is_empty() { path } else { format!("{path}?{query}") })
}

/// The text of a template; of one that no parameter declares, any will do.
fn segment(operation: &Operation, name: &str, values: Values, dice: &mut Dice) -> Option<String> {
    let mut parameters = operation.parameters.iter();
    match parameters.find(|parameter| parameter.part == Part::Path && parameter.name == name) {
        Some(parameter) => Some(spelled(parameter, values, dice)?.text()),
        None => Some("1".to_owned()),
    }
}

fn spelled(parameter: &Parameter, values: Values, dice: &mut Dice) -> Option<Spelled> {
    let write = |value: &serde_json::Value| wire::write_parameter(parameter, value).ok();
    let example = parameter.examples.iter().filter(|_| values == Values::Examples);
    let example = example.map(|example| &example.value).find_map(|value| write(value));
    example.or_else(|| match &parameter.schema {
        Some(schema) => (0..ATTEMPTS).find_map(|_| write(&schema.generate(dice)?)),
        None => write(&"1".into()),
    })
}
