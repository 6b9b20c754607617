//! The tree of the file → a value for each setting, and what is wrong with it, all at once.

use std::{collections::BTreeMap, sync::Arc};

use clap::Command;
use serde_json::{Map, Value};

use super::{
    kind::{self, Kind},
    table::{Setting, commands, settings},
};
use crate::{
    check::nearest,
    document::{Document, Underlined},
    finding::{Code, Finding, Location, Place, Pointer},
};

/// What the file says: the texts of each key, those below a command under its name.
#[derive(Debug, Default)]
pub(super) struct Settings {
    common: BTreeMap<String, Vec<String>>,
    of: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Settings {
    /// Reads the file, and tells what is wrong with it, each with its line.
    pub(super) fn read(file: &Document, command: &Command) -> (Self, Vec<Finding>) {
        let mut reading = Reading { file, findings: Vec::new() };
        let settings = reading.all(command);
        (settings, reading.findings)
    }

    /// The texts for a setting of a command, where there are any.
    pub(super) fn get(&self, command: &str, setting: &Setting<'_>) -> Option<&Vec<String>> {
        let own = self.of.get(command).and_then(|own| own.get(setting.key));
        own.or_else(|| self.common.get(setting.key).filter(|_| setting.is_common()))
    }
}

struct Reading<'f> {
    file: &'f Document,
    findings: Vec<Finding>,
}

impl Reading<'_> {
    fn all(&mut self, command: &Command) -> Settings {
        let mut read = Settings::default();
        let value = self.file.root().value().clone();
        let Some(top) = self.mapping(&value, &Pointer::root()) else { return read };
        for (key, value) in top {
            let at = Pointer::root().join(key.as_str());
            let own = commands(command).find(|command| command.get_name() == key);
            let common: Vec<Setting<'_>> =
                commands(command).flat_map(settings).filter(Setting::is_common).collect();
            match (own, common.iter().find(|setting| setting.key == key)) {
                (Some(own), _) => {
                    let below = self.below(own, value, &at, command);
                    read.of.insert(key.clone(), below);
                }
                (None, Some(setting)) => {
                    let texts = self.texts(setting, value, &at);
                    read.common.insert(key.clone(), texts);
                }
                (None, None) => {
                    let known = common.iter().map(|setting| setting.key);
                    let known: Vec<&str> = known.chain(commands(command).map(Command::get_name)).collect();
                    self.unknown(key, &known, &at, command, "there is no option");
                }
            }
        }
        read
    }

    /// What stands below the name of a command.
    fn below(
        &mut self,
        own: &Command,
        value: &Value,
        at: &Pointer,
        command: &Command,
    ) -> BTreeMap<String, Vec<String>> {
        let mut read = BTreeMap::new();
        for (key, value) in self.mapping(value, at).into_iter().flatten() {
            let at = at.join(key.as_str());
            if let Some(setting) = settings(own).find(|setting| setting.key == key) {
                read.insert(key.clone(), self.texts(&setting, value, &at));
            } else {
                let known: Vec<&str> = settings(own).map(|setting| setting.key).collect();
                self.unknown(key, &known, &at, command, &format!("`{}` has no option", own.get_name()));
            }
        }
        read
    }

    /// The members of a mapping; an empty file, or an empty part of it, has none.
    fn mapping<'v>(&mut self, value: &'v Value, at: &Pointer) -> Option<&'v Map<String, Value>> {
        if !value.is_object() && !value.is_null() {
            let message = format!("this is {}, and not options by their names", a(value));
            self.tell(Code::InvalidSetting, at, Underlined::Value, message, "write it as in `port: 4010`");
        }
        value.as_object()
    }

    /// The texts of a value, as they would be typed.
    fn texts(&mut self, setting: &Setting<'_>, value: &Value, at: &Pointer) -> Vec<String> {
        match value {
            Value::Array(items) if setting.is_list() => {
                let items = items.iter().enumerate();
                items.filter_map(|(index, item)| self.text(setting, item, &at.join(index))).collect()
            }
            _ => self.text(setting, value, at).into_iter().collect(),
        }
    }

    fn text(&mut self, setting: &Setting<'_>, value: &Value, at: &Pointer) -> Option<String> {
        let kind = Kind::of(setting.arg);
        let text = match (&kind, value) {
            (Kind::Switch, Value::Bool(on)) => Some(on.to_string()),
            (Kind::Integer | Kind::Text, Value::Number(number)) => Some(number.to_string()),
            (Kind::Choice(_) | Kind::Text, Value::String(text)) => Some(text.clone()),
            _ => None,
        };
        let why = match &text {
            None => Some(format!("it is {}", a(value))),
            Some(_) if kind == Kind::Switch => None,
            Some(text) => kind::wrong(setting.arg, text),
        };
        if let Some(why) = why {
            let message = format!("`{}` cannot be so: {why}", setting.key);
            // What a text has to be, only its help says.
            let help = setting.arg.get_help().filter(|_| kind == Kind::Text && text.is_some());
            let help = help.map_or_else(|| kind.expected(), ToString::to_string);
            self.tell(Code::InvalidSetting, at, Underlined::Value, message, &help);
            return None;
        }
        text
    }

    fn unknown(&mut self, key: &str, known: &[&str], at: &Pointer, command: &Command, what: &str) {
        let others = commands(command).filter(|other| settings(other).any(|setting| setting.key == key));
        let others: Vec<&str> = others.map(Command::get_name).collect();
        let help = match (nearest(key, known.iter().copied()), others.first()) {
            (_, Some(other)) => format!("it is an option of `{other}`: write it below `{other}:`"),
            (Some(near), None) => format!("most likely `{near}` is meant"),
            (None, None) => "`standin init` writes a file that shows every option".to_owned(),
        };
        self.tell(Code::UnknownSetting, at, Underlined::Key, format!("{what} `{key}`"), &help);
    }

    fn tell(&mut self, code: Code, at: &Pointer, part: Underlined, message: String, help: &str) {
        let Some((uri, file)) = self.file.files().first() else { return };
        let span = file.spans(&[at], part).pop().flatten();
        let place = Place { file: Arc::clone(uri), pointer: at.clone() };
        self.findings.push(Finding::error(code, Location::Document(place, span), message).help(help));
    }
}

/// A value in words.
fn a(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(_) | Value::Number(_) => format!("`{value}`"),
        Value::String(text) => format!("`{text}`"),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a mapping".to_owned(),
    }
}
