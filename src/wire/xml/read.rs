//! A tree of elements → a value, by the shape of a schema.
//!
//! What the schema does not speak of is kept under its own local name, and text among elements under `#text`, so that
//! the schema can refuse it. What stands under the name of a property that is written otherwise is told and left out.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use super::{
    shape::{Field, Kind, Naming, Shape},
    tree::{Child, Element, Name, XML},
};
use crate::{
    finding::{Pointer, Trail},
    schema::{Schema, Types, Violation},
    wire::{Read, scalar::float},
};

/// The property under which a text is kept that stands beside elements or attributes.
pub(super) const TEXT: &str = "#text";

/// What a text is where it may be a string and something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    /// The something else.
    Types,
    /// The string.
    Texts,
    /// The string; null where it is empty.
    Nulls,
}

impl Prefer {
    /// Each way to read the texts of a document, the likeliest first.
    pub(super) const ALL: [Self; 3] = [Self::Types, Self::Texts, Self::Nulls];
}

/// The value of a document, and how it breaks the schema.
pub(super) fn root(shape: &Shape<'_>, root: &Element, schema: Option<&Schema>, prefer: Prefer) -> Read {
    let mut reader = Reader { prefer, strays: Vec::new() };
    if shape.naming == Naming::Declared && !shape.is_named(&root.name) {
        reader.told(
            &Trail::root(),
            format!("the root element is {}; expected {}", shown(&root.name), shown(shape.first_name())),
        );
    }
    let value = reader.value(shape, root, &Trail::root());
    let mut violations = Vec::new();
    if let Some(schema) = schema {
        violations.extend(reader.strays.into_iter().map(|stray| stray.of(schema)));
        violations.extend(schema.violations(&value));
    }
    Read { value, violations }
}

/// A name with its namespace, where it has one.
fn shown(name: &Name) -> String {
    match &name.namespace {
        Some(namespace) => format!("`<{}>` of the namespace `{namespace}`", name.local),
        None => format!("`<{}>`", name.local),
    }
}

/// An element or attribute that stands where the schema puts another one.
struct Stray {
    at: Pointer,
    message: String,
}

impl Stray {
    fn of(self, schema: &Schema) -> Violation {
        let (file, pointer) = schema.place();
        Violation {
            keyword: "xml".to_owned(),
            instance: self.at,
            schema: (file.to_owned(), pointer.clone()),
            rule: Value::Null,
            message: self.message,
            missing: None,
        }
    }
}

struct Reader {
    prefer: Prefer,
    strays: Vec<Stray>,
}

impl Reader {
    fn told(&mut self, at: &Trail<'_>, message: String) {
        self.strays.push(Stray { at: at.pointer(), message });
    }

    fn value(&mut self, shape: &Shape<'_>, element: &Element, at: &Trail<'_>) -> Value {
        if element.is_nil() {
            return Value::Null;
        }
        if shape.is_list() {
            return self.list(shape, element, at);
        }
        if is_object(shape, element) {
            return self.object(shape, element, at);
        }
        self.scalar(shape.types, &element.text())
    }

    /// The items in an element around them.
    fn list(&mut self, shape: &Shape<'_>, element: &Element, at: &Trail<'_>) -> Value {
        let text = element.text();
        if !text.trim().is_empty() {
            self.told(at, format!("the text `{}` stands among the items of a list", text.trim()));
        }
        for (name, _) in element.data().filter(|(name, _)| !name.is_in(XML)) {
            self.told(at, format!("the attribute `{}` stands on the element around a list", name.local));
        }
        let mut items = Vec::new();
        for element in element.elements() {
            let item = shape.item(items.len());
            let at = at.index(items.len());
            if item.naming == Naming::Declared && !item.is_named(&element.name) {
                self.told(
                    &at,
                    format!("an item is {}; expected {}", shown(&element.name), shown(item.first_name())),
                );
            }
            items.push(self.value(item, element, &at));
        }
        Value::Array(items)
    }

