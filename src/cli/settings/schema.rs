//! The commands of `clap` → the JSON Schema of the file.

use clap::Command;
use serde_json::{Map, Value, json};

use super::{
    kind::Kind,
    table::{Setting, commands, settings},
};

/// The JSON Schema of what the file may hold.
pub(super) fn schema(command: &Command) -> Value {
    let mut properties = Map::new();
    for setting in commands(command).flat_map(settings).filter(Setting::is_common) {
        properties.entry(setting.key).or_insert_with(|| property(&setting));
    }
    for command in commands(command) {
        let own: Map<String, Value> =
            settings(command).map(|setting| (setting.key.to_owned(), property(&setting))).collect();
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let section = json!({
            "description": format!("Only for `standin {}`: {about}", command.get_name()),
            "type": ["object", "null"],
            "properties": own,
            "additionalProperties": false,
        });
        properties.insert(command.get_name().to_owned(), section);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "standin.yaml",
        "description": "Options of the commands of standin. One at the top is for every command that has it; one below the \
                        name of a command for that command alone.",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
    })
}

fn property(setting: &Setting<'_>) -> Value {
    let one = match Kind::of(setting.arg) {
        Kind::Switch => json!({"type": "boolean"}),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Integer => json!({"type": "integer", "minimum": 0}),
        Kind::Text => json!({"type": ["string", "number"]}),
    };
    let mut property =
        if setting.is_list() { json!({"anyOf": [one, {"type": "array", "items": one}]}) } else { one };
    if let Some(help) = setting.arg.get_help() {
        property["description"] = help.to_string().into();
    }
    if let Some(variable) = setting.arg.get_env() {
        property["x-standin-variable"] = variable.to_string_lossy().into();
    }
    property
}
