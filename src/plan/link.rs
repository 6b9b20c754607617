//! The links of a response (OAS 3.1, section 4.8.20): what they take from an answer is there.

use serde_json::Value;

use super::Answer;
use crate::{api::Link, finding::Pointer};

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

/// The places in a body that a link takes values from (OAS 3.1, section 4.8.20.2, runtime expressions).
fn taken(link: &Link) -> Vec<Pointer> {
    let values = link.parameters.values().chain(&link.body);
    let expressions = values.filter_map(Value::as_str).flat_map(expressions);
    let pointers = expressions.filter_map(|expression| expression.strip_prefix("$response.body#"));
    pointers.map(Pointer::from_escaped).collect()
}

/// The expressions in a text: all of it, or those that stand in braces in it.
fn expressions(text: &str) -> Vec<&str> {
    if text.starts_with('$') {
        return vec![text];
    }
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(inside, _)| inside)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_is_a_whole_text_or_stands_in_braces() {
        assert_eq!(expressions("$response.body#/id"), ["$response.body#/id"]);
        assert_eq!(expressions("/pets/{$response.body#/id}/{$url}"), ["$response.body#/id", "$url"]);
        assert!(expressions("seven").is_empty());
    }
}
