//! `x-standin-resource`: the document's last word on what is kept.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{Acts, Identity, Resource};
use crate::{
    api::{Api, Operation},
    finding::{Code, Finding, Location, Place, Pointer},
};

/// The name of the extension.
const NAME: &str = "x-standin-resource";

/// What `x-standin-resource` may say at the path of a thing, such as `/pets/{petId}`. What it leaves out is inferred;
/// `false` in its place says that nothing is kept there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Extension {
    /// The `operationId` of the operation that makes a thing.
    pub create: Option<String>,
    /// The one that tells of it.
    pub read: Option<String>,
    /// The one that tells of all of its kind.
    pub list: Option<String>,
    /// The one that changes parts of it.
    pub update: Option<String>,
    /// The one that puts another in its place.
    pub replace: Option<String>,
    /// The one that takes it away.
    pub delete: Option<String>,
    /// A JSON Pointer into the answer to the one that makes it, to its id.
    #[schemars(example = "/data/id")]
    pub id: Option<String>,
    /// A JSON Pointer into the answer of the one that lists, to the list.
    #[schemars(example = "/data")]
    pub items: Option<String>,
    /// The properties of which no two things may have the same value.
    #[schemars(example = ["email"])]
    pub unique: Option<Vec<String>>,
}

/// The JSON Schema of [`Extension`], for editors and for `docs/`.
pub fn extension_schema() -> Value {
    schemars::schema_for!(Extension).to_value()
}

/// What the document says at the path of a resource: the value, and its place.
fn said<'a>(api: &'a Api, acts: &Acts, own: &str) -> Option<(&'a Value, Place)> {
    let of_path = api.operations.iter().filter(|operation| super::shape(&operation.path) == own);
    let acting = acts.all().map(|number| &api.operations[number]);
    let is_own = |operation: &&Operation| super::shape(&operation.path) == own;
    acting.filter(is_own).chain(of_path).find_map(|operation| {
        let item = operation.place.pointer.parent()?;
        let place = Place { file: operation.place.file.clone(), pointer: item.join(NAME) };
        let root = &api.document.files().get(&place.file)?.root;
        Some((root.pointer(place.pointer.as_str())?, place))
    })
}

/// Corrects what was inferred; `None` where the document says that nothing is kept. What is wrong is told and passed over.
pub(super) fn corrected(
    api: &Api,
    own: &str,
    mut resource: Resource,
    told: &mut Vec<Finding>,
) -> Option<Resource> {
    let Some((value, place)) = said(api, &resource.acts, own) else { return Some(resource) };
    if value == &Value::Bool(false) {
        return None;
    }
    let mut wrong = |message: String, right: &str| {
        let location = Location::Document(place.clone(), None);
        told.push(Finding::warning(Code::InvalidExtension, location, message).help(right.to_owned()));
    };
    let extension = match Extension::deserialize(value) {
        Ok(extension) => extension,
        Err(error) => {
            wrong(format!("`{NAME}`: {error}"), "see docs/x-standin-resource.schema.json, or write `false`");
            return Some(resource);
        }
    };
    let slots = [
        (extension.create, &mut resource.acts.create),
        (extension.read, &mut resource.acts.read),
        (extension.list, &mut resource.acts.list),
        (extension.update, &mut resource.acts.update),
        (extension.replace, &mut resource.acts.replace),
        (extension.delete, &mut resource.acts.delete),
    ];
    for (id, slot) in slots.into_iter().filter_map(|(id, slot)| Some((id?, slot))) {
        match api.operations.iter().position(|operation| operation.id == id) {
            Some(number) => *slot = Some(number),
            None => wrong(format!("`{NAME}`: there is no operation `{id}`"), "name the `operationId` of one"),
        }
    }
    let mut pointer = |name: &str, text: Option<String>| {
        let text = text?;
        if text.is_empty() || text.starts_with('/') {
            return Some(Pointer::from_escaped(text));
        }
        wrong(format!("`{NAME}`: `{name}` is no JSON Pointer"), "it is empty, or begins with a slash");
        None
    };
    if let Some(pointer) = pointer("id", extension.id) {
        // So it is called in lists and elsewhere, too.
        resource.names.splice(0..0, pointer.last().map(|name| super::plain(&name)));
        resource.identities.insert(0, Identity::Body(pointer));
    }
    resource.items = pointer("items", extension.items).or(resource.items);
    if let Some(unique) = extension.unique {
        resource.unique = unique;
    }
    resource.reasons.push(format!("`{NAME}` says so"));
    Some(resource)
}
