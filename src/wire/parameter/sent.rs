//! A request → the texts that were sent for one parameter, as trees.

use std::borrow::Cow;

use super::{
    Received, Shape, Tree, deep,
    split::{Cut, Escape, alternating, lists},
    style, value,
};
use crate::{
    api::{Parameter, SchemeKind, Style},
    exchange::MediaType,
    finding::Part,
    schema::{Schema, Written},
    wire::Fault,
};

/// A name, decoded, and a value as it was sent.
pub(in crate::wire) type Pair<'r> = (String, Cow<'r, str>);

/// What was sent, of each of the shapes that it can be of; nothing where nothing was sent.
pub(super) fn trees(
    parameter: &Parameter,
    about: Option<&Written<'_>>,
    received: &Received<'_>,
) -> Result<Vec<Tree>, Fault> {
    of_shapes(about, |shape| of_shape(parameter, about, received, shape))
}

/// The same of a property of a form, whose fields are `pairs`.
pub(super) fn property_trees(
    parameter: &Parameter,
    about: Option<&Written<'_>>,
    pairs: &[Pair<'_>],
) -> Result<Vec<Tree>, Fault> {
    of_shapes(about, |shape| named(parameter, about, (pairs.to_vec(), Claims::default), shape))
}

/// Whether a field of this name is of the property of a form that is written as `parameter`, where `claims` has the names
/// of the other properties.
pub(in crate::wire) fn has_field<'a>(
    parameter: &Parameter,
    about: Option<&Written<'a>>,
    claims: Claims<'a>,
) -> impl Fn(&str) -> bool + use<'a> {
    let (name, is_deep) = (parameter.name.clone(), style(parameter) == Style::DeepObject);
    let is_spread = parameter.explode && !is_deep && value::shapes(about).contains(&Shape::Members);
    let parts = is_spread.then(|| Parts::of(about, || claims));
    move |field| {
        field == name
            || is_deep && is_below(field, &name)
            || parts.as_ref().is_some_and(|parts| parts.have(field))
    }
}

fn of_shapes(
    about: Option<&Written<'_>>,
    of_shape: impl Fn(Shape) -> Result<Vec<Tree>, Fault>,
) -> Result<Vec<Tree>, Fault> {
    let mut trees = Vec::new();
    let mut fault = None;
    for shape in value::shapes(about) {
        match of_shape(shape) {
            Ok(found) => trees.extend(found),
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    match fault {
        Some(fault) if trees.is_empty() => Err(fault),
        _ => {
            // Where there are several items, a list is meant more likely than one text that holds delimiters.
            trees.sort_by_key(|tree| !matches!(tree, Tree::List(items) if items.len() > 1));
            Ok(trees)
        }
    }
}

fn of_shape(
    parameter: &Parameter,
    about: Option<&Written<'_>>,
    received: &Received<'_>,
    shape: Shape,
) -> Result<Vec<Tree>, Fault> {
    let cut = cut(parameter);
    match parameter.part {
        Part::Query | Part::Cookie => {
            let claims = || Claims::beside(parameter, received);
            named(parameter, about, (pairs(parameter, received), claims), shape)
        }
        Part::Header if shape == Shape::Text => {
            let fields = received.request.header_values(&parameter.name);
            Ok(repeated(fields.iter().map(|field| cut.escape.decode(field)).collect()))
        }
        Part::Header | Part::Path | Part::Line | Part::Body => match single(parameter, received) {
            Some(text) => cut.trees(&text, shape),
            None => Ok(Vec::new()),
        },
    }
}

fn cut(parameter: &Parameter) -> Cut<'_> {
    let style = style(parameter);
    let escape = match (parameter.part, style) {
        (Part::Query, _) => Escape::Form,
        // Neither is percent-encoded (OAS 3.1.2, section 4.8.12.2.2, and OAS 3.2, section 4.12.2.2).
        (Part::Header, _) | (_, Style::Cookie) => Escape::Plain,
        _ => Escape::Percent,
    };
    Cut { name: &parameter.name, style, explode: parameter.explode, escape }
}

/// The text of a parameter that stands in one place, as it was sent.
fn single<'r>(parameter: &Parameter, received: &Received<'r>) -> Option<Cow<'r, str>> {
    if parameter.part == Part::Header {
        let fields = received.request.header_values(&parameter.name);
        // Fields of one name are one list (RFC 9110, section 5.3).
        return (!fields.is_empty()).then(|| Cow::Owned(fields.join(",")));
    }
    let (_, text) = received.path_values.iter().find(|(name, _)| *name == parameter.name)?;
    Some(Cow::Borrowed(text))
}

