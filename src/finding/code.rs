//! The stable names of everything that can be wrong.

use std::fmt;

/// Declares each code once: its variant, its name, and what it means.
macro_rules! codes {
    ($($variant:ident $name:literal $meaning:literal,)+) => {
        /// The stable name of a kind of finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name, in kebab-case.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it means, in one line.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

codes! {
    UnreadableFile "unreadable-file" "A file cannot be read.",
    SyntaxError "syntax-error" "A file is neither JSON nor YAML.",
    NotOpenapi "not-openapi" "A document does not say that it is an `OpenAPI` document.",
    UnsupportedVersion "unsupported-version" "A document is of a version that is not read.",
    InvalidCollection "invalid-collection" "A part of a Postman collection is not of its form; what can be used is.",
    EmptyCollection "empty-collection" "A Postman collection holds no request that can be answered.",
    UnresolvedReference "unresolved-reference" "A `$ref` names nothing.",
    CircularReference "circular-reference" "A `$ref` leads back to itself and never to anything.",
    UnknownDialect "unknown-dialect" "A dialect of JSON Schema is none that is known.",
    InvalidStructure "invalid-structure" "A part of the document is not of the form that `OpenAPI` gives it.",
    InvalidSchema "invalid-schema" "A schema cannot be compiled.",
    InvalidExtension "invalid-extension" "An `x-standin-…` extension is not of its form.",
    ExampleBreaksSchema "example-breaks-schema" "An example does not satisfy its schema; it is not sent.",
    PathConflict "path-conflict" "Two operations have the same method and path; the first one answers.",
    UndeclaredSecurityScheme "undeclared-security-scheme" "A security requirement names a scheme that is not declared.",
    UncheckedSecurityScheme "unchecked-security-scheme" "A security scheme shows nothing in a request by which it could be judged.",
    TokenWithoutRoom "token-without-room" "A token's schema leaves no room for its end and its signature.",
    NoValidResponse "no-valid-response" "Nothing satisfies what the document declares for this answer.",
    UnknownSetting "unknown-setting" "A key of `standin.yaml` is no option of a command.",
    InvalidSetting "invalid-setting" "A value in `standin.yaml` is not what its option takes.",
    MissingParam "missing-param" "A required parameter is absent.",
    InvalidParam "invalid-param" "A parameter does not satisfy its schema.",
    MissingBody "missing-body" "A required body is absent.",
    InvalidBody "invalid-body" "A body cannot be read, or does not satisfy its schema.",
    Undeclared "undeclared" "A request holds something that the document does not declare (with `--strict`).",
    UnsupportedMediaType "unsupported-media-type" "The operation takes no body of this media type.",
    NotAcceptable "not-acceptable" "The operation answers in none of the media types asked for.",
    InvalidPreference "invalid-preference" "A preference of the caller's cannot be read.",
    UnmetPreference "unmet-preference" "The operation has not what the caller prefers.",
    InvalidSandbox "invalid-sandbox" "A request names a sandbox by what is no name, or names two.",
    Deprecated "deprecated" "A request uses what the document is giving up.",
    MissingCredential "missing-credential" "A required credential is absent.",
    InvalidCredential "invalid-credential" "A credential cannot be read, or is not the right one.",
    TokenExpired "token-expired" "A token is past its end.",
    InsufficientScope "insufficient-scope" "A token does not allow this operation.",
    UnknownRoute "unknown-route" "No document has this path.",
    MethodNotAllowed "method-not-allowed" "The path has no such method.",
    UnknownResource "unknown-resource" "What the path names was never made, or is deleted (with `--stateful`).",
    RepeatedKey "repeated-key" "What no two things may have in common is there already (with `--stateful`).",
    OutdatedState "outdated-state" "A request is to be done to a state that is no more (with `--stateful`).",
    BodyTooLarge "body-too-large" "The body is over the limit.",
    BodyInterrupted "body-interrupted" "The body ended early, or came too slowly.",
    AmbiguousPath "ambiguous-path" "Two paths differ in nothing but the names of their templates.",
    MalformedPath "malformed-path" "A path has a brace without its partner, or a template name twice.",
    UndeclaredPathParameter "undeclared-path-parameter" "A name in a path template is declared by no parameter.",
    UnusedPathParameter "unused-path-parameter" "A path parameter has no place in the path template.",
    DuplicateParameter "duplicate-parameter" "Two parameters of one list have the same name and place.",
    DuplicateOperationId "duplicate-operation-id" "Two operations have the same `operationId`.",
    UndeclaredScope "undeclared-scope" "A security requirement names a scope that no flow of its scheme declares.",
    UnresolvedLink "unresolved-link" "A link names no operation.",
    InvalidExpression "invalid-expression" "A runtime expression of a link or a callback is none that the standard knows.",
    UnsentCallback "unsent-callback" "A callback is not sent, for its URL or what it should hold cannot be had.",
    ServerVariable "server-variable" "A server's URL and its variables do not agree.",
    Discriminator "discriminator" "A `discriminator` does not fit the schemas that it tells apart.",
    UnsatisfiableSchema "unsatisfiable-schema" "Nothing satisfies a schema: its keywords exclude each other.",
    DefaultBreaksSchema "default-breaks-schema" "A `default` does not satisfy its schema.",
    UndeclaredProperty "undeclared-property" "A schema requires a property that it says nothing of.",
    EnumBreaksType "enum-breaks-type" "A member of `enum` is not of the schema's `type`; it can never be.",
    ExampleSatisfiesSchema "example-satisfies-schema" "The example of a bad request satisfies what the request must satisfy.",
    UnknownFormat "unknown-format" "A `format` is in no registry; nothing is checked by it.",
    UnknownKeyword "unknown-keyword" "A name in a schema is nearly a keyword and none; it says nothing.",
    UndeclaredStatus "undeclared-status" "A response has a status that its operation does not declare.",
    ContentType "content-type" "A response is of a media type that is not declared for it, or names none.",
    BodyMissing "body-missing" "A response has no body where one is declared.",
    BodyUnreadable "body-unreadable" "The body of a response is not what its media type says.",
    ResponseSchema "response-schema" "The body of a response does not satisfy its schema.",
    ResponseHeader "response-header" "A header field of a response is absent, or does not satisfy its schema.",
    Unjudged "unjudged" "A body is passed on without being judged: too large, a stream, or in a coding that is not read.",
    UpstreamUnreachable "upstream-unreachable" "Nobody answers at the address of the upstream server.",
    UpstreamTimeout "upstream-timeout" "The upstream server does not answer in time.",
    UpstreamBroken "upstream-broken" "The upstream server sends what is no HTTP, or ends its answer early.",
    InvalidContract "invalid-contract" "A part of an Arazzo document is not of its form, or names what does not exist.",
    UnmetCriterion "unmet-criterion" "A step of a contract does not meet a criterion.",
    UnreadablePattern "unreadable-pattern" "A `pattern` is no regular expression of ECMA-262.",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
