//! The links of a response (OAS 3.1, section 4.8.20): what they take from an answer is there.

use serde_json::Value;

use super::Answer;
use crate::{
    api::Link,
    exchange::expression::{Expression, Field, Grammar, Source, Template},
    finding::Pointer,
};

/// How often a body is made anew in which a link finds less than it takes.
const ATTEMPTS: usize = 6;

impl Answer<'_> {
    /// Of some bodies the first that holds everything that the links of the response take from it, else the one that holds
    /// most of it.
    pub(super) fn linked(&self, mut made: impl FnMut() -> Option<Value>) -> Option<Value> {
        let first = made()?;
        let links = self.response.map(|response| response.links.as_slice()).unwrap_or_default();
        let wanted: Vec<Pointer> = links.iter().flat_map(taken).collect();
        let lacking =
            |body: &Value| wanted.iter().filter(|pointer| body.pointer(pointer.as_str()).is_none()).count();
        let mut best = (lacking(&first), first);
        for _ in 0..ATTEMPTS {
            if best.0 == 0 {
                break;
            }
            let Some(other) = made() else { continue };
            let lacks = lacking(&other);
            if lacks < best.0 {
                best = (lacks, other);
            }
        }
        Some(best.1)
    }
}

/// The places in a body that a link takes values from (OAS 3.1, section 4.8.20.4). What is no expression is sent as it is.
fn taken(link: &Link) -> Vec<Pointer> {
    let texts = link.parameters.values().chain(&link.body).filter_map(Value::as_str);
    let templates = texts.filter_map(|text| Template::parse(text, Grammar::OpenApi).ok());
    templates.flat_map(|template| template.expressions().filter_map(in_body).collect::<Vec<_>>()).collect()
}

/// The place in the body of an answer that an expression means.
fn in_body(expression: &Expression) -> Option<Pointer> {
    let is_meant = expression.source == Source::Response(Field::Body);
    expression.pointer.clone().filter(|_| is_meant)
}
