//! How credentials travel: what a client has to send with an operation, and where it gets it from.

use jiff::SignedDuration;
use serde_json::Value;

use super::{Book, Issuer, Unit, gate::Proof, jwt, seconds};
use crate::finding::{Part, Pointer};

/// A place in a request that carries a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carriage {
    /// In which part of the request.
    pub part: Part,
    /// Under which name.
    pub name: String,
    /// The scheme that stands before it, as in `Authorization: Bearer …`.
    pub scheme: Option<String>,
    /// The number of the credential, where it is a token or a key.
    pub credential: Option<usize>,
}

impl Carriage {
    /// What is sent where the credential is this text.
    pub fn text(&self, credential: &str) -> String {
        match &self.scheme {
            Some(scheme) => format!("{scheme} {credential}"),
            None => credential.to_owned(),
        }
    }
}

impl Book {
    /// What an operation wants to see: alternatives, in each of them all that has to be sent. One alternative of nothing
    /// where it wants nothing.
    pub fn carriages(&self, operation: usize) -> Vec<Vec<Carriage>> {
        let Some(gate) = self.gates.get(operation) else { return vec![Vec::new()] };
        let in_parameters = gate.parameters.iter().map(|carrier| Carriage {
            part: carrier.part,
            name: carrier.name.clone(),
            scheme: None,
            credential: Some(carrier.credential),
        });
        let in_parameters: Vec<Carriage> = in_parameters.collect();
        let carried = |proof: &Proof| match proof {
            Proof::Key { part, name, credential } => Some(Carriage {
                part: *part,
                name: name.clone(),
                scheme: None,
                credential: Some(*credential),
            }),
            Proof::Bearer { credential, .. } => Some(authorization("Bearer", Some(*credential))),
            Proof::Http(scheme) => Some(authorization(scheme, None)),
            Proof::Unseen => None,
        };
        let alternatives = gate.alternatives.iter().map(|schemes| {
            let needed = schemes.iter().filter_map(|scheme| carried(&scheme.proof));
            needed.chain(in_parameters.iter().cloned()).collect()
        });
        let mut alternatives: Vec<Vec<Carriage>> = alternatives.collect();
        if alternatives.is_empty() {
            alternatives.push(in_parameters);
        }
        alternatives
    }

    /// The operations that issue a credential, each with the place of the token in its answer.
    pub fn issuers(&self, credential: usize) -> impl Iterator<Item = (usize, &Pointer)> {
        let issuers = self.issuers.iter().filter(move |issuer| issuer.credential == credential);
        issuers.map(|issuer| (issuer.operation, &issuer.token))
    }

    /// How long the token in an answer lives, as far as that can be told without a clock: by its own claims, or by a number
    /// of seconds beside it.
    pub fn life(&self, operation: usize, credential: usize, answer: &Value) -> Option<SignedDuration> {
        let is_meant = |issuer: &&Issuer| issuer.operation == operation && issuer.credential == credential;
        let issuer = self.issuers.iter().find(is_meant)?;
        let text = answer.pointer(issuer.token.as_str())?.as_str()?;
        let beside = || {
            let end = issuer.end.as_ref().filter(|end| end.unit == Unit::SecondsFromNow)?;
            seconds(answer.pointer(end.field.as_str())?)
        };
        jwt::life(text).or_else(beside).map(SignedDuration::from_secs)
    }
}

fn authorization(scheme: &str, credential: Option<usize>) -> Carriage {
    Carriage {
        part: Part::Header,
        name: "authorization".to_owned(),
        scheme: Some(scheme.to_owned()),
        credential,
    }
}
