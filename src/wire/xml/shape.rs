//! What a schema says of the XML of its values: nodes, names, what stands in what (OAS 3.1, section 4.8.26).
//!
//! A shape is made of what is written about a value, part by part when it is asked for, so that a schema that leads back
//! to itself costs no more than the elements that there are.

use std::cell::OnceCell;

use serde_json::Value;

use super::{
    name::{is_name, mended, split},
    tree::{Name, XML, XMLNS},
};
use crate::schema::{Schema, Types, Written};

/// How many alternatives in alternatives are followed for their names.
const DEEP: usize = 4;

/// How many objects without a node of their own may stand in each other.
const HOISTED: usize = 6;

/// The node that a value is (OAS 3.2, `nodeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Element,
    Attribute,
    Text,
    Cdata,
    /// None: what it holds stands where it would stand.
    Hoisted,
}

/// Whether the names of a shape are those that the document gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Declared,
    /// The document gives no name, so that any is right.
    Guessed,
}

/// What a schema says of the XML of its values.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    about: Option<Written<'a>>,
    /// The types that the value may have; all where nothing tells.
    pub(super) types: Types,
    pub(super) kind: Kind,
    /// Whether a list has an element around its items.
    pub(super) is_wrapped: bool,
    pub(super) naming: Naming,
    /// The names that its element or attribute may have, each with what is written of the values that have it.
    names: Vec<(Name, Option<Written<'a>>)>,
    fields: OnceCell<Vec<Field<'a>>>,
    items: OnceCell<Vec<Self>>,
    other: OnceCell<Box<Self>>,
}

/// A property that the schema speaks of.
#[derive(Debug)]
pub(super) struct Field<'a> {
    /// The names of the properties that lead to it: more than one through objects that have no node.
    pub(super) path: Vec<&'a str>,
    pub(super) is_required: bool,
    pub(super) shape: Shape<'a>,
}

