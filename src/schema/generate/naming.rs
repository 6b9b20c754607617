//! Does each discriminator in a value name what the value is? And a value in which each does.
//!
//! Validators ignore discriminators, so this narrows what is already valid. The walk follows the schema as written, since
//! the normal form has lost them; which branches are taken is asked of the judge, whether a value satisfies what it names
//! of the validator. Start at [`misnames`] and [`named`].

use serde_json::{Value, json};

use super::{
    Origin, Tests,
    discriminator::{Branch, Discriminator, Discriminators},
    facets::{Facets, Members, Types},
    judge::Judge,
    like::{Aim, Like},
    node::{Files, Node, Place, Step},
};
use crate::{
    finding::Pointer,
    schema::{
        Dice, Schema, Violation,
        written::{Reach, below, spread},
    },
};

/// How deep into a value discriminators are looked for.
const DEEPEST: u32 = 64;
/// In how many parts of a value, at most.
const WIDEST: u32 = 5_000;
/// How many discriminators of one value are set right.
const ROUNDS: usize = 24;

/// The first discriminator in `value` that names no branch, or one that its object does not satisfy.
pub(in crate::schema) fn misnames(schema: &Schema, value: &Value) -> Option<Violation> {
    let sites = sites(schema, value);
    sites.iter().find_map(|site| {
        let fault = site.fault(schema, value.pointer(site.at.as_str())?)?;
        fault.is_told.then(|| site.violation(fault.message))
    })
}

/// The value with its discriminators set right, as far as it stays valid.
pub(super) fn named(schema: &Schema, mut value: Value, dice: &mut Dice) -> Value {
    if schema.library().discriminators().is_empty() {
        return value;
    }
    let mut seen: Vec<Pointer> = Vec::new();
    for _ in 0..ROUNDS {
        let sites = sites(schema, &value);
        let fault = sites.iter().filter(|site| !seen.contains(&site.at)).find_map(|site| {
            let part = value.pointer(site.at.as_str())?;
            site.fault(schema, part)?;
            Some((site, part.clone()))
        });
        let Some((site, part)) = fault else { break };
        seen.push(site.at.clone());
        let better = site.named(schema, &part, dice, |part| {
            let mut whole = value.clone();
            *whole.pointer_mut(site.at.as_str())? = part;
            schema.is_valid(&whole).then_some(whole)
        });
        value = better.unwrap_or(value);
    }
    value
}

/// A place in a value where a discriminator speaks.
struct Site<'a> {
    at: Pointer,
    discriminator: &'a Discriminator,
    /// The branches that may be named there.
    allowed: Vec<&'a Branch>,
}

/// What is wrong about a name.
struct Fault {
    message: String,
    /// Whether it breaks what the discriminator says; an absent name only leaves it unsaid.
    is_told: bool,
}

impl Site<'_> {
    /// What is wrong about the name in the object at the site.
    fn fault(&self, schema: &Schema, part: &Value) -> Option<Fault> {
        let property = &self.discriminator.property;
        let told = |message| Some(Fault { message, is_told: true });
        let name = part.get(property);
        let mut branches: Vec<&Branch> =
            name.and_then(Value::as_str).map(|text| self.branches(text).collect()).unwrap_or_default();
        if branches.is_empty() {
            branches.extend(self.discriminator.fallback());
        }
        let Some(first) = branches.first() else {
            return match name {
                None => Some(Fault { message: format!("`{property}` is absent"), is_told: false }),
                Some(name) => Some(Fault {
                    message: format!("the discriminator `{property}` is {name}, which names no schema"),
                    is_told: self.tells_apart(),
                }),
            };
        };
        if branches.iter().any(|branch| schema.library().accepts(&branch.place, part)) {
            return None;
        }
        let token = first.place.pointer.last().unwrap_or_default();
        told(format!("the discriminator `{property}` names `{token}`, which the object does not satisfy"))
    }

    fn branches(&self, name: &str) -> impl Iterator<Item = &Branch> {
        self.allowed.iter().copied().filter(move |branch| branch.names.iter().any(|other| other == name))
    }

    /// Whether there is more to name than the schema itself: who extends it elsewhere is not known here.
    fn tells_apart(&self) -> bool {
        self.allowed.iter().any(|branch| branch.place != self.discriminator.place)
    }

    fn violation(&self, message: String) -> Violation {
        let names: Vec<&String> = self.allowed.iter().filter_map(|branch| branch.names.first()).collect();
        Violation {
            keyword: "discriminator".to_owned(),
            instance: self.at.join(&self.discriminator.property),
            schema: (
                self.discriminator.place.file.to_string(),
                self.discriminator.place.pointer.join("discriminator"),
            ),
            rule: json!(names),
            message,
            missing: None,
        }
    }

    /// The first of these that the whole admits: the object under the name of a branch that it satisfies, or made to
    /// satisfy one. The branch that it names is tried first.
    fn named<T>(
        &self,
        schema: &Schema,
        part: &Value,
        dice: &mut Dice,
        admit: impl Fn(Value) -> Option<T>,
    ) -> Option<T> {
        let property = &self.discriminator.property;
        let mut branches = self.allowed.clone();
        // The schema that is extended is named only where nothing else can be.
        let last = branches.iter().filter(|branch| branch.place == self.discriminator.place).count();
        let first = branches.len() - last;
        if self.discriminator.is_inherited && first > 0 {
            branches[..first].rotate_left(usize::try_from(dice.below(first as u64)).unwrap_or(0));
        }
        let name = part.get(property).and_then(Value::as_str);
        branches.sort_by_key(|branch| !branch.names.iter().any(|other| Some(other.as_str()) == name));
        let library = schema.library();
        let as_it_is = |branch: &Branch| {
            branch.names.iter().find_map(|name| {
                let part = with(part, property, name)?;
                if library.accepts(&branch.place, &part) { admit(part) } else { None }
            })
        };
        let found =
            branches.iter().filter(|_| !self.discriminator.is_inherited).find_map(|branch| as_it_is(branch));
        found.or_else(|| {
            branches.iter().find_map(|branch| {
                as_it_is(branch).or_else(|| admit(made_to_satisfy(schema, branch, property, part, dice)?))
            })
        })
    }
}

