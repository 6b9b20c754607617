//! The built-in documents, mocks of them, and what an operation of them is made of.

use std::{fs, sync::Arc};

use jiff::Timestamp;
use standin::{
    api::{self, Api, Operation, SchemeKind},
    credential::{Book, Foreign},
    document,
    exchange::Request,
    mock::{Mock, Options},
    plan::{Address, Bodies},
    sandbox::Clock,
};

use crate::judge::Judge;

const DOCUMENTS: [&str; 3] = ["device-sessions", "rhombus", "rockitplay"];

/// When all requests are sent that need no other time.
pub(crate) const NOON: Timestamp = Timestamp::constant(1_743_422_400, 500_000_000);

fn paths() -> impl Iterator<Item = String> {
    DOCUMENTS.iter().map(|name| format!("{}/openapi/{name}.yaml", env!("CARGO_MANIFEST_DIR")))
}

#[expect(clippy::disallowed_methods, reason = "the judge reads the documents itself")]
pub(crate) fn judge() -> Judge {
    Judge::new(paths().map(|path| fs::read_to_string(path).expect("the document is there")))
}

/// A mock of all documents, read anew, whose clock stands still at [`NOON`].
pub(crate) fn mock(seed: u64, foreign: Foreign, bodies: Bodies) -> Mock {
    let apis = paths().map(|path| {
        let document = document::load(&document::Source::Path(path.into())).expect("it loads");
        let (api, findings) = api::read(Arc::new(document)).expect("it is indexed");
        assert!(findings.is_empty(), "{findings:?}");
        Arc::new(api)
    });
    let options = Options { seed, foreign, bodies, ..Options::default() };
    let (mock, findings) = Mock::new(apis.collect(), Arc::new(Clock::frozen_at(NOON)), options);
    assert!(findings.is_empty(), "{findings:?}");
    mock
}

/// An operation of a mock.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'m> {
    pub(crate) mock: &'m Mock,
    pub(crate) at: Address,
}

/// A header field that carries a credential to an operation.
#[derive(Debug, Clone)]
pub(crate) struct Carrier {
    pub(crate) header: String,
    /// What stands before the credential.
    pub(crate) scheme: &'static str,
    /// The number of the credential in the book.
    pub(crate) credential: usize,
    pub(crate) role: Role,
}

/// What a carrier is in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A parameter, which is required.
    Parameter,
    /// A security scheme that is required.
    Scheme,
    /// A security scheme without which the operation answers as well.
    Option,
}

/// All operations of a mock.
pub(crate) fn scenes(mock: &Mock) -> Vec<Scene<'_>> {
    let apis = mock.plan().apis().iter().enumerate();
    apis.flat_map(|(api, held)| (0..held.operations.len()).map(move |operation| Address { api, operation }))
        .map(|at| Scene { mock, at })
        .collect()
}

/// The operation of that id.
pub(crate) fn scene<'m>(mock: &'m Mock, id: &str) -> Scene<'m> {
    scenes(mock).into_iter().find(|scene| scene.operation().id == id).expect("a document has it")
}

impl<'m> Scene<'m> {
    pub(crate) fn api(self) -> &'m Api {
        &self.mock.plan().apis()[self.at.api]
    }

    pub(crate) fn operation(self) -> &'m Operation {
        &self.api().operations[self.at.operation]
    }

    pub(crate) fn book(self) -> &'m Book {
        &self.mock.books()[self.at.api]
    }

    pub(crate) fn now(self) -> Timestamp {
        self.mock.clock().now()
    }

    /// The bare request.
    pub(crate) fn request(self) -> Request {
        let operation = self.operation();
        assert!(!operation.path.contains('{'), "the documents have no templates");
        Request::new(operation.method.clone(), &operation.path)
    }

    pub(crate) fn carriers(self) -> Vec<Carrier> {
        let names = self.operation().parameters.iter().map(|parameter| parameter.name.as_str());
        let parameters = names.filter_map(|name| self.carrier(name, "", Role::Parameter));
        let security = &self.operation().security;
        let is_open = security.iter().any(|requirement| requirement.0.is_empty());
        let role = if is_open { Role::Option } else { Role::Scheme };
        let schemes =
            security.iter().flat_map(|requirement| &requirement.0).filter_map(|needed| {
                match &self.api().schemes[&needed.scheme].kind {
                    SchemeKind::ApiKey { name, .. } => self.carrier(name, "", role),
                    _ => self.carrier("Authorization", "Bearer ", role),
                }
            });
        parameters.chain(schemes).collect()
    }

    /// The carrier without which the operation does not answer.
    pub(crate) fn required_carrier(self) -> Option<Carrier> {
        self.carriers().into_iter().find(|carrier| carrier.role != Role::Option)
    }

    fn carrier(self, header: &str, scheme: &'static str, role: Role) -> Option<Carrier> {
        let told = match scheme {
            "" => format!("header `{header}`"),
            _ => format!("`{header}: bearer`"),
        };
        let mut credentials = self.book().credentials().iter();
        let credential = credentials.position(|credential| credential.carried_by.contains(&told))?;
        Some(Carrier { header: header.to_owned(), scheme, credential, role })
    }
}

/// A request in one line.
pub(crate) fn shown(request: &Request) -> String {
    let body = String::from_utf8_lossy(request.bytes());
    let Request { method, path, query, headers, .. } = request;
    format!("{method} {path:?} ?{query:?} {headers:?} {body:?}")
}
