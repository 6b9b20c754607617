//! What cannot be answered, or asked for, and why. A reason that is needed no longer fails the test.

/// Objections that are known.
pub(crate) struct Exception {
    /// The document, or the end of its path.
    document: &'static str,
    /// The operation, or the beginning of its method and path.
    operation: &'static str,
    /// A part of every objection.
    objection: &'static str,
    pub(crate) reason: &'static str,
}

impl Exception {
    pub(crate) fn is_for(&self, document: &str, operation: &str, objection: &str) -> bool {
        document.ends_with(self.document)
            && operation.starts_with(self.operation)
            && objection.contains(self.objection)
    }

    /// Where it holds.
    pub(crate) fn place(&self) -> String {
        let operation = if self.operation.is_empty() { "every operation" } else { self.operation };
        format!("`{}`, {operation}", self.document)
    }
}

pub(crate) const EXCEPTIONS: &[Exception] = &[
    Exception {
        document: "dropshot/dropshot/tests/test_openapi_custom_error_types.json",
        operation: "",
        objection: "found no-valid-response",
        reason: "the 200 is a `string` whose only value is null; nothing is both",
    },
    Exception {
        document: "dropshot/dropshot/tests/test_openapi_fuller.json",
        operation: "",
        objection: "found no-valid-response",
        reason: "the 200 is a `string` whose only value is null; nothing is both",
    },
    Exception {
        document: "dropshot/dropshot/tests/test_openapi_fuller.json",
        operation: "POST /test/multipart-form-data",
        objection: "only an object can be written as named parts",
        reason: "the form is one `string`, which has no parts with names",
    },
    Exception {
        document: "oas-examples/3.0/json/discriminators.json",
        operation: "POST /potentially-undefined-formData",
        objection: "nothing satisfies its schema",
        reason: "both alternatives of the `oneOf` say the same, so whatever satisfies one satisfies the other",
    },
    Exception {
        document: "oas-examples/3.0/json/readme.json",
        operation: "",
        objection: "a 500",
        reason: "all alternatives in the `oneOf` of its errors say the same, so whatever satisfies one satisfies the others",
    },
    Exception {
        document: "json/schema-types.json",
        operation: "",
        objection: "nothing satisfies its schema",
        reason: "`allOf` a `string` and an `integer`",
    },
    Exception {
        document: "autorest-dev/swagger/url.json",
        operation: "GET /paths/",
        objection: "an empty text is no value in a path",
        reason: "the only value of the path parameter is the empty text, and a segment without text is none",
    },
];
