//! The requests of the bench, and the largest document that is at hand.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::process::Server;

/// How many requests that differ are sent in turn where each is to be answered anew.
const ROUND: usize = 20_000;

/// Requests that are sent in turn, and what is wanted of their rate.
#[derive(Debug, Clone)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) requests: Vec<Vec<u8>>,
    pub(crate) status: u16,
    /// The least share of the limit's rate, and the most processor time in microseconds.
    pub(crate) wanted: (f64, f64),
}

impl Scenario {
    pub(crate) fn get(name: &'static str, target: &str) -> Self {
        Self { name, requests: vec![message("GET", target, "", "")], status: 200, wanted: (0.8, 13.0) }
    }

    /// The requests with a token that the server has issued, where they want one.
    pub(crate) fn with_token(mut self, server: &Server) -> Self {
        let issued = server.answer(&message("POST", "/login", "", r#"{"user": "ann"}"#));
        let issued: Value = serde_json::from_slice(&issued.body).unwrap();
        for request in &mut self.requests {
            let text = String::from_utf8(std::mem::take(request)).unwrap();
            *request = text.replace("TOKEN", issued["token"].as_str().unwrap()).into_bytes();
        }
        self
    }
}

fn message(method: &str, target: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = match body.len() {
        0 => String::new(),
        length => format!("content-type: application/json\r\ncontent-length: {length}\r\n"),
    };
    format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: */*\r\n{fields}{length}\r\n{body}")
        .into_bytes()
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let anew = (0..ROUND).map(|number| message("GET", &format!("/nested?n={number}"), "", ""));
    let order = |count: usize| format!(r#"{{"customer": "Ann", "count": {count}, "kind": "gift"}}"#);
    vec![
        Scenario::get("GET, static example", "/static"),
        Scenario {
            name: "POST, valid body of 3 fields",
            requests: (1..1_000).map(|count| message("POST", "/orders", "", &order(count))).collect(),
            status: 201,
            wanted: (0.7, 18.0),
        },
        Scenario {
            name: "POST, invalid body",
            requests: vec![message("POST", "/orders", "", &order(0))],
            status: 422,
            wanted: (0.6, 22.0),
        },
        Scenario { wanted: (0.6, 22.0), ..Scenario::get("GET, made from a nested schema", "/nested") },
        Scenario {
            name: "the same, anew each time",
            requests: anew.collect(),
            status: 200,
            wanted: (0.5, 26.0),
        },
        Scenario {
            name: "GET, a token judged",
            requests: vec![message("GET", "/secret", "authorization: Bearer TOKEN\r\n", "")],
            status: 200,
            wanted: (0.6, 22.0),
        },
    ]
}

/// The largest document below a folder, and a target in it that is answered with a success.
pub(crate) fn largest(folder: &Path) -> Option<(PathBuf, String)> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    gather(folder, &mut found);
    let (_, path) = found.into_iter().max()?;
    let document: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let is_plain = |path: &str, item: &Value| {
        let get = &item["get"];
        !path.contains('{')
            && !get["responses"]["200"].is_null()
            && get["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .all(|parameter| parameter["required"] != true)
    };
    let mut paths = document["paths"].as_object()?.iter();
    let (target, _) = paths.find(|(path, item)| is_plain(path, item))?;
    Some((path, target.clone()))
}

fn gather(folder: &Path, found: &mut Vec<(u64, PathBuf)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, metadata) = (entry.path(), entry.metadata().unwrap());
        if metadata.is_dir() {
            gather(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push((metadata.len(), path));
        }
    }
}