impl<'a> Shape<'a> {
    /// The shape of a whole body.
    pub(super) fn root(schema: Option<&'a Schema>) -> Self {
        let about = schema.map(Schema::about);
        let referred = about.as_ref().and_then(Written::reference_name).map(|name| {
            let endings = [".yaml", ".yml", ".json"];
            endings.iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name).to_owned()
        });
        let title = about.as_ref().and_then(|about| about.certain("title")).and_then(Value::as_str);
        let name = referred.as_deref().or(title.filter(|title| is_name(title))).unwrap_or("root");
        let naming = if referred.is_some() { Naming::Declared } else { Naming::Guessed };
        let shape = Self::new(about, name, naming);
        // A document has one element, whatever the schema says of its node.
        Self { kind: Kind::Element, is_wrapped: true, ..shape }
    }

    fn new(about: Option<Written<'a>>, inferred: &str, naming: Naming) -> Self {
        let types = about.as_ref().map_or(Types::ALL, Written::types);
        let types = if types == Types::NONE { Types::ALL } else { types };
        let xml = about.as_ref().and_then(|about| about.keyword("xml"));
        let is_list = is_list(types);
        let (kind, is_wrapped) = node(xml, is_list);
        let mut names = Vec::new();
        if let Some(about) = &about {
            alternatives(about, inferred, kind, DEEP, &mut names);
        }
        let is_declared = names.iter().any(|(_, about): &(Name, Option<Written<'_>>)| about.is_some());
        if names.is_empty() {
            names.push((name_of(None, inferred, kind), None));
        }
        Self {
            about,
            types,
            kind,
            is_wrapped,
            naming: if is_declared { Naming::Declared } else { naming },
            names,
            fields: OnceCell::new(),
            items: OnceCell::new(),
            other: OnceCell::new(),
        }
    }

    /// Whether the value is a list and nothing else but perhaps null.
    pub(super) fn is_list(&self) -> bool {
        is_list(self.types)
    }

    /// The name of a value's element or attribute.
    pub(super) fn name(&self, value: &Value) -> &Name {
        let fitting = |(_, about): &&(Name, Option<Written<'a>>)| {
            about.as_ref().is_none_or(|about| self.names.len() == 1 || fits(about, value))
        };
        &self.names.iter().find(fitting).unwrap_or(&self.names[0]).0
    }

    /// The first of its names: what is to be told where another one stands.
    pub(super) fn first_name(&self) -> &Name {
        &self.names[0].0
    }

    /// Whether an element or attribute of this name is the value.
    pub(super) fn is_named(&self, name: &Name) -> bool {
        self.names.iter().any(|(own, _)| is_same(own, name))
    }

    /// Whether the value is of the elements of this name: its own, or those of its items.
    pub(super) fn is_of(&self, name: &Name) -> bool {
        if self.is_list() && !self.is_wrapped {
            return self.items().iter().any(|item| item.is_named(name));
        }
        self.is_named(name)
    }

    /// The properties that the schema speaks of, those of objects without a node among them.
    pub(super) fn fields(&self) -> &[Field<'a>] {
        self.fields.get_or_init(|| {
            let mut fields = Vec::new();
            if let Some(about) = &self.about {
                collect(about, &[], HOISTED, &mut fields);
            }
            fields
        })
    }

    /// The property at a path.
    pub(super) fn field(&self, path: &[&str]) -> Option<&Field<'a>> {
        self.fields().iter().find(|field| field.path == path)
    }

    /// The shape of the item at `index`.
    pub(super) fn item(&self, index: usize) -> &Self {
        let items = self.items();
        &items[index.min(items.len() - 1)]
    }

    fn items(&self) -> &[Self] {
        self.items.get_or_init(|| {
            let prefix =
                self.about.as_ref().and_then(|about| about.certain("prefixItems")).and_then(Value::as_array);
            let first = self.first_name();
            let inferred = first
                .prefix
                .as_ref()
                .map_or_else(|| first.local.clone(), |prefix| format!("{prefix}:{}", first.local));
            let item = |index| {
                let about = self.about.as_ref().map(|about| about.item(index));
                // The items of a body have no property whose name they could take.
                let referred = about.as_ref().and_then(Written::reference_name);
                let own = if self.naming == Naming::Guessed { referred.as_deref() } else { None };
                let naming = if own.is_some() { Naming::Declared } else { self.naming };
                let shape = Self::new(about, own.unwrap_or(&inferred), naming);
                // An item has an element of its own, or nothing would tell where it ends.
                Self { kind: Kind::Element, is_wrapped: true, ..shape }
            };
            (0..=prefix.map_or(0, Vec::len)).map(item).collect()
        })
    }

    /// The shape of the properties that the schema does not name.
    pub(super) fn other(&self) -> &Self {
        self.other.get_or_init(|| {
            // No property has the empty name written, so this is what is said of all others.
            let about = self.about.as_ref().map(|about| about.property(""));
            let shape = Self::new(about, "other", Naming::Guessed);
            Box::new(Self { kind: Kind::Element, ..shape })
        })
    }

    /// Whether the schema names a property so.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields().iter().any(|field| field.path.first() == Some(&name))
    }
}

fn is_list(types: Types) -> bool {
    types.meets(Types::ARRAY) && types.and(Types::ARRAY.or(Types::NULL)) == types
}

/// The node of a value and, of a list, whether it is wrapped.
fn node(xml: Option<&Value>, is_list: bool) -> (Kind, bool) {
    let is_set = |name: &str| xml.and_then(|xml| xml.get(name)) == Some(&Value::Bool(true));
    match xml.and_then(|xml| xml.get("nodeType")).and_then(Value::as_str) {
        Some("element") => (Kind::Element, true),
        Some("attribute") => (Kind::Attribute, false),
        Some("text") => (Kind::Text, false),
        Some("cdata") => (Kind::Cdata, false),
        Some("none") if !is_list => (Kind::Hoisted, false),
        _ if is_set("attribute") => (Kind::Attribute, false),
        _ => (Kind::Element, is_set("wrapped")),
    }
}

