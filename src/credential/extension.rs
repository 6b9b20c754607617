//! `x-standin-token`: the document's last word on a token.

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::sandbox;

/// What `x-standin-token` may say at the schema of a token in an answer, at a parameter, or at a security scheme. `false`
/// in its place says that there is no token.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Extension {
    /// The name of the credential; the place that issues it and those that carry it share one.
    pub name: Option<String>,
    /// How it is written; left out, as its schema and its examples suggest.
    pub format: Option<Written>,
    /// How long it lives, as in `5m` or `24h`; with `lifetimeFrom`, where the request does not say.
    #[serde(default, deserialize_with = "duration")]
    #[schemars(with = "Option<String>", example = "5m")]
    pub lifetime: Option<SignedDuration>,
    /// A JSON Pointer into the request's body, to its lifetime in seconds.
    #[schemars(example = "/durationSec")]
    pub lifetime_from: Option<String>,
    /// A JSON Pointer into the answer's body, to the field that tells its end in UNIX seconds.
    #[schemars(example = "/auth/expires")]
    pub expires: Option<String>,
}

/// How a token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Written {
    /// A signed JSON Web Token.
    Jwt,
    /// Characters that mean nothing to the one who carries them.
    Opaque,
}

/// The JSON Schema of [`Extension`], for editors and for `docs/`.
pub fn extension_schema() -> Value {
    schemars::schema_for!(Extension).to_value()
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SignedDuration>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    sandbox::duration(&text)
        .map(Some)
        .map_err(|error| serde::de::Error::custom(format!("`lifetime`: {error}")))
}
