//! What the schema as written tells about a value beyond the truth: names, order, formats, examples.
//!
//! The generator walks the normal form, which has lost all annotations; a [`Hint`] walks the written schema beside it.
//! A hint may be wrong (a branch of `anyOf` that was not taken): whatever comes from it is checked before it is used.

use std::cell::OnceCell;

use serde_json::{Map, Value};

use super::facets::Types;
use crate::schema::written::{Files, Place, Reach, below, spread};

/// The written schemas behind one value, likeliest first, and the name it goes by.
#[derive(Debug, Clone, Default)]
pub(super) struct Hint<'a> {
    places: Vec<Place<'a>>,
    name: String,
    /// The name of the schema that was jumped to last.
    schema: Option<String>,
    certain: OnceCell<Vec<Place<'a>>>,
    possible: OnceCell<Vec<Place<'a>>>,
}

impl<'a> Hint<'a> {
    pub(super) fn new(places: Vec<Place<'a>>, name: &str) -> Self {
        Self { places, name: name.to_owned(), ..Self::default() }
    }

    fn certain(&self, files: Files<'a>) -> &[Place<'a>] {
        self.certain.get_or_init(|| spread(&self.places, files, Reach::Certain))
    }

    fn possible(&self, files: Files<'a>) -> &[Place<'a>] {
        self.possible.get_or_init(|| spread(&self.places, files, Reach::Possible))
    }

    /// What the value is called, likeliest first: the property that it, or the array around it, stands in, its title,
    /// and the name of its schema.
    pub(super) fn called(&self, files: Files<'a>) -> Vec<&str> {
        let places = self.certain(files);
        let titles = places.iter().filter_map(|place| place.schema.get("title")?.as_str());
        let own = std::iter::once(self.name.as_str()).chain(titles);
        own.chain(self.schema.as_deref()).collect()
    }

    /// Adds the written form of a schema that has just been jumped to; it is now the likeliest.
    pub(super) fn enter(&mut self, place: Option<Place<'a>>, name: String) {
        self.schema = Some(name);
        let Some(place) = place else { return };
        self.places.insert(0, place);
        self.certain.take();
        self.possible.take();
    }

    /// The names of the properties in the order in which they are written.
    pub(super) fn names(&self, files: Files<'a>) -> Vec<&'a str> {
        let places = self.certain(files);
        let members = places.iter().filter_map(|place| place.schema.get("properties")?.as_object());
        members.flat_map(Map::keys).map(String::as_str).collect()
    }

    /// The hint for a property.
    pub(super) fn property(&self, name: &str, files: Files<'a>) -> Self {
        let places = self.possible(files);
        let named = below(places, |schema| schema.get("properties")?.get(name));
        let found =
            if named.is_empty() { below(places, |schema| schema.get("additionalProperties")) } else { named };
        Self::new(found, name)
    }

    /// The hint for an item of an array.
    pub(super) fn item(&self, index: usize, files: Files<'a>) -> Self {
        let places = self.possible(files);
        let found = below(places, |schema| {
            let prefix = schema.get("prefixItems").and_then(|prefix| prefix.get(index));
            prefix.or_else(|| schema.get("items"))
        });
        Self::new(found, &self.name)
    }

    /// The hint for the document that a string holds.
    pub(super) fn content(&self, files: Files<'a>) -> Self {
        Self::new(below(self.possible(files), |schema| schema.get("contentSchema")), &self.name)
    }

    /// The likeliest of the written schemas.
    pub(super) fn written(&self) -> Option<Place<'a>> {
        self.places.first().copied()
    }

    /// The first text that a keyword such as `format` has.
    pub(super) fn text(&self, keyword: &str, files: Files<'a>) -> Option<&'a str> {
        let places = self.possible(files);
        places.iter().find_map(|place| place.schema.get(keyword)?.as_str())
    }

    /// Whether a keyword such as `writeOnly` is true.
    pub(super) fn is_set(&self, keyword: &str, files: Files<'a>) -> bool {
        self.certain(files).iter().any(|place| place.schema.get(keyword) == Some(&Value::Bool(true)))
    }

    /// The values that the author wrote as examples and defaults.
    pub(super) fn examples(&self, files: Files<'a>) -> Vec<&'a Value> {
        let places = self.possible(files);
        places.iter().flat_map(|place| written_examples(place.schema)).collect()
    }

    /// The values of `enum` in the order in which they are written.
    pub(super) fn listed(&self, files: Files<'a>) -> Vec<&'a Value> {
        let places = self.possible(files);
        let lists = places.iter().filter_map(|place| place.schema.get("enum")?.as_array());
        lists.flatten().collect()
    }

    /// The types that the author had in mind, where the schema does not say but the keywords give it away.
    pub(super) fn types(&self, files: Files<'a>) -> Types {
        let places = self.certain(files);
        let implied = places
            .iter()
            .filter(|place| place.schema.get("type").is_none())
            .fold(Types::NONE, |types, place| types.or(implied(place.schema)));
        if implied == Types::NONE { Types::ALL } else { implied }
    }
}

fn written_examples(schema: &Value) -> impl Iterator<Item = &Value> {
    let many = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    schema.get("example").into_iter().chain(many).chain(schema.get("default"))
}

fn implied(schema: &Value) -> Types {
    const TELLING: [(&str, Types); 17] = [
        ("properties", Types::OBJECT),
        ("required", Types::OBJECT),
        ("additionalProperties", Types::OBJECT),
        ("patternProperties", Types::OBJECT),
        ("minProperties", Types::OBJECT),
        ("items", Types::ARRAY),
        ("prefixItems", Types::ARRAY),
        ("contains", Types::ARRAY),
        ("minItems", Types::ARRAY),
        ("pattern", Types::STRING),
        ("format", Types::STRING),
        ("minLength", Types::STRING),
        ("maxLength", Types::STRING),
        ("minimum", Types::NUMBER),
        ("maximum", Types::NUMBER),
        ("exclusiveMinimum", Types::NUMBER),
        ("multipleOf", Types::NUMBER),
    ];
    let told = TELLING.iter().filter(|(keyword, _)| schema.get(keyword).is_some());
    told.fold(Types::NONE, |types, (_, more)| types.or(*more))
}