/// A parameter of the query or of cookies, or a property of a form, among pairs of which others claim some.
fn named<'r>(
    parameter: &Parameter,
    about: Option<&Written<'_>>,
    (pairs, claims): (Vec<Pair<'r>>, impl FnOnce() -> Claims<'r>),
    shape: Shape,
) -> Result<Vec<Tree>, Fault> {
    let cut = cut(parameter);
    let decoded = |(name, value): Pair<'_>| (name, cut.escape.decode(&value));
    if cut.style == Style::DeepObject {
        let pairs = pairs.into_iter().map(decoded);
        return Ok(deep::tree(&parameter.name, pairs.collect())?.into_iter().collect());
    }
    if cut.explode && shape != Shape::Text {
        let pairs = joined(parameter, pairs).into_iter().map(decoded);
        return Ok(match shape {
            Shape::List => each(pairs.filter(|(name, _)| *name == parameter.name)),
            _ => members(pairs, &Parts::of(about, claims)),
        });
    }
    let own: Vec<Pair<'_>> = pairs.into_iter().filter(|(name, _)| *name == parameter.name).collect();
    match (shape, own.as_slice()) {
        (_, []) => Ok(Vec::new()),
        (_, [(_, text)]) => cut.trees(text, shape),
        (Shape::Text, _) => Ok(repeated(own.into_iter().map(|pair| decoded(pair).1).collect())),
        (Shape::List, _) => Ok(lists(own.iter().flat_map(|(_, text)| cut.pieces(text)).collect())),
        (Shape::Members, _) => alternating(own.iter().flat_map(|(_, text)| cut.pieces(text)).collect()),
    }
}

/// A text that is repeated is no single text: it is judged as the list that was sent.
fn repeated(mut texts: Vec<String>) -> Vec<Tree> {
    match texts.len() {
        0 => Vec::new(),
        1 => vec![Tree::Text(texts.remove(0))],
        _ => vec![Tree::texts(texts)],
    }
}

/// A list, each item of which is a pair.
fn each(pairs: impl Iterator<Item = (String, String)>) -> Vec<Tree> {
    let texts: Vec<String> = pairs.map(|(_, text)| text).collect();
    if texts.is_empty() { Vec::new() } else { lists(texts) }
}

/// An object, each member of which is a pair.
fn members(pairs: impl Iterator<Item = (String, String)>, parts: &Parts<'_, '_>) -> Vec<Tree> {
    let parts: Vec<(String, String)> = pairs.filter(|(name, _)| parts.have(name)).collect();
    if parts.is_empty() { Vec::new() } else { vec![Tree::members(parts)] }
}

/// The names of the pairs that an exploded object is made of.
struct Parts<'s, 'r> {
    named: Vec<&'s str>,
    /// The names that it does not take, where it takes others than those that its schema names.
    claims: Option<Claims<'r>>,
}

impl<'s, 'r> Parts<'s, 'r> {
    fn of(about: Option<&Written<'s>>, claims: impl FnOnce() -> Claims<'r>) -> Self {
        let takes_others = about.is_none_or(value::takes_others);
        Self { named: about.map(Written::names).unwrap_or_default(), claims: takes_others.then(claims) }
    }

    fn have(&self, name: &str) -> bool {
        self.named.contains(&name) || self.claims.as_ref().is_some_and(|claims| !claims.have(name))
    }
}

/// The names of pairs that are no part of an object, since something else has them.
#[derive(Debug, Clone, Default)]
pub(in crate::wire) struct Claims<'r> {
    names: Vec<&'r str>,
    /// Names that may have brackets after them.
    deep: Vec<&'r str>,
}

impl<'r> Claims<'r> {
    /// What the other properties of a form have, which are of these names; some are written with brackets.
    pub(in crate::wire) fn of(names: Vec<&'r str>, deep: Vec<&'r str>) -> Self {
        Self { names, deep }
    }

