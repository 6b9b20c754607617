//! A path → requests with the methods that it has not.

use http::Method;

use crate::{
    plan::{Address, Draft},
    verify::{
        Phase,
        case::{Case, Expected, Planner, Raw, Shape},
    },
};

/// HEAD and OPTIONS are let be: who answers GET may answer the one, and who has a path the other (RFC 9110, section 9.3).
const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

impl Planner<'_> {
    /// The methods that the path has not; only the first operation of a path asks.
    pub(super) fn methods(&self, address: Address, least: &Draft) -> Vec<Case> {
        let api = &self.plan.apis()[address.api];
        let operation = self.operation(address);
        let is_first =
            api.operations.iter().position(|other| other.path == operation.path) == Some(address.operation);
        let Some(request) = self.plan.write(address, least).ok().filter(|_| is_first) else {
            return Vec::new();
        };
        let declared = self.plan.methods(&request.path);
        let not = METHODS
            .into_iter()
            .filter(|method| !declared.contains(method) && !self.overlaps(address, method));
        not.map(|method| Case {
            address,
            phase: Phase::Coverage,
            expected: Expected::NotAllowed,
            what: format!("the method {method}, which the path has not"),
            shape: Shape::Raw(least.clone(), Raw::Method(method)),
        })
        .collect()
    }

    /// Whether a path with templates where this one has text has the method: a provider may take the text for a value.
    fn overlaps(&self, address: Address, method: &Method) -> bool {
        let own: Vec<&str> = self.operation(address).path.split('/').collect();
        let covers = |other: &str| {
            let other: Vec<&str> = other.split('/').collect();
            own.len() == other.len()
                && own
                    .iter()
                    .zip(&other)
                    .all(|(own, other)| own == other || own.contains('{') || other.contains('{'))
        };
        let operations = self.plan.apis().iter().flat_map(|api| &api.operations);
        operations.into_iter().any(|other| other.method == *method && covers(&other.path))
    }
}
