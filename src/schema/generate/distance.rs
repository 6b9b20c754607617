//! How far is a value from a schema? An estimate that orders the branches which a broken value may be repaired towards.
//!
//! It adds up what would have to change, over the same steps that the judge follows; a value that names another kind (a
//! `const` or `enum` that it breaks) is farther than one that lacks a property. Start at [`Judge::distance`].

use serde_json::{Map, Value};

use super::{
    facets::{Arrays, Facets, Objects, Types, is_among},
    judge::{DEEPEST, Judge, member_nodes},
    near,
    node::{Node, Step},
};

/// How many schemas are looked at to order the branches of one fork.
pub(super) const BUDGET: u32 = 20_000;
/// No value satisfies the schema at all.
const HOPELESS: u32 = 10_000;
const OTHER_TYPE: u32 = 40;
/// A type that the value can be read as, such as that of 5 where it is `"5"`.
const OTHER_READING: u32 = 3;
pub(super) const NOT_LISTED: u32 = 20;
const UNKNOWN_NAME: u32 = 4;
const MISSING: u32 = 2;

impl<'a> Judge<'_, 'a> {
    /// What would have to change about `value` so that it satisfied `node`, roughly; zero where it does.
    pub(super) fn distance(&mut self, node: &Node<'a>, value: &Value, budget: &mut u32) -> u32 {
        let Some(left) = budget.checked_sub(1).filter(|_| self.depth <= DEEPEST) else { return 0 };
        *budget = left;
        self.depth += 1;
        let distance = match node.step(self.files) {
            Step::Nothing => HOPELESS,
            Step::Leaf(facets) => self.facets_distance(&facets, value, budget),
            Step::All(nodes) => self.sum(&nodes, value, budget),
            Step::Any(nodes) | Step::One(nodes) => {
                nodes.iter().map(|node| self.distance(node, value, budget)).min().unwrap_or(HOPELESS)
            }
            Step::Not(node) => {
                if self.accepts(&node, value) {
                    MISSING
                } else {
                    0
                }
            }
            Step::Jump { to, .. } => self.distance(&to, value, budget),
        };
        self.depth -= 1;
        distance
    }

    fn sum(&mut self, nodes: &[Node<'a>], value: &Value, budget: &mut u32) -> u32 {
        nodes.iter().fold(0, |sum: u32, node| sum.saturating_add(self.distance(node, value, budget)))
    }

    fn facets_distance(&mut self, facets: &Facets<'a>, value: &Value, budget: &mut u32) -> u32 {
        if facets.is_empty() {
            return HOPELESS;
        }
        if !facets.types.meets(Types::of(value)) {
            return of_other_type(value, facets.types);
        }
        if facets.values.as_ref().is_some_and(|values| !is_among(value, values)) {
            return NOT_LISTED;
        }
        let inside = match value {
            Value::Array(items) => self.array_distance(&facets.array, items, budget),
            Value::Object(members) => self.object_distance(&facets.object, members, budget),
            _ => u32::from(!self.fits_inside(facets, value)),
        };
        let barred = facets.barred.iter().filter(|node| self.accepts(node, value)).count();
        inside.saturating_add(u32::try_from(barred).unwrap_or(u32::MAX))
    }

    fn array_distance(&mut self, arrays: &Arrays<'a>, items: &[Value], budget: &mut u32) -> u32 {
        let length = items.len() as u64;
        let bounds = length < arrays.min || arrays.max.is_some_and(|max| length > max);
        items.iter().enumerate().fold(u32::from(bounds), |sum, (index, item)| {
            let nodes = arrays.layers.iter().filter_map(|layer| layer.at(index));
            nodes.fold(sum, |sum, node| sum.saturating_add(self.distance(node, item, budget)))
        })
    }

    fn object_distance(
        &mut self,
        objects: &Objects<'a>,
        members: &Map<String, Value>,
        budget: &mut u32,
    ) -> u32 {
        let missing = objects.required.iter().filter(|name| !members.contains_key(*name)).count();
        let start = u32::try_from(missing).unwrap_or(u32::MAX).saturating_mul(MISSING);
        members.iter().fold(start, |sum, (name, member)| {
            let nodes = member_nodes(objects, name, self.tests);
            if nodes.iter().any(|node| node.is_nothing()) {
                return sum.saturating_add(UNKNOWN_NAME);
            }
            nodes.into_iter().fold(sum, |sum, node| sum.saturating_add(self.distance(node, member, budget)))
        })
    }
}

/// What it costs to make another type of a value: the more it holds, the more is lost.
fn of_other_type(value: &Value, types: Types) -> u32 {
    let held = match value {
        // A null that may not be there stands for what is absent.
        Value::Null => return MISSING,
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ if near::readings(value).iter().any(|reading| types.meets(Types::of(reading))) => {
            return OTHER_READING;
        }
        _ => 0,
    };
    OTHER_TYPE.saturating_mul(u32::try_from(held).unwrap_or(u32::MAX).saturating_add(1))
}
