//! The stable names of everything that a provider can do wrong.

use std::fmt;

use crate::finding::{Code, Severity};

/// Declares each check once: its variant, its name, how bad it is, and what it means.
macro_rules! checks {
    ($($variant:ident $name:literal $severity:ident $meaning:literal,)+) => {
        /// Something that a provider must do; its name is stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Check {
            $(#[doc = $meaning] $variant,)+
        }

        impl Check {
            /// Every check there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name, in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What is wrong where it fails, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }

            /// How bad it is where it fails.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }
        }
    };
}

checks! {
    ServerError "server-error" Error "The provider failed on a request that it should have answered.",
    UndeclaredStatus "undeclared-status" Error "The operation declares no response with this status.",
    ContentType "content-type" Error "The body is of a media type that the response does not declare.",
    BodyMissing "body-missing" Error "The response declares a body and has none.",
    BodyUnreadable "body-unreadable" Error "The body is not what its media type says.",
    ResponseSchema "response-schema" Error "The body breaks its schema.",
    ResponseHeader "response-header" Error "A header field is absent or breaks its schema.",
    RejectsValid "rejects-valid" Error "A request that the document allows is refused.",
    AcceptsInvalid "accepts-invalid" Error "A request that the document forbids is accepted.",
    IgnoresCredentials "ignores-credentials" Error "A request without a right credential is accepted.",
    AcceptsMethod "accepts-method" Error "A method that the document does not declare is accepted.",
    AllowMissing "allow-missing" Warning "A 405 does not say which methods there are, or says it wrongly.",
    NamedExample "named-example" Error "A request that is shown with an answer of the same name gets another.",
    CreatedNotReadable "created-not-readable" Error "What was made cannot be read.",
    ReadDiffers "read-differs" Error "What is read is not what was sent or answered when it was made.",
    CreatedNotListed "created-not-listed" Error "What was made, and can be read, is on no page of the list.",
    PatchNotKept "patch-not-kept" Error "What an update sent is not what is read after it.",
    PatchChangesMore "patch-changes-more" Error "An update changes what it does not send.",
    PutNotKept "put-not-kept" Error "What a replacement sent is not what is read after it.",
    PutNotRepeatable "put-not-repeatable" Error "The same replacement a second time is refused, or changes something.",
    PutMerges "put-merges" Error "A replacement keeps what it does not send.",
    UseAfterDelete "use-after-delete" Error "What was deleted can still be read.",
    DeletedListed "deleted-listed" Error "What was deleted is still on a page of the list.",
    IdReused "id-reused" Error "Two resources have been given the same id.",
    LimitIgnored "limit-ignored" Error "A page is longer than was asked for.",
    OffsetIgnored "offset-ignored" Error "Pages do not follow each other: items are on two of them, or on none.",
    FilterIgnored "filter-ignored" Error "A list holds what its filter leaves out.",
    IfMatchIgnored "if-match-ignored" Error "A request is taken though its `If-Match` is of an older state.",
    EtagUnchanged "etag-unchanged" Error "A resource has changed, and its strong `ETag` has not.",
    IdempotencyIgnored "idempotency-ignored" Error "The same request with the same key is done twice.",
    RefusalActs "refusal-acts" Error "A request that is refused changes something all the same.",
    TokenRefused "token-refused" Error "A token is refused by an operation that asks for it, right after it was issued.",
    TokenOutlives "token-outlives" Error "A token is accepted after its end.",
    ContractCriterion "contract-criterion" Error "A step of a contract does not meet a criterion.",
    ContractRequest "contract-request" Error "A step of a contract expects success of a request that its document forbids.",
    ContractStep "contract-step" Error "A step of a contract cannot be taken.",
    Unreachable "unreachable" Error "The provider gave no answer to one of many requests.",
}

impl Check {
    /// The check of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.name() == name)
    }

    /// Whether it is about each answer by itself, whatever was asked for.
    pub(super) fn is_of_answers(self) -> bool {
        matches!(
            self,
            Self::ServerError
                | Self::UndeclaredStatus
                | Self::ContentType
                | Self::BodyMissing
                | Self::BodyUnreadable
                | Self::ResponseSchema
                | Self::ResponseHeader
                | Self::Unreachable
        )
    }

    /// Whether it takes several requests to tell.
    pub(super) fn is_of_sequences(self) -> bool {
        matches!(
            self,
            Self::CreatedNotReadable
                | Self::ReadDiffers
                | Self::CreatedNotListed
                | Self::PatchNotKept
                | Self::PatchChangesMore
                | Self::PutNotKept
                | Self::PutNotRepeatable
                | Self::PutMerges
                | Self::UseAfterDelete
                | Self::DeletedListed
                | Self::IdReused
                | Self::LimitIgnored
                | Self::OffsetIgnored
                | Self::FilterIgnored
                | Self::IfMatchIgnored
                | Self::EtagUnchanged
                | Self::IdempotencyIgnored
                | Self::RefusalActs
                | Self::TokenRefused
                | Self::TokenOutlives
        )
    }

    /// The check that fails where a response is found to be so.
    pub(super) fn of(code: Code) -> Option<Self> {
        Some(match code {
            Code::UndeclaredStatus => Self::UndeclaredStatus,
            Code::ContentType => Self::ContentType,
            Code::BodyMissing => Self::BodyMissing,
            Code::BodyUnreadable => Self::BodyUnreadable,
            Code::ResponseSchema => Self::ResponseSchema,
            Code::ResponseHeader => Self::ResponseHeader,
            _ => return None,
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
