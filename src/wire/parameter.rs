//! A parameter of a request ↔ a value (OAS 3.1, section 4.8.12).

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Read, form::readings, scalar::best};
use crate::{
    api::Parameter,
    exchange::Request,
    finding::Part,
    schema::{Schema, Types},
};

/// The value of a parameter in a request, and how it breaks its schema; `None` where it is absent.
///
/// `path_values` are the values of the path's templates by name, percent-encoded as they were sent.
pub fn parameter(parameter: &Parameter, request: &Request, path_values: &[(String, String)]) -> Option<Read> {
    let texts = texts(parameter, request, path_values);
    if texts.is_empty() {
        return None;
    }
    let Some(schema) = &parameter.schema else {
        return Some(Read { value: Value::String(texts.join(",")), violations: Vec::new() });
    };
    let is_separated = !(parameter.explode && matches!(parameter.part, Part::Query | Part::Cookie));
    let readings = if is_separated && is_array(schema) {
        let items: Vec<String> = texts.iter().flat_map(|text| text.split(',')).map(str::to_owned).collect();
        readings(schema, &items)
    } else {
        readings(schema, &texts)
    };
    let (value, violations) = best(Some(schema), readings);
    Some(Read { value, violations })
}

fn is_array(schema: &Schema) -> bool {
    let types = schema.about().types();
    types != Types::ALL && types.meets(Types::ARRAY)
}

fn texts(parameter: &Parameter, request: &Request, path_values: &[(String, String)]) -> Vec<String> {
    match parameter.part {
        Part::Query => request.query_values(&parameter.name),
        Part::Cookie => request.cookie_values(&parameter.name),
        Part::Header => request.header_values(&parameter.name),
        Part::Path | Part::Line | Part::Body => {
            let values = path_values.iter().filter(|(name, _)| *name == parameter.name);
            values.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned()).collect()
        }
    }
}