    fn object(&mut self, shape: &Shape<'_>, element: &Element, at: &Trail<'_>) -> Value {
        let mut members = Map::new();
        self.attributes(shape, element, at, &mut members);
        let fields = shape.fields();
        let mut found: IndexMap<usize, Vec<&Element>> = IndexMap::new();
        let mut others: IndexMap<&str, Vec<&Element>> = IndexMap::new();
        for child in element.elements() {
            let is_field =
                |field: &Field<'_>| field.shape.kind == Kind::Element && field.shape.is_of(&child.name);
            match fields.iter().position(is_field) {
                Some(field) => found.entry(field).or_default().push(child),
                None => others.entry(&child.name.local).or_default().push(child),
            }
        }
        for (number, field) in fields.iter().enumerate() {
            if let Some(value) = self.field(field, found.get(&number), element, at) {
                put(&mut members, &field.path, value);
            }
        }
        self.texts(shape, element, &mut members);
        for (name, elements) in others {
            if shape.has(name) {
                self.misplaced(shape, name, elements[0], at);
                continue;
            }
            let value = self.one_or_many(shape.other(), &elements, &at.key(name));
            members.entry(name).or_insert(value);
        }
        Value::Object(members)
    }

    /// An element that has the name of a property, which is written otherwise.
    fn misplaced(&mut self, shape: &Shape<'_>, name: &str, element: &Element, at: &Trail<'_>) {
        let field = shape.fields().iter().find(|field| field.path.first() == Some(&name));
        let Some(field) = field else { return };
        let own = &field.shape;
        let right = match own.kind {
            Kind::Attribute => format!("the attribute `{}`", own.first_name().local),
            Kind::Text | Kind::Cdata => "the text of its element".to_owned(),
            Kind::Hoisted => "what stands in its element".to_owned(),
            Kind::Element if own.is_list() && !own.is_wrapped => shown(own.item(0).first_name()),
            Kind::Element => shown(own.first_name()),
        };
        let message = format!("{} is not the property `{name}`; expected {right}", shown(&element.name));
        self.told(&at.key(name), message);
    }

    fn attributes(
        &mut self,
        shape: &Shape<'_>,
        element: &Element,
        at: &Trail<'_>,
        members: &mut Map<String, Value>,
    ) {
        for (name, text) in &element.attributes {
            let is_field =
                |field: &&Field<'_>| field.shape.kind == Kind::Attribute && field.shape.is_named(name);
            if let Some(field) = shape.fields().iter().find(is_field) {
                put(members, &field.path, self.text_of(&field.shape, text));
            } else if element.data().any(|(data, _)| data == name) && !name.is_in(XML) {
                if shape.has(&name.local) {
                    let message = format!("the attribute `{0}` is not the property `{0}`", name.local);
                    self.told(&at.key(&name.local), message);
                } else {
                    members.insert(name.local.clone(), self.scalar(shape.other().types, text));
                }
            }
        }
    }

    /// The value of a property that is in no attribute; `None` where it is absent.
    fn field(
        &mut self,
        field: &Field<'_>,
        found: Option<&Vec<&Element>>,
        element: &Element,
        at: &Trail<'_>,
    ) -> Option<Value> {
        let shape = &field.shape;
        let at = at.key(field.path.last()?);
        match (shape.kind, found) {
            (Kind::Element, Some(elements)) => Some(self.one_or_many(shape, elements, &at)),
            // No element says that a list has no items.
            (Kind::Element, None) => {
                (field.is_required && shape.is_list() && !shape.is_wrapped).then(|| Value::Array(Vec::new()))
            }
            (Kind::Text | Kind::Cdata, _) => {
                let text = element.text();
                let is_absent =
                    text.is_empty() || text.trim().is_empty() && element.elements().next().is_some();
                (field.is_required || !is_absent)
                    .then(|| self.text_of(shape, if is_absent { "" } else { &text }))
            }
            // An attribute has no way to say null but not to be there.
            (Kind::Attribute, _) => {
                let is_there = element.attributes.iter().any(|(name, _)| shape.is_named(name));
                let may_be_null = shape.types != Types::ALL && shape.types.meets(Types::NULL);
                (field.is_required && may_be_null && !is_there).then_some(Value::Null)
            }
            (Kind::Hoisted, _) => None,
        }
    }

