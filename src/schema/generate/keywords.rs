//! A schema as written → the [`Step`] it asks for, keyword by keyword.
//!
//! It is read only where there is no normal form. `unevaluatedProperties` and `unevaluatedItems` are taken for the plain
//! keywords beside everything that the schema may evaluate: close enough to make candidates, which are judged later.

use std::sync::Arc;

use serde_json::{Map, Number, Value};

use super::{
    facets::{Arrays, Bound, Contains, Facets, Items, Members, Numbers, Objects, Texts, Types},
    node::{Files, Node, Place, Step},
    normal::count,
};
use crate::schema::written;

/// What the schema at `place` asks for.
pub(super) fn step<'a>(place: Place<'a>, files: Files<'a>) -> Step<'a> {
    let keywords = match place.schema {
        Value::Bool(false) => return Step::Nothing,
        Value::Object(keywords) => keywords,
        _ => return leaf(Facets::of(Types::ALL)),
    };
    let reader = Reader { place, keywords, files };
    let mut parts = vec![Node::made(leaf(reader.facets()))];
    parts.extend(reader.references());
    parts.extend(reader.branches());
    parts.extend(reader.conditions());
    parts.extend(reader.dependents());
    Step::All(parts)
}

fn leaf(facets: Facets<'_>) -> Step<'_> {
    Step::Leaf(Box::new(facets))
}

struct Reader<'a> {
    place: Place<'a>,
    keywords: &'a Map<String, Value>,
    files: Files<'a>,
}

impl<'a> Reader<'a> {
    fn node(&self, schema: &'a Value) -> Node<'a> {
        let file = self.place.file;
        Node::Written(Place { file, schema })
    }

    fn sub(&self, keyword: &str) -> Option<Node<'a>> {
        self.keywords.get(keyword).map(|schema| self.node(schema))
    }