fn with(part: &Value, property: &str, name: &str) -> Option<Value> {
    let mut part = part.clone();
    part.as_object_mut()?.insert(property.to_owned(), name.into());
    Some(part)
}

/// The object changed so that it satisfies the branch and names it.
fn made_to_satisfy(
    schema: &Schema,
    branch: &Branch,
    property: &str,
    part: &Value,
    dice: &mut Dice,
) -> Option<Value> {
    let library = schema.library();
    let files = Files(&library.files);
    let root = library.node(&branch.place.file, &branch.place.pointer)?;
    let place = Place { file: &branch.place.file, schema: root };
    branch.names.iter().find_map(|name| {
        let part = with(part, property, name)?;
        let node = Node::made(Step::All(vec![Node::Written(place), naming(property, name)]));
        let origin = Origin { node, place, files };
        let like = Like { value: &part, aim: Aim::Repair };
        let made =
            (0..3).find_map(|attempt| origin.attempt(Some(like), dice, attempt, &mut Tests::default()))?;
        library.accepts(&branch.place, &made).then_some(made)
    })
}

/// Objects in which the property is this name.
fn naming<'a>(property: &str, name: &str) -> Node<'a> {
    let is_name = Node::made(Step::Leaf(Box::new(Facets::one_of(vec![name.into()]))));
    let mut facets = Facets::of(Types::OBJECT);
    facets.object.required.push(property.to_owned());
    facets.object.layers.push(std::sync::Arc::new(Members {
        named: [(property.to_owned(), is_name)].into_iter().collect(),
        ..Members::default()
    }));
    Node::made(Step::Leaf(Box::new(facets)))
}

/// Every place in `value` where a discriminator speaks, outer ones first.
fn sites<'a>(schema: &'a Schema, value: &Value) -> Vec<Site<'a>> {
    let library = schema.library();
    let discriminators = library.discriminators();
    if discriminators.is_empty() {
        return Vec::new();
    }
    let (file, _) = schema.place();
    let mut walk = Walk {
        files: Files(&library.files),
        discriminators,
        tests: Tests::default(),
        found: Vec::new(),
        left: WIDEST,
    };
    walk.visit(&[Place { file, schema: schema.written() }], value, &Pointer::root(), 0);
    walk.found
}

struct Walk<'a> {
    files: Files<'a>,
    discriminators: &'a Discriminators,
    tests: Tests,
    found: Vec<Site<'a>>,
    left: u32,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, places: &[Place<'a>], value: &Value, at: &Pointer, depth: u32) {
        let is_scalar = !value.is_object() && !value.is_array();
        if places.is_empty() || is_scalar || depth > DEEPEST || self.left == 0 {
            return;
        }
        self.left -= 1;
        let here = self.taken(places, value);
        match value {
            Value::Object(members) => {
                for place in &here {
                    let Some(discriminator) = self.discriminators.get(place.schema) else { continue };
                    let allowed = discriminator.allowed(&here);
                    self.found.push(Site { at: at.clone(), discriminator, allowed });
                }
                for (name, member) in members {
                    let named = below(&here, |schema| schema.get("properties")?.get(name));
                    let rest = |schema: &'a Value| schema.get("additionalProperties");
                    let next = if named.is_empty() { below(&here, rest) } else { named };
                    self.visit(&next, member, &at.join(name), depth + 1);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let next = below(&here, |schema| {
                        let prefix = schema.get("prefixItems").and_then(|prefix| prefix.get(index));
                        prefix.or_else(|| schema.get("items"))
                    });
                    self.visit(&next, item, &at.join(index), depth + 1);
                }
            }
            _ => {}
        }
    }

    /// The schemas that apply in place, and of their branches those that the value satisfies.
    fn taken(&mut self, places: &[Place<'a>], value: &Value) -> Vec<Place<'a>> {
        let mut taken = spread(places, self.files, Reach::Certain);
        let mut next = 0;
        while let Some(place) = taken.get(next).copied() {
            next += 1;
            let lists =
                ["oneOf", "anyOf"].into_iter().filter_map(|keyword| place.schema.get(keyword)?.as_array());
            for schema in lists.flatten() {
                let branch = Place { file: place.file, schema };
                let mut judge = Judge { files: self.files, tests: &mut self.tests, depth: 0 };
                if judge.accepts(&Node::Written(branch), value) {
                    let known = |place: &Place<'a>| {
                        taken.iter().any(|other| std::ptr::eq(other.schema, place.schema))
                    };
                    let more: Vec<Place<'a>> = spread(&[branch], self.files, Reach::Certain)
                        .into_iter()
                        .filter(|place| !known(place))
                        .collect();
                    taken.extend(more);
                }
            }
        }
        taken
    }
}
