//! A request that the document shows → the answer that it shows with it: a refusal of which an example has the same name.
//!
//! A document cannot say otherwise which request a provider refuses although it is right. Read [`Route::shown`] first.

use serde_json::Value;

use super::Route;
use crate::{
    api::{Example, Form, Status},
    exchange::Request,
    wire::{self, Received},
};

impl Route<'_> {
    /// The status and the name of the refusal that is shown with this request, whose decoded body is `body`.
    pub fn shown(&self, request: &Request, body: Option<&Value>) -> Option<(u16, &str)> {
        let refusals = self.operation.responses.iter().filter_map(|response| match response.status {
            Status::Exact(status) if status >= 400 => Some((status, response)),
            _ => None,
        });
        let named = refusals.flat_map(|(status, response)| {
            let examples = response.content.iter().flat_map(|content| &content.as_written);
            examples.filter_map(move |example| Some((status, example.name.as_deref()?)))
        });
        named.into_iter().find(|(_, name)| self.is_named(name, request, body))
    }

    /// Whether the request says what each of its examples with this name says, of which there is one at least.
    fn is_named(&self, name: &str, request: &Request, body: Option<&Value>) -> bool {
        let has = |examples: &[Example]| examples.iter().position(|example| is_it(example, name));
        let received = Received {
            request,
            operation: self.operation,
            schemes: &self.api.schemes,
            path_values: &self.path_values,
        };
        let parameters = self.operation.parameters.iter().filter_map(|parameter| {
            let example = &parameter.examples[has(&parameter.examples)?];
            let read = wire::parameter(parameter, &received).ok().flatten();
            Some(read.is_some_and(|read| read.value == *example.value))
        });
        let contents = self.operation.body.iter().flat_map(|body| &body.content);
        let bodies: Vec<&Value> = contents
            .flat_map(|content| &content.as_written)
            .filter(|one| is_it(one, name))
            .map(|one| &*one.value)
            .collect();
        let of_body = (!bodies.is_empty()).then(|| body.is_some_and(|body| bodies.contains(&body)));
        let said: Vec<bool> = parameters.chain(of_body).collect();
        !said.is_empty() && said.iter().all(|is_said| *is_said)
    }
}

fn is_it(example: &Example, name: &str) -> bool {
    example.form == Form::Value && example.name.as_deref() == Some(name)
}
