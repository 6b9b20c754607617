//! Brings a document to the shape of `OpenAPI` 3.1, once, so that nothing after it asks for a version.
//!
//! | written | becomes | in |
//! |---|---|---|
//! | 2.0 `host`, `basePath`, `schemes` | `servers` | `swagger` |
//! | 2.0 `consumes` and an `in: body` parameter | `requestBody` | `swagger` |
//! | 2.0 `consumes` and `in: formData` parameters | `requestBody` with an object schema and `encoding` | `swagger` |
//! | 2.0 `produces`, `schema`, `examples` of a response | `content` | `swagger` |
//! | 2.0 `type`, `format`, `items` … of a parameter or header | its `schema` | `swagger` |
//! | 2.0 `collectionFormat` | `style` and `explode` | `swagger` |
//! | 2.0 `securityDefinitions` | `components/securitySchemes` | `swagger` |
//! | `nullable`, `x-nullable` beside `type` | `"null"` in `type` | `schema` |
//! | `exclusiveMinimum: true` beside `minimum` | `exclusiveMinimum` with the number | `schema` |
//! | keywords beside `$ref`, before 2019-09 | nothing: they are to be ignored | `schema` |
//! | `items` with a list, `additionalItems` | `prefixItems`, `items` | `schema` |
//! | `dependencies` | `dependentRequired`, `dependentSchemas` | `schema` |
//! | `type: file` | `type: string`, `format: binary` | `schema` |
//! | 2.0 `discriminator` with a text | `discriminator` with `propertyName` | `schema` |
//! | a numeric format, such as `int32` | its bounds | `schema` |
//! | a keyword whose value is not of its form | nothing, and a finding | `mend` |
//! | `$id`, `$anchor` and references by them | references by pointer | `schema` |
//! | a Postman collection | a document of its own | `postman`, beside this module |
//!
//! A part stays where it was written wherever that is possible; where it moves, [`File::moved`] says from where, so that
//! findings show the text that somebody wrote. Read [`Lifter`] first.

mod mend;
mod schema;
mod swagger;

use std::{collections::HashMap, sync::Arc};

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Document, File, Moved,
    gather::Gathered,
    postman, reference,
    shape::{self, Kind, Shape},
};
use crate::finding::{Code, Finding, Location, Place, Pointer, Severity, Trail};

pub(super) use self::schema::Dialect;

/// The versions whose differences matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Swagger 2.0.
    Swagger,
    /// `OpenAPI` 3.0.
    V30,
    /// `OpenAPI` 3.1 and 3.2.
    V31,
    /// A Postman collection, 2.0 or 2.1.
    Postman,
}

impl Version {
    /// The version that a root names.
    ///
    /// # Errors
    /// A finding where it names none, or one that is not read.
    pub(super) fn of(uri: &Arc<str>, root: &Value) -> Result<Self, Box<Finding>> {
        let at = |key: &str| Pointer::root().join(key);
        let right = "the root begins with `openapi: 3.1.0`; 2.0, 3.0, 3.1 and 3.2 are read, and Postman collections of v2.0 and v2.1";
        let text = |key: &str| {
            let value = root.get(key)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let (name, key, version) = match (text("openapi"), text("swagger")) {
            (Some(version), _) => ("OpenAPI", "openapi", version),
            (None, Some(version)) => ("Swagger", "swagger", version),
            (None, None) if postman::is_collection(root) => return Ok(Self::Postman),
            (None, None) if postman::is_of_version_1(root) => {
                let message = "a Postman collection of v1 is not read";
                let right = "export it as a collection of v2.1";
                let finding = Document::finding(Code::UnsupportedVersion, uri, Pointer::root(), message);
                return Err(Box::new(finding.help(right)));
            }
            (None, None) => {
                let message = "there is neither `openapi` nor `swagger` at the root";
                let finding = Document::finding(Code::NotOpenapi, uri, Pointer::root(), message);
                return Err(Box::new(finding.help(right)));
            }
        };
        let minor: String = version.split('.').take(2).collect::<Vec<_>>().join(".");
        match (name, minor.as_str()) {
            ("OpenAPI", "3.1" | "3.2") => Ok(Self::V31),
            ("OpenAPI", "3.0" | "3") => Ok(Self::V30),
            ("Swagger", "2.0" | "2") => Ok(Self::Swagger),
            _ => {
                let message = format!("{name} {version} is not read");
                Err(Box::new(Document::finding(Code::UnsupportedVersion, uri, at(key), message).help(right)))
            }
        }
    }
}

/// Brings everything that was gathered to the shape of 3.1; what had to be left out is told.
pub(super) fn lift(gathered: &mut Gathered, version: Version, findings: &mut Vec<Finding>) {
    if version == Version::Postman {
        return postman::lift(gathered, findings);
    }
    let dialect = root_dialect(&gathered.files, version, findings);
    let targets = if version == Version::Swagger { swagger::targets(gathered) } else { HashMap::new() };
    let defaults = swagger::Defaults::of(gathered.files.values().next().map(|file| &*file.root));
    for (place, text) in &gathered.rewritten {
        if let Some(node) =
            tree(&mut gathered.files, &place.file).and_then(|tree| tree.pointer_mut(place.pointer.as_str()))
        {
            node["$ref"] = text.as_str().into();
        }
    }
    for (home, shape) in &gathered.entries {
        let mut lifter = Lifter {
            version,
            dialect: vec![dialect],
            home: home.clone(),
            targets: &targets,
            defaults: &defaults,
            findings: Vec::new(),
            moved: Vec::new(),
        };
        let Some(tree) = tree(&mut gathered.files, &home.file) else { continue };
        let Some(node) = tree.pointer_mut(home.pointer.as_str()) else { continue };
        lifter.lift(node, *shape, &Trail::root());
        let Lifter { findings: found, moved, .. } = lifter;
        for finding in found {
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
        if let Some(file) = gathered.files.get_mut(&home.file) {
            file.moved.extend(moved.into_iter().map(|(now, before)| Moved::kept(now, before)));
        }
    }
}

fn tree<'f>(files: &'f mut IndexMap<Arc<str>, File>, uri: &Arc<str>) -> Option<&'f mut Value> {
    files.get_mut(uri).map(|file| Arc::make_mut(&mut file.root))
}

