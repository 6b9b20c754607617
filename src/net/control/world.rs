//! What the control interface tells of sandboxes, and whether it serves; its `OpenAPI` document is made from these.

use poem_openapi::{Enum, Object, types::Example};

use super::model::Time;

/// The sandboxes.
#[derive(Object)]
#[expect(clippy::struct_field_names, reason = "this is what it is called in JSON")]
pub(super) struct Sandboxes {
    /// The default one, then the others by name.
    pub(super) sandboxes: Vec<Sandbox>,
    /// How many there may be beside the default one.
    pub(super) most: u64,
    /// How many had to go because there were too many: each time the one that was not used for longest.
    pub(super) dropped: u64,
}

/// What one test owns.
#[derive(Object)]
pub(super) struct Sandbox {
    /// Its name, as `Standin-Sandbox` says it.
    pub(super) name: String,
    /// What its clock shows.
    pub(super) clock: Time,
    /// What changes its generated values; a number that is too large for some readers of JSON, and so a text.
    pub(super) seed: String,
    /// How many requests it has had.
    pub(super) requests: u64,
    /// When it was used last, by the machine's clock.
    pub(super) used: String,
}

/// What of a sandbox can be set.
#[derive(Object, Default)]
#[oai(example, deny_unknown_fields)]
pub(super) struct Setting {
    /// What changes its generated values: a number or any text. Left out, it stays as it is.
    #[oai(skip_serializing_if_is_none)]
    pub(super) seed: Option<String>,
}

impl Example for Setting {
    fn example() -> Self {
        Self { seed: Some("7".to_owned()) }
    }
}

/// Whether it takes requests.
#[derive(Object)]
pub(super) struct Readiness {
    /// Whether it does.
    pub(super) status: Ready,
}

/// Whether it takes requests.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
pub(super) enum Ready {
    /// It does.
    Ready,
    /// It was told to stop, and finishes what it has begun.
    Stopping,
}
