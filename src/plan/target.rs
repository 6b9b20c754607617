//! An operation → a target that means it: its path with values in the place of the templates, and the query it needs.
//!
//! Values are the parameters' examples, else made by their schemas. Read [`Plan::target`] first.

use super::{Address, Plan};
use crate::{
    api::{Operation, Parameter},
    exchange::Request,
    finding::Part,
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
        let template = format!("{}{}", self.prefix(), operation.path);
        let holder = self.route(&Request::new(operation.method.clone(), &template)).ok()?;
        // Where another operation has the same method and path, no value leads to this one.
        if holder.address != address {
            return None;
        }
        (0..ATTEMPTS).find_map(|attempt| {
            let values = if attempt == 0 { Values::Examples } else { Values::Generated };
            let segments = segments(operation, values, dice)?;
            let target = written(operation, &segments, values, dice)?;
            let target = format!("{}{target}", self.prefix());
            self.means(address, operation, &target, &segments).then_some(target)
        })
    }

    /// Whether a target means the operation, with these values in its path: values are right by themselves, but one may
    /// be the literal segment of another path, or hold the text that ends it.
    fn means(&self, address: Address, operation: &Operation, target: &str, segments: &[String]) -> bool {
        let request = Request::new(operation.method.clone(), target);
        self.route(&request).is_ok_and(|route| {
            route.address == address && route.path_values.iter().map(|(_, text)| text).eq(segments)
        })
    }
}

/// The texts in the place of the templates, in order.
fn segments(operation: &Operation, values: Values, dice: &mut Dice) -> Option<Vec<String>> {
    let names = operation.path.split('{').skip(1).map(|part| part.split_once('}').map(|(name, _)| name));
    names.map(|name| segment(operation, name?, values, dice)).collect()
}

fn written(operation: &Operation, segments: &[String], values: Values, dice: &mut Dice) -> Option<String> {
    let mut parts = operation.path.split('{');
    let mut path = parts.next()?.to_owned();
    for (part, segment) in parts.zip(segments) {
        path.push_str(segment);
        path.push_str(part.split_once('}')?.1);
    }
    let is_needed = |parameter: &&Parameter| parameter.part == Part::Query && parameter.is_required;
    let needed = operation.parameters.iter().filter(is_needed);
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
