//! The formats that the second validator lacks (`OpenAPI` Format Registry).

use std::error::Error;

use base64::{Engine, engine::general_purpose::STANDARD};
use boon::{Compiler, Draft, Format};
use serde_json::Value;

type Verdict = Result<(), Box<dyn Error>>;
type Test = fn(&Value) -> Verdict;

/// A compiler that asserts all formats.
pub(crate) fn compiler() -> Compiler {
    let mut compiler = Compiler::new();
    compiler.set_default_draft(Draft::V2020_12);
    compiler.enable_format_assertions();
    let all: [(&'static str, Test); 11] = [
        ("int8", |value| within(value, -128.0, 127.0)),
        ("int16", |value| within(value, -32_768.0, 32_767.0)),
        ("int32", |value| within(value, -2_147_483_648.0, 2_147_483_647.0)),
        ("int64", int64),
        ("uint8", |value| within(value, 0.0, 255.0)),
        ("uint16", |value| within(value, 0.0, 65_535.0)),
        ("uint32", |value| within(value, 0.0, 4_294_967_295.0)),
        ("uint64", uint64),
        ("float", |value| within(value, f64::from(f32::MIN), f64::from(f32::MAX))),
        ("byte", byte),
        // The validator's own reads a template as a URI, in which expressions such as `{?q}` have no place.
        ("uri-template", uri_template),
    ];
    for (name, func) in all {
        compiler.register_format(Format { name, func });
    }
    compiler
}

/// Whether the second validator reads the pattern.
pub(crate) fn is_pattern(pattern: &str) -> bool {
    let mut compiler = compiler();
    let schema = serde_json::json!({ "pattern": pattern });
    let is_added = compiler.add_resource("http://test/pattern.json", schema).is_ok();
    is_added && compiler.compile("http://test/pattern.json", &mut boon::Schemas::new()).is_ok()
}

fn within(value: &Value, least: f64, most: f64) -> Verdict {
    let Some(number) = value.as_f64() else { return Ok(()) };
    if (least..=most).contains(&number) { Ok(()) } else { Err(format!("not in {least}..={most}").into()) }
}

fn int64(value: &Value) -> Verdict {
    let is_wide = value.is_number()
        && value.as_i64().is_none()
        && value.as_f64().is_none_or(|number| number.abs() >= 9.3e18);
    if is_wide || value.as_u64().is_some_and(|number| number > i64::MAX as u64) {
        return Err("it has more than 64 bits".into());
    }
    Ok(())
}

fn uint64(value: &Value) -> Verdict {
    let is_wide =
        value.as_u64().is_none() && value.as_f64().is_some_and(|number| !(0.0..1.85e19).contains(&number));
    if is_wide { Err("it is no number of 64 bits without sign".into()) } else { Ok(()) }
}

/// Base64 (RFC 4648, section 4).
fn byte(value: &Value) -> Verdict {
    match value.as_str().map(|text| STANDARD.decode(text)) {
        Some(Err(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// RFC 6570, section 2: each brace that opens is closed before the next opens.
fn uri_template(value: &Value) -> Verdict {
    let mut is_open = false;
    for letter in value.as_str().unwrap_or_default().chars().filter(|letter| "{}".contains(*letter)) {
        if is_open == (letter == '{') {
            return Err("its braces do not match".into());
        }
        is_open = !is_open;
    }
    if is_open { Err("an expression is not closed".into()) } else { Ok(()) }
}