/// The dialect of schemas that name none (OAS 3.1, section 4.8.24.5).
fn root_dialect(files: &IndexMap<Arc<str>, File>, version: Version, findings: &mut Vec<Finding>) -> Dialect {
    if version != Version::V31 {
        return Dialect::OpenApi30;
    }
    let Some((uri, file)) = files.first() else { return Dialect::Draft202012 };
    let Some(named) = file.root.get("jsonSchemaDialect").and_then(Value::as_str) else {
        return Dialect::Draft202012;
    };
    Dialect::named(named).unwrap_or_else(|| {
        let message = format!("`{named}` is no dialect that is known; its schemas are read as 2020-12");
        let pointer = Pointer::root().join("jsonSchemaDialect");
        let mut finding = Document::finding(Code::UnknownDialect, uri, pointer, message);
        finding.severity = Severity::Warning;
        findings.push(finding.help(Dialect::KNOWN));
        Dialect::Draft202012
    })
}

/// Walks the parts below one place and brings each to the shape of 3.1. To lift twice is to lift once.
struct Lifter<'l> {
    version: Version,
    /// The dialects of the schemas that the walk is in, innermost last.
    dialect: Vec<Dialect>,
    home: Place,
    /// What references to parameters and responses lead to, by the place of the reference.
    targets: &'l HashMap<Place, swagger::Target>,
    defaults: &'l swagger::Defaults,
    findings: Vec<Finding>,
    /// Where what was moved stood before.
    moved: Vec<(Pointer, Pointer)>,
}

impl Lifter<'_> {
    fn lift(&mut self, value: &mut Value, shape: Shape, trail: &Trail<'_>) {
        let entered = self.enter(value, shape);
        match value {
            Value::Object(members) => {
                for (key, member) in members.iter_mut() {
                    if let Some(shape) = shape::under(shape, key) {
                        self.lift(member, shape, &trail.key(key));
                    }
                }
            }
            Value::Array(items) => {
                if let Some(shape) = shape::item(shape) {
                    for (index, item) in items.iter_mut().enumerate() {
                        self.lift(item, shape, &trail.index(index));
                    }
                }
            }
            _ => {}
        }
        if let Shape::One(kind) = shape {
            self.part(value, kind, trail);
        }
        self.dialect.truncate(self.dialect.len() - usize::from(entered));
    }

    /// Notes the dialect that a schema names for itself.
    fn enter(&mut self, value: &Value, shape: Shape) -> bool {
        let named = value.get("$schema").filter(|_| shape == Shape::One(Kind::Schema));
        let dialect = named.and_then(Value::as_str).and_then(Dialect::named);
        self.dialect.extend(dialect);
        dialect.is_some()
    }

    /// Lifts one part whose own parts are lifted already.
    fn part(&mut self, value: &mut Value, kind: Kind, trail: &Trail<'_>) {
        if kind == Kind::Schema {
            return self.schema(value, trail);
        }
        if self.version == Version::Swagger {
            self.swagger(value, kind, trail);
        }
    }

    fn pointer(&self, trail: &Trail<'_>) -> Pointer {
        self.home.pointer.append(&trail.pointer())
    }

    /// A reference to a place in this file.
    fn reference(&self, pointer: &Pointer) -> String {
        reference::between(
            &self.home.file,
            &Place { file: Arc::clone(&self.home.file), pointer: pointer.clone() },
        )
    }

    fn tell(&mut self, code: Code, pointer: Pointer, message: String, help: &str) {
        let place = Place { file: Arc::clone(&self.home.file), pointer };
        self.findings.push(Finding::error(code, Location::Document(place, None), message).help(help));
    }
}