    fn list(&self, keyword: &str) -> Vec<Node<'a>> {
        let schemas = self.keywords.get(keyword).and_then(Value::as_array);
        schemas.into_iter().flatten().map(|schema| self.node(schema)).collect()
    }

    fn members(&self, keyword: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let members = self.keywords.get(keyword).and_then(Value::as_object);
        members.into_iter().flatten()
    }

    fn texts(&self, keyword: &str) -> Vec<String> {
        strings(self.keywords.get(keyword))
    }

    fn number(&self, keyword: &str) -> Option<&'a Number> {
        self.keywords.get(keyword)?.as_number()
    }

    fn count(&self, keyword: &str) -> Option<u64> {
        count(self.number(keyword))
    }

    fn is_set(&self, keyword: &str) -> bool {
        self.keywords.get(keyword) == Some(&Value::Bool(true))
    }

    fn references(&self) -> Vec<Node<'a>> {
        let mut jumps = Vec::new();
        for keyword in ["$ref", "$dynamicRef"] {
            let Some(reference) = self.keywords.get(keyword).and_then(Value::as_str) else {
                continue;
            };
            if let Some(place) = self.files.follow(self.place.file, reference) {
                let key = format!("{}#{:p}", place.file, place.schema);
                let to = Node::Written(place);
                jumps.push(Node::made(Step::Jump {
                    name: written::last_token(reference),
                    key,
                    to,
                    place: Some(place),
                }));
            }
        }
        jumps
    }

    fn branches(&self) -> Vec<Node<'a>> {
        let mut parts = self.list("allOf");
        if self.keywords.contains_key("anyOf") {
            parts.push(Node::made(Step::Any(self.list("anyOf"))));
        }
        if self.keywords.contains_key("oneOf") {
            parts.push(Node::made(Step::One(self.list("oneOf"))));
        }
        parts.extend(self.sub("not").map(Node::not));
        parts
    }

    fn conditions(&self) -> Option<Node<'a>> {
        let condition = self.sub("if")?;
        let mut holds = vec![condition.clone()];
        holds.extend(self.sub("then"));
        let mut fails = vec![Node::not(condition)];
        fails.extend(self.sub("else"));
        let cases = vec![Node::made(Step::All(holds)), Node::made(Step::All(fails))];
        Some(Node::made(Step::Any(cases)))
    }

    fn dependents(&self) -> Vec<Node<'a>> {
        let mut parts = Vec::new();
        for (name, names) in self.members("dependentRequired") {
            parts.push(unless_present(name, requiring(strings(Some(names)))));
        }
        for (name, schema) in self.members("dependentSchemas") {
            parts.push(unless_present(name, self.node(schema)));
        }
        for (name, either) in self.members("dependencies") {
            let node = match either {
                Value::Array(_) => requiring(strings(Some(either))),
                schema => self.node(schema),
            };
            parts.push(unless_present(name, node));
        }
        parts
    }

    fn facets(&self) -> Facets<'a> {
        let mut facets = self.values();
        facets.number = self.numbers();
        facets.text = Texts {
            min: self.count("minLength").unwrap_or(0),
            max: self.count("maxLength"),
            patterns: self.keyword_text("pattern"),
            formats: self.keyword_text("format"),
            ..Texts::default()
        };
        facets.array = self.arrays();
        facets.object = self.objects();
        facets
    }

    fn keyword_text(&self, keyword: &str) -> Vec<String> {
        let text = self.keywords.get(keyword).and_then(Value::as_str);
        text.map(str::to_owned).into_iter().collect()
    }

    fn values(&self) -> Facets<'a> {
        let mut facets = Facets::of(self.types());
        if let Some(values) = self.keywords.get("enum").and_then(Value::as_array) {
            facets.meet(Facets::one_of(values.clone()));
        }
        if let Some(value) = self.keywords.get("const") {
            facets.meet(Facets::one_of(vec![value.clone()]));
        }
        facets
    }

    fn types(&self) -> Types {
        Types::written(self.keywords.get("type"))
    }

    fn numbers(&self) -> Numbers {
        let bound = |keyword: &str, open| self.number(keyword).map(|at| Bound { at: at.clone(), open });
        let both = |closed, open| bound(closed, false).into_iter().chain(bound(open, true)).collect();
        Numbers {
            low: both("minimum", "exclusiveMinimum"),
            high: both("maximum", "exclusiveMaximum"),
            steps: self.number("multipleOf").cloned().into_iter().collect(),
            barred_steps: Vec::new(),
        }
    }

    fn arrays(&self) -> Arrays<'a> {
        let mut layers = vec![Arc::new(Items { prefix: self.list("prefixItems"), rest: self.sub("items") })];
        if let (Some(rest), None) = (self.sub("unevaluatedItems"), self.sub("items")) {
            layers.push(Arc::new(Items {
                prefix: vec![Node::of_types(Types::ALL); self.evaluated_items()],
                rest: Some(rest),
            }));
        }
        Arrays {
            min: self.count("minItems").unwrap_or(0),
            max: self.count("maxItems"),
            unique: self.is_set("uniqueItems"),
            repeated: false,
            layers,
            contains: self.contains().into_iter().collect(),
        }
    }

    fn contains(&self) -> Option<Contains<'a>> {
        Some(Contains {
            node: self.sub("contains")?,
            min: self.count("minContains").unwrap_or(1),
            max: self.count("maxContains"),
        })
    }

    fn objects(&self) -> Objects<'a> {
        let nodes = |keyword| self.members(keyword).map(|(name, schema)| (name.clone(), self.node(schema)));
        let mut layers = vec![Arc::new(Members {
            named: nodes("properties").collect(),
            patterns: nodes("patternProperties").collect(),
            rest: self.sub("additionalProperties"),
        })];
        if let (Some(rest), None) = (self.sub("unevaluatedProperties"), self.sub("additionalProperties")) {
            layers.push(Arc::new(self.evaluated_members(rest)));
        }
        Objects {
            min: self.count("minProperties").unwrap_or(0),
            max: self.count("maxProperties"),
            required: self.texts("required"),
            names: self.sub("propertyNames").into_iter().collect(),
            layers,
            broken: Vec::new(),
        }
    }

    fn evaluated_items(&self) -> usize {
        let places = written::spread(&[self.place], self.files, written::Reach::Possible);
        let lengths = places.iter().filter_map(|place| place.schema.get("prefixItems")?.as_array());
        lengths.map(Vec::len).max().unwrap_or(0)
    }

    fn evaluated_members(&self, rest: Node<'a>) -> Members<'a> {
        let anything = Node::of_types(Types::ALL);
        let places = written::spread(&[self.place], self.files, written::Reach::Possible);
        let names = |keyword: &'static str| {
            let found = places.iter().filter_map(move |place| place.schema.get(keyword)?.as_object());
            found.flat_map(Map::keys).cloned().collect::<Vec<String>>()
        };
        Members {
            named: names("properties").into_iter().map(|name| (name, anything.clone())).collect(),
            patterns: names("patternProperties").into_iter().map(|name| (name, anything.clone())).collect(),
            rest: Some(rest),
        }
    }
}

fn strings(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Either the property is absent, or the node holds.
fn unless_present<'a>(name: &str, node: Node<'a>) -> Node<'a> {
    let mut absent = Facets::of(Types::ALL);
    absent.object.layers.push(Arc::new(Members {
        named: [(name.to_owned(), Node::made(Step::Nothing))].into_iter().collect(),
        ..Members::default()
    }));
    Node::made(Step::Any(vec![Node::made(leaf(absent)), node]))
}

fn requiring<'a>(required: Vec<String>) -> Node<'a> {
    let mut facets = Facets::of(Types::ALL);
    facets.object.required = required;
    Node::made(leaf(facets))
}
