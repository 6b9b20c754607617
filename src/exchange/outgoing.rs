//! A request that somebody else is sent because of an exchange.

use std::{fmt, sync::Arc};

use super::{Request, Response};
use crate::finding::Finding;

/// A request to another server, and what it takes to judge the answer.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// What it is called, for people.
    pub name: String,
    /// The server: scheme, host and port, such as `http://localhost:8080`.
    pub origin: String,
    /// What is sent there.
    pub request: Request,
    /// Who judges the answer.
    pub judge: Arc<dyn Judge>,
}

/// Whatever knows what a response should be.
pub trait Judge: fmt::Debug + Send + Sync {
    /// Everything in which a response is not what it should be.
    fn judge(&self, response: &Response) -> Vec<Finding>;
}

impl Outgoing {
    /// The URL that it is sent to.
    pub fn url(&self) -> String {
        let query = self.request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{}{query}", self.origin, self.request.path)
    }
}
