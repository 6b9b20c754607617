//! Bytes → the parts of a multipart body (RFC 2046, section 5.1.1; RFC 7578, section 4).

use memchr::memmem;

use crate::{
    exchange::{self, MediaType},
    wire::{Fault, text},
};

/// How many parts a body may have.
const MOST: usize = 10_000;

/// How many header fields a part may have.
const FIELDS: usize = 64;

/// One part of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'b> {
    /// Its header fields, names in lower case.
    pub(super) fields: Vec<(String, String)>,
    /// Its content.
    pub(super) bytes: &'b [u8],
}

impl Part<'_> {
    /// The value of a header field; `name` in any case.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The name that `Content-Disposition` gives it (RFC 7578, section 4.2).
    pub(super) fn name(&self) -> Option<String> {
        self.disposition("name")
    }

    /// Whether it was a file: the name of it does not matter here.
    pub(super) fn is_file(&self) -> bool {
        self.disposition("filename").or_else(|| self.disposition("filename*")).is_some()
    }

    /// The media type that it says it is of.
    pub(super) fn media_type(&self) -> Option<MediaType> {
        MediaType::parse(self.field("content-type")?)
    }

    fn disposition(&self, name: &str) -> Option<String> {
        let parameters = exchange::parameters(self.field("content-disposition")?);
        let (_, value) = parameters.into_iter().find(|(key, _)| key == name)?;
        // Browsers escape these three and no others (WHATWG HTML, section 4.10.21.8).
        Some(value.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n"))
    }
}

/// The parts between the lines of the boundary; what stands before the first and after the last line is no part.
///
/// # Errors
/// [`Fault`] where a boundary is missing, or the header of a part is none.
pub(super) fn parts<'b>(bytes: &'b [u8], boundary: &str) -> Result<Vec<Part<'b>>, Fault> {
    let line = format!("--{boundary}");
    let mut lines = memmem::find_iter(bytes, line.as_bytes())
        .filter_map(|start| Delimiter::at(bytes, start, start + line.len()));
    let Some(mut open) = lines.next() else {
        return Err(Fault::new(format!("no line of it is the boundary `{line}`")));
    };
    let mut parts = Vec::new();
    while !open.is_last {
        let Some(next) = lines.next() else {
            return Err(Fault::new(format!("the last boundary `{line}--` is missing")));
        };
        let number = parts.len() + 1;
        if number > MOST {
            return Err(Fault::new(format!("it has more than {MOST} parts")));
        }
        let inner = bytes.get(open.end..next.start).unwrap_or_default();
        parts.push(part(inner).map_err(|why| Fault::new(format!("part {number} {why}")))?);
        open = next;
    }
    Ok(parts)
}

/// A line that keeps parts apart.
struct Delimiter {
    /// Where the part before it ends.
    start: usize,
    /// Where the part after it begins.
    end: usize,
    is_last: bool,
}

impl Delimiter {
    /// The boundary found from `start` to `end`, where it is alone on its line.
    fn at(bytes: &[u8], start: usize, end: usize) -> Option<Self> {
        let before = &bytes[..start];
        let content = before.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
        let content = if start == 0 { before } else { content? };
        let after = &bytes[end..];
        if after.starts_with(b"--") {
            return Some(Self { start: content.len(), end, is_last: true });
        }
        let length = after.iter().position(|byte| *byte == b'\n').unwrap_or(after.len());
        let is_alone = after[..length].iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'));
        is_alone.then(|| Self {
            start: content.len(),
            end: (end + length + 1).min(bytes.len()),
            is_last: false,
        })
    }
}

fn part(bytes: &[u8]) -> Result<Part<'_>, String> {
    // A part without header fields begins with the empty line that ends them.
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    match httparse::parse_headers(bytes, &mut fields) {
        Ok(httparse::Status::Complete((length, found))) => {
            let fields = found.iter().map(|field| (field.name.to_ascii_lowercase(), value(field.value)));
            Ok(Part { fields: fields.collect(), bytes: &bytes[length..] })
        }
        Ok(httparse::Status::Partial) => Err("has no empty line after its header fields".to_owned()),
        Err(httparse::Error::TooManyHeaders) => Err(format!("has more than {FIELDS} header fields")),
        Err(error) => Err(format!("has a header that is none: {error}")),
    }
}

fn value(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| text::from_bytes(bytes), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies(text: &str) -> Result<Vec<String>, String> {
        let parts = parts(text.as_bytes(), "b").map_err(|fault| fault.message)?;
        Ok(parts.iter().map(|part| String::from_utf8_lossy(part.bytes).into_owned()).collect())
    }

    #[test]
    fn parts_stand_between_the_lines_of_the_boundary() {
        assert_eq!(bodies("--b\r\n\r\none\r\n--b\r\n\r\n\r\n--b--\r\n").unwrap(), ["one", ""]);
        assert_eq!(bodies("before\r\n--b \t\r\n\r\n--bc\r\n--b--after").unwrap(), ["--bc"]);
        assert_eq!(bodies("--b\nA: 1\n\none\ntwo\n\n--b--").unwrap(), ["one\ntwo\n"]);
        assert_eq!(bodies("--b--").unwrap(), [""; 0]);
        assert_eq!(bodies("x--b\r\n--b\r\n\r\nx--b\r\n--b--").unwrap(), ["x--b"]);
    }

    #[test]
    fn what_is_broken_is_told() {
        assert_eq!(bodies("").unwrap_err(), "no line of it is the boundary `--b`");
        assert_eq!(bodies("--b\r\n\r\none").unwrap_err(), "the last boundary `--b--` is missing");
        let why = bodies("--b\r\nno colon\r\n\r\none\r\n--b--").unwrap_err();
        assert_eq!(why, "part 1 has a header that is none: invalid header name");
        assert_eq!(bodies("--b\r\n--b--").unwrap_err(), "part 1 has no empty line after its header fields");
    }

    #[test]
    fn a_name_may_be_quoted_escaped_or_bare() {
        let name = |field: &str| {
            let text = format!("--b\r\nContent-Disposition: {field}\r\n\r\n\r\n--b--");
            parts(text.as_bytes(), "b").unwrap()[0].name()
        };
        assert_eq!(name("form-data; name=a").as_deref(), Some("a"));
        assert_eq!(
            name(r#"form-data; filename="x;name=\"n\""; name="a \"b\" ë""#).as_deref(),
            Some("a \"b\" ë")
        );
        assert_eq!(name(r#"form-data; name="a%22b""#).as_deref(), Some("a\"b"));
        assert_eq!(name("form-data"), None);
    }
}
