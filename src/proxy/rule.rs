//! When the mock answers in the place of the upstream: rules as they are written, and what they mean in a plan.

use std::str::FromStr;

use http::{Method, StatusCode};

use crate::{
    api::{Operation, Status},
    plan::{Address, Plan},
};

/// What is answered by the mock.
///
/// ```
/// use standin::{api::Status, proxy::Rule};
///
/// assert_eq!("501".parse(), Ok(Rule::Status(Status::Exact(501))));
/// assert_eq!("5XX".parse(), Ok(Rule::Status(Status::Range(5))));
/// assert_eq!("/pets".parse(), Ok(Rule::Path(None, "/pets".to_owned())));
/// assert_eq!("get /pets".parse(), Ok(Rule::Path(Some(http::Method::GET), "/pets".to_owned())));
/// assert_eq!("listPets".parse(), Ok(Rule::Id("listPets".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// What the upstream answers with this status.
    Status(Status),
    /// The operations of a path as the document writes it, all or that of one method; they are not forwarded at all.
    Path(Option<Method>, String),
    /// The operation with this `operationId`; it is not forwarded at all.
    Id(String),
}

/// A rule that means no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mock `{0}`: no operation has this path or id")]
pub struct Meaningless(pub String);

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some((method, path)) = text.split_once(' ') {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
            let method = method.map_err(|_| format!("`{text}` does not begin with a method"))?;
            return Ok(Self::Path(Some(method), path.trim().to_owned()));
        }
        match Status::parse(&text.to_ascii_uppercase()) {
            Some(status) => Ok(Self::Status(status)),
            None if text.starts_with('/') => Ok(Self::Path(None, text.to_owned())),
            None if text.is_empty() => Err("a status, a path or an `operationId` is wanted".to_owned()),
            None => Ok(Self::Id(text.to_owned())),
        }
    }
}

/// Rules, and the operations that they mean.
#[derive(Debug, Default)]
pub(super) struct Rules {
    statuses: Vec<Status>,
    operations: Vec<Address>,
}

impl Rules {
    pub(super) fn resolve(rules: &[Rule], plan: &Plan) -> Result<Self, Meaningless> {
        let mut resolved = Self::default();
        for rule in rules {
            let meant: Vec<Address> = match rule {
                Rule::Status(status) => {
                    resolved.statuses.push(*status);
                    continue;
                }
                Rule::Path(method, path) => operations(plan, |operation| {
                    operation.path == *path
                        && method.as_ref().is_none_or(|method| operation.method == *method)
                }),
                Rule::Id(id) => operations(plan, |operation| operation.id == *id),
            };
            if meant.is_empty() {
                return Err(Meaningless(rule.to_string()));
            }
            resolved.operations.extend(meant);
        }
        Ok(resolved)
    }

    /// Whether an operation is never forwarded.
    pub(super) fn has_operation(&self, address: Address) -> bool {
        self.operations.contains(&address)
    }

    /// Whether the mock answers in the place of an answer of this status.
    pub(super) fn has_status(&self, status: StatusCode) -> bool {
        self.statuses.iter().any(|rule| match rule {
            Status::Exact(code) => *code == status.as_u16(),
            Status::Range(hundred) => *hundred == status.as_u16() / 100,
            Status::Default => false,
        })
    }
}

fn operations(plan: &Plan, is_meant: impl Fn(&Operation) -> bool) -> Vec<Address> {
    let all = plan.apis().iter().enumerate().flat_map(|(api, read)| {
        read.operations.iter().enumerate().map(move |(operation, read)| (Address { api, operation }, read))
    });
    all.filter(|(_, operation)| is_meant(operation)).map(|(address, _)| address).collect()
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Path(Some(method), path) => write!(f, "{method} {path}"),
            Self::Path(None, path) => f.write_str(path),
            Self::Id(id) => f.write_str(id),
        }
    }
}
