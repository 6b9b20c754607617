//! A security scheme that a request does not meet → what a 401 asks for (RFC 9110, section 11.6.1).
//!
//! The texts are those of Prism, for clients and tests that compare them. Some are not what the RFCs would say; each is
//! still of the form that they give to a challenge.

use super::gate::{Proof, Scheme};

/// The challenges of all that was not met, in the order of the document, each once; `None` where HTTP has a name for none.
pub(super) fn challenges<'s>(failed: impl Iterator<Item = &'s Scheme>) -> Option<String> {
    let mut challenges: Vec<&str> = Vec::new();
    for challenge in failed.filter_map(challenge) {
        if !challenges.contains(&challenge) {
            challenges.push(challenge);
        }
    }
    // A space after the comma would be usual, and as right; Prism writes none.
    (!challenges.is_empty()).then(|| challenges.join(","))
}

fn challenge(scheme: &Scheme) -> Option<&str> {
    match &scheme.proof {
        // RFC 6750, section 3, would have `Bearer` for OAuth 2.0 and OpenID Connect too. Prism names what stands behind the
        // token, and who compares has its name; nobody asks a person for a bearer token because of this field.
        Proof::Bearer { challenge, .. } => Some(challenge),
        Proof::Http(name) => Some(match name.as_str() {
            "basic" => "Basic realm=\"*\"",
            // No password is known here, so nothing is verified by the nonce and it need not change. RFC 7616, section 3.3,
            // would have `qop` too; without it clients fall back to the form that Prism's callers know.
            "digest" => "Digest realm=\"*\", nonce=\"abc123\"",
            other => other,
        }),
        Proof::Key { .. } | Proof::Unseen => None,
    }
}
