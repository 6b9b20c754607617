//! (until the writer is merged)
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use standin::api::Parameter;
use standin::finding::Part;

pub(crate) enum Spelled {
    Path(String),
    Query(Vec<(String, String)>),
    Header(String),
    Cookie(Vec<(String, String)>),
}

pub(crate) fn write_parameter(parameter: &Parameter, value: &Value) -> Result<Spelled, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Array(_) | Value::Object(_) | Value::Null => Err("not yet".to_owned()),
        other => Ok(other.to_string()),
    };
    let enc = |text: String| utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
    Ok(match parameter.part {
        Part::Query => match value {
            Value::Array(items) if parameter.explode => Spelled::Query(
                items
                    .iter()
                    .map(|i| Ok((enc(parameter.name.clone()), enc(text(i)?))))
                    .collect::<Result<_, String>>()?,
            ),
            v => Spelled::Query(vec![(enc(parameter.name.clone()), enc(text(v)?))]),
        },
        Part::Cookie => Spelled::Cookie(vec![(parameter.name.clone(), enc(text(value)?))]),
        Part::Header => Spelled::Header(text(value)?),
        _ => {
            let t = text(value)?;
            if t.is_empty() || t == "." || t == ".." {
                return Err("path".into());
            }
            Spelled::Path(enc(t))
        }
    })
}
