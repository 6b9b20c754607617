//! A request → the `curl` line that sends it again.

use std::fmt::Write as _;

use http::Method;

use crate::exchange::Request;

/// The line for a shell; `base` is the URL of the server, without a slash at the end.
///
/// ```
/// use http::Method;
/// use standin::{exchange::Request, report::curl};
///
/// let request = Request::new(Method::POST, "/pets?a=b").header("x-key", "it's").body("{}");
/// assert_eq!(
///     curl("http://127.0.0.1:1", &request),
///     r#"curl -i -X POST 'http://127.0.0.1:1/pets?a=b' -H 'x-key: it'\''s' --data-binary '{}'"#
/// );
/// ```
pub fn curl(base: &str, request: &Request) -> String {
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let mut line = match &request.method {
        &Method::GET => "curl -i".to_owned(),
        // With `-X` curl would wait for the body that a HEAD has not.
        &Method::HEAD => "curl -i --head".to_owned(),
        method => format!("curl -i -X {method}"),
    };
    // Writing to a string does not fail.
    let _ = write!(line, " {}", quoted(&format!("{base}{}{query}", request.path)));
    let is_globbed = |character| matches!(character, '[' | ']' | '{' | '}');
    if request.path.contains(is_globbed) || query.contains(is_globbed) {
        line.push_str(" --globoff");
    }
    if request.path.split('/').any(|step| step == "." || step == "..") {
        line.push_str(" --path-as-is");
    }
    for (name, value) in &request.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        // A field without a value is written so for curl.
        let field = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        let _ = write!(line, " -H {}", quoted(&field));
    }
    let bytes = request.bytes();
    if !bytes.is_empty() {
        let _ = write!(line, " --data-binary {}", data(bytes));
    }
    line
}

/// A text for a shell, to the letter.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Bytes for a shell: a text as it is, others with the escapes of `$'…'`.
fn data(bytes: &[u8]) -> String {
    let is_plain =
        |text: &&str| !text.chars().any(|one| one.is_control() && one != '\n') && !text.starts_with('@');
    if let Some(text) = std::str::from_utf8(bytes).ok().filter(is_plain) {
        return quoted(text);
    }
    let escaped: String = bytes
        .iter()
        .enumerate()
        .map(|(at, byte)| match byte {
            b'@' if at == 0 => r"\x40".to_owned(),
            b'\'' | b'\\' => format!("\\x{byte:02x}"),
            b' '..=b'~' => char::from(*byte).to_string(),
            byte => format!("\\x{byte:02x}"),
        })
        .collect();
    format!("$'{escaped}'")
}