/// The names of a value: the one that is certain, else those of its alternatives.
fn alternatives<'a>(
    about: &Written<'a>,
    inferred: &str,
    kind: Kind,
    depth: usize,
    names: &mut Vec<(Name, Option<Written<'a>>)>,
) {
    let certain = about.certain("xml");
    if certain.is_some_and(has_name) {
        return names.push((name_of(certain, inferred, kind), Some(about.clone())));
    }
    let branches = if depth == 0 { Vec::new() } else { about.branches() };
    for branch in branches.iter().filter(|branch| branch.types() != Types::NULL) {
        alternatives(branch, inferred, kind, depth - 1, names);
    }
    let inferred = name_of(certain, inferred, kind);
    if !names.iter().any(|(name, _)| *name == inferred) {
        names.push((inferred, None));
    }
}

/// Whether an `xml` gives a name. `##default` stands in documents made from Java for none.
fn has_name(xml: &Value) -> bool {
    xml.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty() && !name.starts_with("##"))
}

fn name_of(xml: Option<&Value>, inferred: &str, kind: Kind) -> Name {
    let text =
        |key: &str| xml.and_then(|xml| xml.get(key)).and_then(Value::as_str).filter(|text| !text.is_empty());
    let written = if xml.is_some_and(has_name) { text("name").unwrap_or(inferred) } else { inferred };
    let binds = written == "xmlns" || written.strip_prefix("xmlns:").is_some_and(is_name);
    if kind == Kind::Attribute && binds {
        return Name { namespace: Some(XMLNS.to_owned()), ..Name::local(written) };
    }
    let (own, local) = split(written);
    let prefix = text("prefix").filter(|prefix| is_name(prefix)).or(own);
    let is_space = |space: &&str| ![XMLNS, XML].contains(space);
    let namespace = match (text("namespace").filter(is_space), prefix) {
        (_, Some("xml")) => Some(XML.to_owned()),
        (Some(namespace), _) => Some(namespace.to_owned()),
        (None, _) => None,
    };
    Name { prefix: prefix.map(str::to_owned), local: mended(local), namespace }
}

/// Whether what stands in a message is what was declared; where no namespace is declared, any is right.
fn is_same(declared: &Name, found: &Name) -> bool {
    declared.local == found.local
        && match (&declared.namespace, &declared.prefix) {
            (Some(_), _) => declared.namespace == found.namespace,
            (None, Some(_)) => found.prefix.is_none() || declared.prefix == found.prefix,
            (None, None) => !found.is_in(XMLNS),
        }
}

/// Whether a value looks like one of a schema: of its types, with what it requires, and with its constants.
fn fits(about: &Written<'_>, value: &Value) -> bool {
    let types = about.types();
    if types != Types::NONE && !types.meets(Types::of(value)) {
        return false;
    }
    let Some(members) = value.as_object() else { return true };
    let required = about.certain("required").and_then(Value::as_array);
    let mut required = required.into_iter().flatten().filter_map(Value::as_str);
    required.all(|name| members.contains_key(name))
        && members.iter().all(|(name, member)| {
            let property = about.property(name);
            let is_const = property.certain("const").is_none_or(|constant| constant == member);
            let listed = property.certain("enum").and_then(Value::as_array);
            is_const && listed.is_none_or(|values| values.contains(member))
        })
        && members.keys().filter(|name| !about.names().contains(&name.as_str())).count() * 2 <= members.len()
}

/// The properties of a schema; of an object that has no node, its own in its place.
fn collect<'a>(about: &Written<'a>, path: &[&'a str], depth: usize, fields: &mut Vec<Field<'a>>) {
    let required = about.certain("required").and_then(Value::as_array);
    for name in about.names() {
        let property = about.property(name);
        let path: Vec<&str> = path.iter().copied().chain([name]).collect();
        let shape = Shape::new(Some(property.clone()), name, Naming::Declared);
        let holds_object = shape.types.meets(Types::OBJECT) && !property.names().is_empty();
        if shape.kind == Kind::Hoisted && holds_object && depth > 0 {
            collect(&property, &path, depth - 1, fields);
            continue;
        }
        let kind = if shape.kind == Kind::Hoisted { Kind::Text } else { shape.kind };
        fields.push(Field {
            is_required: path.len() == 1
                && required.is_some_and(|names| names.iter().any(|required| required == name)),
            path,
            shape: Shape { kind, ..shape },
        });
    }
}
