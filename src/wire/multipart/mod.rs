//! `multipart/…` ↔ an object of named parts, or a list of parts (RFC 7578; RFC 2046, section 5.1; OAS 3.1, section 4.8.14.5;
//! OAS 3.2, section 4.14.5).
//!
//! `multipart/form-data` is an object; another multipart is one where its schema says so and no encoding goes by position.
//! Parts of one name are a list. Files are strings of bytes, see [`text`](super::text). Read [`read`] first.

mod parse;
mod part;
mod write;

use indexmap::IndexMap;
use serde_json::Value;

pub(super) use self::write::write;
use self::{
    parse::Part,
    part::{At, Decoded},
};
use super::{
    Fault, Read, binary,
    typed::{Draft, each, lists, settle, wanted, wants_list},
};
use crate::{
    api::{Content, Encoding},
    exchange::MediaType,
    finding::Pointer,
    schema::{Schema, Types, Violation, Written},
};

/// Reads the parts; `sent` names the boundary.
///
/// # Errors
/// [`Fault`] where there is no boundary, or a part is broken.
pub(super) fn read(
    content: &Content,
    sent: &MediaType,
    bytes: &[u8],
    judge: impl Fn(&Value) -> Vec<Violation>,
) -> Result<Read, Fault> {
    let boundary = sent.parameter("boundary").or_else(|| content.media_type.parameter("boundary"));
    let boundary = boundary.filter(|boundary| !boundary.is_empty());
    let missing = || Fault::new("its media type names no `boundary` between the parts");
    let parts = parse::parts(bytes, &boundary.ok_or_else(missing)?)?;
    let is_named =
        is_named(content, sent) || is_free(content) && parts.iter().all(|part| part.name().is_some());
    let mut seen = Seen::default();
    let draft =
        if is_named { named(content, sent, &parts, &mut seen)? } else { listed(content, &parts, &mut seen)? };
    let mut read = settle(draft, |value| {
        let mut violations = judge(value);
        violations.retain(|found| binary::is_about_bytes(found) || !seen.bytes.contains(&found.instance));
        violations
    });
    read.violations.extend(seen.violations);
    Ok(read)
}

/// What was seen of the parts beside their values.
#[derive(Debug, Default)]
struct Seen {
    /// The places of those that are bytes and no text.
    bytes: Vec<Pointer>,
    /// How media types and header fields break what the document says of them.
    violations: Vec<Violation>,
}

impl Seen {
    fn readings(&mut self, at: &At<'_>, part: &Part<'_>) -> Result<Vec<Value>, Fault> {
        let Decoded { readings, is_bytes, violations } = at.read(part)?;
        if is_bytes {
            self.bytes.push(at.pointer.clone());
        }
        self.violations.extend(violations);
        Ok(readings)
    }
}

/// Whether the parts are the properties of an object.
pub(super) fn is_named(content: &Content, media_type: &MediaType) -> bool {
    let types = content.schema.as_ref().map_or(Types::NONE, |schema| wanted(&schema.about()));
    let is_object = types != Types::ALL && types.meets(Types::OBJECT);
    media_type.essence() == "multipart/form-data" || is_object && !is_positional(content)
}

/// Whether the document says something of parts by their position (OAS 3.2, section 4.14.5).
fn is_positional(content: &Content) -> bool {
    content.item_schema.is_some() || content.item_encoding.is_some() || !content.prefix_encoding.is_empty()
}

/// Whether the document leaves open what the parts are.
fn is_free(content: &Content) -> bool {
    let is_open = |schema: &Schema| wanted(&schema.about()) == Types::ALL;
    !is_positional(content) && content.schema.as_ref().is_none_or(is_open)
}

fn named(
    content: &Content,
    media_type: &MediaType,
    parts: &[Part<'_>],
    seen: &mut Seen,
) -> Result<Draft, Fault> {
    let about = content.schema.as_ref().map(Schema::about);
    let mut groups: IndexMap<String, Vec<&Part<'_>>> = IndexMap::new();
    for (at, part) in parts.iter().enumerate() {
        let unnamed = || about.as_ref().filter(|_| media_type.essence() != "multipart/form-data");
        // Where parts need no names, those without one are the properties in their order.
        let by_place = || unnamed()?.names().get(at).map(|name| (*name).to_owned());
        let missing = || Fault::new(format!("part {} has no `name` in its `Content-Disposition`", at + 1));
        groups.entry(part.name().or_else(by_place).ok_or_else(missing)?).or_default().push(part);
    }
    let mut members = Vec::new();
    for (name, parts) in groups {
        let property = about.as_ref().map(|about| about.property(&name));
        let encoding = content.encoding.get(&name);
        let at = At { pointer: Pointer::root().join(&name), about: property, encoding, content };
        members.push((name, member(&at, &parts, seen)?));
    }
    Ok(Draft::object(members))
}

/// What the parts of one name may mean together.
fn member(at: &At<'_>, parts: &[&Part<'_>], seen: &mut Seen) -> Result<Vec<Value>, Fault> {
    let types = at.about.as_ref().map_or(Types::ALL, wanted);
    let single = match parts {
        [part] if types != Types::ARRAY || part.media_type().is_some_and(|sent| sent.is_json()) => {
            seen.readings(at, part)?
        }
        _ => Vec::new(),
    };
    if parts.len() == 1 && !wants_list(types) {
        return Ok(single);
    }
    let told = seen.violations.len();
    let numbered: Vec<(usize, &Part<'_>)> = parts.iter().copied().enumerate().collect();
    let mut read = |about: Option<&Written<'_>>, (number, part): &(usize, &Part<'_>)| {
        let pointer = at.pointer.join(number);
        seen.readings(
            &At { pointer, about: about.cloned(), encoding: at.encoding, content: at.content },
            part,
        )
    };
    let items: Result<Vec<_>, _> = match &at.about {
        Some(about) => each(about, &numbered, |about, part| read(Some(about), part)).into_iter().collect(),
        None => numbered.iter().map(|part| read(None, part)).collect(),
    };
    let mut found = single;
    if !found.is_empty() {
        seen.violations.truncate(told);
    }
    found.extend(lists(&items?));
    Ok(found)
}

fn listed(content: &Content, parts: &[Part<'_>], seen: &mut Seen) -> Result<Draft, Fault> {
    let whole = content.schema.as_ref().map(Schema::about);
    let item = content.item_schema.as_ref().map(Schema::about);
    let mut items = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let about = item.clone().or_else(|| whole.as_ref().map(|whole| whole.item(number)));
        let encoding = encoding_at(content, number);
        let at = At { pointer: Pointer::root().join(number), about, encoding, content };
        items.push(seen.readings(&at, part)?);
    }
    Ok(Draft::list(items))
}

/// How the part at a position is written (OAS 3.2, section 4.14.5).
fn encoding_at(content: &Content, number: usize) -> Option<&Encoding> {
    content.prefix_encoding.get(number).or(content.item_encoding.as_ref())
}
