//! The parameters of a list → how it is asked for page by page: how long a page is, where it begins, what comes next.
//!
//! Only what has a usual name is known. Read [`Paging::of`] first.

use serde_json::Value;

use super::plain;
use crate::{
    api::{Operation, Parameter},
    exchange::{Response, pairs},
    finding::Part,
    schema::{Schema, Types},
};

const LIMITS: [&str; 11] = [
    "limit",
    "size",
    "perpage",
    "pagesize",
    "count",
    "maxresults",
    "first",
    "top",
    "take",
    "pagelimit",
    "maxitems",
];
const OFFSETS: [&str; 3] = ["offset", "skip", "pageoffset"];
const PAGES: [&str; 4] = ["page", "pagenumber", "pageno", "pageindex"];
const CURSORS: [&str; 12] = [
    "cursor",
    "after",
    "pagetoken",
    "nexttoken",
    "nextpagetoken",
    "nextcursor",
    "startkey",
    "startingafter",
    "marker",
    "continuation",
    "continuationtoken",
    "pagecursor",
];

/// How a list is cut into pages; parameters by their numbers in the operation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Paging {
    /// What says how long a page is.
    pub limit: Option<usize>,
    /// What says where a page begins.
    pub start: Option<Start>,
}

/// Names of what says where the page before begins.
const BACKWARDS: [&str; 4] = ["before", "endingbefore", "prevtoken", "previouspagetoken"];

/// Whether only the provider knows which values a parameter may have: those that it told with a page, as texts of no form.
pub fn is_cursor(parameter: &Parameter) -> bool {
    let name = plain(&parameter.name);
    let is_named = CURSORS.contains(&name.as_str()) || BACKWARDS.contains(&name.as_str());
    let has_form = |schema: &Schema| {
        let about = schema.about();
        ![Types::STRING, Types::STRING.or(Types::NULL)].contains(&about.types())
            || ["enum", "const", "format", "pattern"].into_iter().any(|word| about.keyword(word).is_some())
    };
    parameter.part == Part::Query
        && is_named
        && parameter.schema.as_ref().is_none_or(|schema| !has_form(schema))
}

/// What says where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// The number of items before it.
    Offset(usize),
    /// Its number.
    Page(usize),
    /// What the page before said.
    Cursor(usize),
}

impl Paging {
    /// What the parameters of a list say, by their names.
    pub fn of(operation: &Operation) -> Self {
        let named = |names: &[&str]| {
            let is_meant =
                |one: &Parameter| one.part == Part::Query && names.contains(&plain(&one.name).as_str());
            operation.parameters.iter().position(is_meant)
        };
        let start = named(&OFFSETS).map(Start::Offset);
        let start = start.or_else(|| named(&PAGES).map(Start::Page));
        let start = start.or_else(|| named(&CURSORS).map(Start::Cursor));
        Self { limit: named(&LIMITS), start }
    }

    /// Whether a parameter, by its number, is one of these.
    pub fn has(&self, parameter: usize) -> bool {
        let start = match self.start {
            Some(Start::Offset(number) | Start::Page(number) | Start::Cursor(number)) => Some(number),
            None => None,
        };
        self.limit == Some(parameter) || start == Some(parameter)
    }
}

/// The length of a page nearest to the one that is wished for which the parameter allows.
pub fn length(parameter: &Parameter, wished: u64) -> Option<u64> {
    let Some(schema) = &parameter.schema else { return Some(wished) };
    let bound = |keyword: &str| schema.about().keyword(keyword).and_then(Value::as_u64);
    let most = bound("maximum").unwrap_or(wished).min(wished);
    let length = bound("minimum").unwrap_or(1).max(most);
    schema.is_valid(&length.into()).then_some(length)
}

/// The number of the first page.
pub fn first(parameter: &Parameter) -> u64 {
    let about = parameter.schema.as_ref().map(|schema| {
        let about = schema.about();
        about.keyword("default").or_else(|| about.keyword("minimum")).and_then(Value::as_u64)
    });
    about.flatten().unwrap_or(1)
}

/// Where an answer says that the next page begins, as the parameter of this name takes it.
pub fn next(parameter: &str, response: &Response, body: &Value) -> Option<String> {
    let in_url = |url: &str| {
        let query = url.split_once('?')?.1;
        pairs(query).into_iter().find(|(name, _)| name == parameter).map(|(_, value)| value)
    };
    let links = response.header("link").unwrap_or_default();
    let linked = links.split(',').filter(|link| link.contains("rel=\"next\"") || link.contains("rel=next"));
    let linked = linked.filter_map(|link| in_url(link.split('>').next()?));
    let inner = body.as_object().into_iter().flatten();
    let deeper = inner.clone().filter_map(|(_, member)| member.as_object()).flatten();
    let said = inner.chain(deeper).filter(|(name, _)| {
        let name = plain(name);
        name.starts_with("next") || name == plain(parameter)
    });
    let said = said.filter_map(|(_, value)| value.as_str().filter(|text| !text.is_empty()));
    let said = said.filter_map(|text| if text.contains('?') { in_url(text) } else { Some(text.to_owned()) });
    linked.chain(said).next()
}

/// Whether an answer says that there is more.
pub fn has_more(response: &Response, body: &Value) -> bool {
    let says = |(name, value): (&String, &Value)| {
        let name = plain(name);
        (name.starts_with("next") && !value.is_null()) || (name == "hasmore" && value == &Value::Bool(true))
    };
    let is_linked = response.header("link").is_some_and(|link| link.contains("next"));
    let inner = body.as_object().into_iter().flatten();
    let deeper = inner.clone().filter_map(|(_, member)| member.as_object()).flatten();
    is_linked || inner.chain(deeper).any(says)
}