    /// What the other parameters have, and the keys that security schemes ask for.
    fn beside(parameter: &Parameter, received: &Received<'r>) -> Self {
        let mut claims = Self::default();
        let others = received.operation.parameters.iter();
        for other in others.filter(|other| other.part == parameter.part && other.name != parameter.name) {
            claims.add(other);
        }
        for needed in received.operation.security.iter().flat_map(|requirement| &requirement.0) {
            match received.schemes.get(&needed.scheme).map(|scheme| &scheme.kind) {
                Some(SchemeKind::ApiKey { part, name }) if *part == parameter.part => claims.names.push(name),
                _ => {}
            }
        }
        claims
    }

    fn add(&mut self, parameter: &'r Parameter) {
        self.names.push(&parameter.name);
        if style(parameter) == Style::DeepObject {
            return self.deep.push(&parameter.name);
        }
        let schema =
            parameter.schema.as_ref().filter(|_| parameter.explode && parameter.media_type.is_none());
        let about = schema.map(Schema::about);
        if value::shapes(about.as_ref()).contains(&Shape::Members) {
            self.names.extend(about.as_ref().map(Written::names).unwrap_or_default());
        }
    }

    fn have(&self, name: &str) -> bool {
        self.names.contains(&name) || self.deep.iter().any(|deep| is_below(name, deep))
    }
}

/// Whether a name is another one with brackets after it.
fn is_below(name: &str, other: &str) -> bool {
    name.strip_prefix(other).is_some_and(|rest| rest.starts_with('['))
}

/// The pairs of the part of the request in which the parameter stands.
fn pairs<'r>(parameter: &Parameter, received: &Received<'r>) -> Vec<Pair<'r>> {
    let escape = cut(parameter).escape;
    if parameter.part == Part::Query {
        let query = received.request.query.as_deref().unwrap_or_default();
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        return pairs.map(|(name, value)| (escape.decode(name), Cow::Borrowed(value))).collect();
    }
    let fields = received.request.header_values("cookie");
    let cookies = fields.iter().flat_map(|field| field.split(';'));
    let pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    pairs.map(|(name, value)| (escape.decode(name), Cow::Owned(value.to_owned()))).collect()
}

/// The pairs of cookies, where one cookie holds several as a query does: `color=blue&color=black` is what the style
/// `form` writes, though no cookie is meant to look so (OAS 3.1.2, appendix D).
fn joined<'r>(parameter: &Parameter, pairs: Vec<Pair<'r>>) -> Vec<Pair<'r>> {
    if parameter.part != Part::Cookie || style(parameter) != Style::Form {
        return pairs;
    }
    let mut all: Vec<Pair<'r>> = Vec::new();
    for (name, value) in pairs {
        let mut inner = value.split('&');
        all.push((name, Cow::Owned(inner.next().unwrap_or_default().to_owned())));
        all.extend(inner.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (Escape::Percent.decode(name), Cow::Owned(value.to_owned()))
        }));
    }
    all
}

/// Whether a query parameter was sent, and without a value.
pub(super) fn is_empty(parameter: &Parameter, received: &Received<'_>) -> bool {
    let mut own =
        pairs(parameter, received).into_iter().filter(|(name, _)| *name == parameter.name).peekable();
    parameter.part == Part::Query && own.peek().is_some() && own.all(|(_, value)| value.is_empty())
}

/// The whole text of a parameter, decoded; `None` where it is absent.
pub(super) fn whole(parameter: &Parameter, received: &Received<'_>) -> Result<Option<String>, Fault> {
    let Cut { escape, style, .. } = cut(parameter);
    if style == Style::QueryString {
        return Ok(query(parameter, received));
    }
    if !matches!(parameter.part, Part::Query | Part::Cookie) {
        return Ok(single(parameter, received).map(|text| escape.decode(&text)));
    }
    let own: Vec<Pair<'_>> =
        pairs(parameter, received).into_iter().filter(|(name, _)| *name == parameter.name).collect();
    match own.as_slice() {
        [] => Ok(None),
        [(_, text)] => Ok(Some(escape.decode(text))),
        _ => Err(Fault::new(format!("it was sent {} times, where one is asked for", own.len()))),
    }
}

/// The whole query: a form is encoded as it stands there, whatever else is percent-encoded once more (OAS 3.2, section
/// 4.12.2).
fn query(parameter: &Parameter, received: &Received<'_>) -> Option<String> {
    let query = received.request.query.as_deref().filter(|query| !query.is_empty())?;
    let is_form = parameter.media_type.as_ref().is_some_and(MediaType::is_form);
    Some(if is_form { query.to_owned() } else { Escape::Percent.decode(query) })
}