    /// The value of the elements of one property.
    fn one_or_many(&mut self, shape: &Shape<'_>, elements: &[&Element], at: &Trail<'_>) -> Value {
        let is_repeated = shape.is_list() && !shape.is_wrapped;
        match elements {
            [element] if is_repeated && element.is_nil() => {
                let item = shape.item(0).types;
                let is_item =
                    item != Types::ALL && item.meets(Types::NULL) || !shape.types.meets(Types::NULL);
                if is_item { Value::Array(vec![Value::Null]) } else { Value::Null }
            }
            [element] if !is_repeated => self.value(shape, element, at),
            [element, again, ..] if shape.is_list() && shape.is_wrapped => {
                self.told(at, format!("{} stands twice; expected one around all items", shown(&again.name)));
                self.value(shape, element, at)
            }
            elements => {
                let items = elements.iter().enumerate();
                items
                    .map(|(index, element)| {
                        let item = if is_repeated || shape.types.meets(Types::ARRAY) {
                            shape.item(index)
                        } else {
                            shape
                        };
                        self.value(item, element, &at.index(index))
                    })
                    .collect()
            }
        }
    }

    /// The text that stands beside what the schema speaks of.
    fn texts(&self, shape: &Shape<'_>, element: &Element, members: &mut Map<String, Value>) {
        let is_text = |field: &Field<'_>| matches!(field.shape.kind, Kind::Text | Kind::Cdata);
        let texts = element.children.iter().filter(|child| !matches!(child, Child::Element(_))).count();
        let text =
            if texts == 0 || shape.fields().iter().any(is_text) { String::new() } else { element.text() };
        if !text.trim().is_empty() {
            members.insert(TEXT.to_owned(), self.scalar(shape.other().types, &text));
        }
    }

    /// The value of an attribute or of the text of an element; a list is written with spaces between its items.
    fn text_of(&self, shape: &Shape<'_>, text: &str) -> Value {
        if shape.is_list() {
            let items = text.split_whitespace().enumerate();
            return items.map(|(index, text)| self.scalar(shape.item(index).types, text)).collect();
        }
        self.scalar(shape.types, text)
    }

    /// What a text means as one of the types; the text itself where it means none.
    fn scalar(&self, types: Types, text: &str) -> Value {
        let as_text = || Value::String(text.to_owned());
        let may_be_text = types.meets(Types::STRING);
        let is_null =
            types.meets(Types::NULL) && if may_be_text { text.is_empty() } else { text.trim().is_empty() };
        if types == Types::ALL {
            return as_text();
        }
        match self.prefer {
            _ if is_null && (!may_be_text || self.prefer == Prefer::Nulls) => return Value::Null,
            Prefer::Texts | Prefer::Nulls if may_be_text => return as_text(),
            _ => {}
        }
        let trimmed = text.trim();
        let boolean = match trimmed {
            "true" => Some(true),
            "false" => Some(false),
            "1" if !types.meets(Types::NUMBER) => Some(true),
            "0" if !types.meets(Types::NUMBER) => Some(false),
            _ => None,
        };
        let boolean = boolean.filter(|_| types.meets(Types::BOOLEAN)).map(Value::Bool);
        let number = || number(trimmed).filter(|_| types.meets(Types::NUMBER)).map(Value::Number);
        boolean.or_else(number).unwrap_or_else(as_text)
    }
}

/// Whether an element is to be read as an object.
fn is_object(shape: &Shape<'_>, element: &Element) -> bool {
    if !shape.types.meets(Types::OBJECT) {
        return element.has_structure();
    }
    let is_only_object = shape.types.and(Types::OBJECT.or(Types::NULL)) == shape.types;
    let is_text = |field: &Field<'_>| matches!(field.shape.kind, Kind::Text | Kind::Cdata);
    let is_blank = || element.text().trim().is_empty();
    element.has_structure()
        || shape.fields().iter().any(is_text)
        || is_blank() && (is_only_object || !shape.fields().is_empty())
}

/// A number as JSON or XML Schema writes it.
fn number(text: &str) -> Option<Number> {
    let is_number = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    if !is_number {
        return None;
    }
    let whole = || text.parse::<i64>().map(Number::from).or_else(|_| text.parse::<u64>().map(Number::from));
    whole().ok().or_else(|| Number::from_f64(float(text)?))
}

/// Puts a value at the end of a path of names.
fn put(members: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [] => {}
        [name] => drop(members.insert((*name).to_owned(), value)),
        [name, rest @ ..] => {
            let inner = members.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
