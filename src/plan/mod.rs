//! [`Api`]s → [`Plan`]: which operation a request means, whether it is right, which answer it gets, and what that looks like.
//!
//! The steps of a request are methods of the types they start from: [`Plan::route`], [`Route::check`], [`Route::choose`],
//! [`Answer::body`], [`Answer::render`], and [`Route::callbacks`]. A plan never changes and is shared by all requests. It knows nothing of time,
//! tokens or sockets. Read [`compile`] first.

mod callback;
mod check;
mod choose;
mod conform;
mod draft;
mod example;
mod explain;
mod header;
mod kind;
mod link;
mod prefer;
mod problem;
mod render;
mod represent;
pub mod resource;
mod route;
mod shown;
mod spelling;
mod target;
mod undeclared;
mod violation;

use std::sync::Arc;

use http::Method;
use sha2::{Digest, Sha256};

use self::route::Router;
pub use self::{
    callback::Done,
    check::Checked,
    choose::{Answer, Bodies, Source},
    draft::{Draft, Optional},
    example::judge as judge_examples,
    prefer::{Prefer, seed},
    problem::problem,
    route::Unrouted,
    violation::violations,
};
use crate::{
    api::{Api, Operation},
    exchange::Request,
    finding::{Code, Finding, Location, Severity},
    schema::Dice,
};

/// What to do with every request: all operations of all documents, found by method and path.
#[derive(Debug)]
pub struct Plan {
    apis: Vec<Arc<Api>>,
    router: Router,
    options: Options,
}

/// How requests are matched and judged.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The path below which everything is served, such as `/api`; empty for the root.
    pub prefix: String,
    /// What becomes of what the documents do not declare.
    pub undeclared: Undeclared,
}

/// What becomes of parts of a request that the document does not declare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Undeclared {
    /// They are passed over.
    #[default]
    Ignored,
    /// They are told, and the request is refused.
    Refused,
}

/// What becomes of what breaks the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Faults {
    /// It is told beside the answer.
    #[default]
    Told,
    /// It is answered with an error.
    Answered,
}

/// An operation's place in a plan: its API, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The number of the API.
    pub api: usize,
    /// The number of the operation in it.
    pub operation: usize,
}

/// The operation that a request means, and the values in its path.
#[derive(Debug)]
pub struct Route<'p> {
    /// The API.
    pub api: &'p Arc<Api>,
    /// The operation.
    pub operation: &'p Operation,
    /// Its place in the plan.
    pub address: Address,
    /// What becomes of what the document does not declare.
    pub undeclared: Undeclared,
    /// The values of the path's templates by name, percent-encoded as they were sent, in order.
    pub path_values: Vec<(String, String)>,
}

/// Plans the answers of `apis`; where two of them have the same method and path the first one answers, which is a finding,
/// as is each example that is given as a text which its schema refuses.
///
/// Every operation is found behind each base path of its servers, and without one; where a path could be both, the longest
/// base path wins.
pub fn compile(apis: Vec<Arc<Api>>, options: Options) -> (Plan, Vec<Finding>) {
    let mut findings = example::judge(&apis);
    let (plan, told) = compile_unjudged(apis, options);
    findings.extend(told);
    (plan, findings)
}

/// The same, but nothing is told of the examples; [`judge_examples`] does that.
pub fn compile_unjudged(apis: Vec<Arc<Api>>, options: Options) -> (Plan, Vec<Finding>) {
    let mut router = Router::default();
    let mut findings = Vec::new();
    let operations = || {
        apis.iter().enumerate().flat_map(|(number, api)| {
            let operations = api.operations.iter().enumerate();
            operations.map(move |(index, operation)| (Address { api: number, operation: index }, operation))
        })
    };
    for (address, operation) in operations() {
        for base in &operation.base_paths {
            // A server's variable is no parameter, whatever its name.
            let base = base.replace('{', "{server.");
            router.add(&format!("{base}{}", operation.path), &operation.method, address);
        }
    }
    let mut bare = Router::default();
    for (address, operation) in operations() {
        if let Some(first) = bare.add(&operation.path, &operation.method, address) {
            findings.push(conflict(operation, &apis[first.api], first));
        }
        router.add(&operation.path, &operation.method, address);
    }
    (Plan { apis, router, options }, findings)
}

fn conflict(operation: &Operation, holder: &Api, first: Address) -> Finding {
    let other = &holder.operations[first.operation];
    let message = format!(
        "`{}` is declared as `{}` of `{}` already, which answers",
        operation.line(),
        other.path,
        holder.name()
    );
    let location = Location::Document(operation.place.clone(), None);
    let mut finding = Finding::error(Code::PathConflict, location, message).ruled_by(&other.place);
    finding.severity = Severity::Warning;
    finding.help("serve the documents one at a time, or under different base paths")
}

impl Plan {
    /// The APIs, in order.
    pub fn apis(&self) -> &[Arc<Api>] {
        &self.apis
    }

    /// The operation that a request means: literal segments before templates, with and without the servers' base paths.
    ///
    /// # Errors
    /// [`Unrouted`] where no document has the path, or the path has no such method.
    pub fn route(&self, request: &Request) -> Result<Route<'_>, Unrouted> {
        let path = self.below_prefix(&request.path).ok_or(Unrouted::Path)?;
        let (address, mut path_values) = self.router.find(&request.method, path, self.options.undeclared)?;
        let api = &self.apis[address.api];
        let operation = &api.operations[address.operation];
        // A gap in the path is the absence of a parameter, where there is one to be absent.
        let is_declared = |name: &str| operation.parameters.iter().any(|known| known.name == name);
        if path_values.iter().any(|(name, value)| value.is_empty() && !is_declared(name)) {
            return Err(Unrouted::Path);
        }
        path_values.retain(|(_, value)| !value.is_empty());
        Ok(Route { api, operation, address, undeclared: self.options.undeclared, path_values })
    }

    /// The methods that a path has, in alphabetical order; none where no document has the path.
    pub fn methods(&self, path: &str) -> Vec<Method> {
        let path = self.below_prefix(path);
        path.map(|path| self.router.methods(path, self.options.undeclared)).unwrap_or_default()
    }

    fn below_prefix<'r>(&self, path: &'r str) -> Option<&'r str> {
        let below = path.strip_prefix(self.options.prefix.as_str())?;
        (below.is_empty() || below.starts_with('/')).then_some(below)
    }

    /// The path below which everything is served; empty for the root.
    pub fn prefix(&self) -> &str {
        &self.options.prefix
    }
}

impl Route<'_> {
    /// The decisions for this request: the same for the same seed, operation and request on every machine.
    pub fn dice(&self, seed: u64, request: &Request) -> Dice {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        add(&seed.to_be_bytes());
        add(self.operation.id.as_bytes());
        add(request.path.as_bytes());
        add(request.query.as_deref().unwrap_or_default().as_bytes());
        add(request.bytes());
        let digest = hash.finalize();
        Dice::seeded(digest.iter().take(8).fold(0, |seed, byte| seed << 8 | u64::from(*byte)))
    }
}
