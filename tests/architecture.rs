//! Keeps the house: layers, places of dependencies, names, and the documents that are made from code.
#![expect(clippy::disallowed_methods, reason = "this test reads and writes the project's own files")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use regex::Regex;
use standin::finding::Code;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with one of the endings, with its text, in order.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            let is_wanted =
                path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted));
            if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules") {
                folders.push(path);
            } else if is_wanted {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// The layer of each module, as `src/lib.rs` lists them.
fn layers() -> BTreeMap<String, u8> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let listed = Regex::new(r"(\d+) ((?:\[`\w+`\](?:, )?)+)").unwrap();
    let name = Regex::new(r"`(\w+)`").unwrap();
    let docs: String =
        text.lines().filter_map(|line| line.strip_prefix("//! ")).collect::<Vec<_>>().join(" ");
    let mut layers = BTreeMap::new();
    for line in listed.captures_iter(&docs) {
        for module in name.captures_iter(&line[2]) {
            layers.insert(module[1].to_owned(), line[1].parse().unwrap());
        }
    }
    layers
}

/// The module of a source file: `src/plan/route.rs` is of `plan`.
fn module_of(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next()?.as_os_str().to_str()?.to_owned();
    inside.parent()?.components().next().map(|_| first)
}

/// The modules that a text names after `crate::`, alone or in braces.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let mut depth = 0_u32;
        let mut names = String::new();
        let list = if rest.starts_with('{') {
            rest
        } else {
            &rest[..rest.find([';', ' ', '\n', '(', ')']).unwrap_or(rest.len())]
        };
        for character in list.chars() {
            match character {
                '{' => depth += 1,
                '}' if depth <= 1 => break,
                '}' => depth -= 1,
                other if depth <= 1 => names.push(other),
                _ => {}
            }
        }
        let heads = names.split(',').filter_map(|name| name.trim().split("::").next());
        used.extend(heads.filter(|name| !name.is_empty()).map(str::to_owned));
    }
    used
}

#[test]
fn a_module_uses_only_modules_of_smaller_layers() {
    let layers = layers();
    let declared: BTreeSet<String> =
        files("src", &["rs"]).iter().filter_map(|(path, _)| module_of(path)).collect();
    assert_eq!(layers.keys().cloned().collect::<BTreeSet<_>>(), declared, "src/lib.rs lists every module");
    let mut broken = Vec::new();
    let mut seen = 0;
    for (path, text) in files("src", &["rs"]) {
        let Some(module) = module_of(&path) else { continue };
        for used in
            used_modules(&text).into_iter().filter(|used| *used != module && layers.contains_key(used))
        {
            seen += 1;
            if layers[&used] >= layers[&module] {
                broken.push(format!(
                    "{}: {module} ({}) uses {used} ({})",
                    path.display(),
                    layers[&module],
                    layers[&used]
                ));
            }
        }
    }
    assert!(seen > 40, "the test sees what modules use: {seen}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn uses_are_seen_alone_and_in_braces() {
    let text = "use crate::{\n    api::{Api, read},\n    finding::Code,\n};\nlet x = crate::plan::problem(y);\n// crate::cli\n";
    let used: Vec<String> = used_modules(text).into_iter().collect();
    assert_eq!(used, ["api", "finding", "plan"]);
}

#[test]
fn every_dependency_stands_where_it_belongs() {
    let places: [(&str, &[&str]); 25] = [
        ("jsonschema", &["schema"]),
        ("serde_saphyr", &["document"]),
        ("jsonwebtoken", &["credential"]),
        ("hmac", &["credential"]),
        ("poem", &["net"]),
        ("hyper", &["net"]),
        ("hyper_util", &["net"]),
        ("rustls", &["net"]),
        ("poem_openapi", &["net/control"]),
        ("utoipa_swagger_ui", &["net"]),
        ("miette", &["report"]),
        ("quick_junit", &["report"]),
        ("maud", &["report"]),
        ("indicatif", &["cli"]),
        ("schemars", &["credential", "plan/resource", "report"]),
        ("clap", &["cli"]),
        ("clap_complete", &["cli"]),
        ("clap_mangen", &["cli"]),
        ("notify", &["cli"]),
        ("tokio", &["net", "cli"]),
        ("tracing_subscriber", &["cli"]),
        ("rand_pcg", &["schema"]),
        ("quick_xml", &["wire"]),
        ("prometheus_client", &["net"]),
        ("rustix", &["cli"]),
    ];
    for (dependency, folders) in places {
        let mention = Regex::new(&format!(r"\b{dependency}::")).unwrap();
        let mut users = 0;
        for (path, text) in files("src", &["rs"]) {
            let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            if mention.is_match(&code) {
                users += 1;
                let belongs = folders.iter().any(|folder| path.starts_with(root().join("src").join(folder)));
                assert!(belongs, "{dependency} is used in {}", path.display());
            }
        }
        assert!(users > 0, "{dependency} is used somewhere");
    }
}

#[test]
fn async_begins_at_layer_seven() {
    let layers = layers();
    let is_async = Regex::new(r"\basync\b").unwrap();
    for (path, text) in files("src", &["rs"]) {
        let Some(module) = module_of(&path) else { continue };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        assert!(
            layers[&module] >= 7 || !code.clone().any(|line| is_async.is_match(line)),
            "{}",
            path.display()
        );
    }
}

#[test]
fn no_rust_code_names_a_built_in_api() {
    let names = Regex::new(r"(?i)rhombus|rockit|device.?session|federated|besession|beauth").unwrap();
    for (path, text) in files("src", &["rs"]) {
        let found = text.lines().enumerate().find(|(_, line)| names.is_match(line));
        assert_eq!(found, None, "{}", path.display());
    }
}

#[test]
fn every_module_says_what_it_is() {
    for (path, text) in files("src", &["rs"]) {
        assert!(text.starts_with("//! "), "{} begins with its docs", path.display());
    }
}

#[test]
fn every_code_is_shown_by_a_case() {
    let pages: String = ["tests/cases", "tests/cli"]
        .iter()
        .flat_map(|folder| files(folder, &["md"]))
        .map(|(_, text)| text)
        // What takes a provider is shown against one.
        .chain([fs::read_to_string(root().join("tests/contracts.rs")).unwrap()])
        .collect();
    let missing: Vec<&str> =
        Code::ALL.iter().map(|code| code.name()).filter(|name| !pages.contains(name)).collect();
    assert!(missing.is_empty(), "no page under tests/cases or tests/cli shows {missing:?}");
}

#[test]
fn every_assumption_is_listed_with_the_sentence_that_it_completes() {
    let listed = fs::read_to_string(root().join("docs/apis.md")).unwrap();
    let mut count = 0;
    for (path, text) in files("openapi", &["yaml"]) {
        let document: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
        let mut values = vec![&document];
        while let Some(value) = values.pop() {
            if let Some(assumption) = value.get("x-standin-assumption") {
                let sentence = assumption.as_str().expect("an assumption is one sentence");
                assert!(listed.contains(sentence), "{}: docs/apis.md lacks: {sentence}", path.display());
                count += 1;
            }
            match value {
                serde_json::Value::Object(members) => values.extend(members.values()),
                serde_json::Value::Array(items) => values.extend(items),
                _ => {}
            }
        }
    }
    assert!(count >= 20, "the documents say what they assume: {count}");
}

#[test]
fn the_picture_of_the_house_stays_on_one_page() {
    let text = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    assert!(text.lines().count() < 80);
    for module in layers().keys() {
        assert!(text.contains(&format!("`{module}`")), "docs/architecture.md tells of {module}");
    }
}

#[test]
fn the_list_of_findings_is_fresh() {
    let mut text = String::from(
        "# Findings\n\nMade from `src/finding/code.rs` by `tests/architecture.rs`; `STANDIN_REWRITE=1 cargo test` writes it anew.\n\n| code | meaning |\n|---|---|\n",
    );
    for code in Code::ALL {
        writeln!(text, "| `{}` | {} |", code.name(), code.meaning()).unwrap();
    }
    is_fresh("docs/findings.md", &text);
}

#[test]
fn the_description_of_the_command_line_is_fresh() {
    let mut text = String::from(
        "# Command line\n\nMade from `--help` by `tests/architecture.rs`; `STANDIN_REWRITE=1 cargo test` writes it anew.\n",
    );
    for command in [
        &["--help"][..],
        &["mock", "--help"],
        &["run", "--help"],
        &["proxy", "--help"],
        &["verify", "--help"],
        &["check", "--help"],
        &["init", "--help"],
        &["completions", "--help"],
        &["man", "--help"],
    ] {
        // `--help` shows what the environment sets, so there is none.
        let output = Command::new(env!("CARGO_BIN_EXE_standin")).args(command).env_clear().output().unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        let help: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        write!(text, "\n## `standin {}`\n\n```text\n{}\n```\n", command.join(" "), help.join("\n")).unwrap();
    }
    is_fresh("docs/cli.md", &text);
}

#[test]
fn the_schema_of_the_token_extension_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::credential::extension_schema()).unwrap();
    is_fresh("docs/x-standin-token.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_the_resource_extension_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::plan::resource::extension_schema()).unwrap();
    is_fresh("docs/x-standin-resource.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_the_report_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::report::json_schema()).unwrap();
    is_fresh("docs/check.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_the_report_of_a_run_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::report::verified_schema()).unwrap();
    is_fresh("docs/verify.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_the_options_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::cli::settings_schema()).unwrap();
    is_fresh("docs/standin.schema.json", &format!("{schema}\n"));
}

#[test]
fn the_schema_of_the_report_of_a_command_is_fresh() {
    let schema = serde_json::to_string_pretty(&standin::report::ran_schema()).unwrap();
    is_fresh("docs/run.schema.json", &format!("{schema}\n"));
}

/// Whether a file is what it would be if it were made now; it is made, where that is asked for.
fn is_fresh(path: &str, text: &str) {
    let path = root().join(path);
    if std::env::var_os("STANDIN_REWRITE").is_some() {
        fs::write(&path, text).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, text, "{} is stale: STANDIN_REWRITE=1 cargo test", path.display());
}

/// Migrants believe the page, so nothing stands in it that no test shows.
#[test]
fn every_difference_from_prism_names_the_test_that_shows_it() {
    let text = fs::read_to_string(root().join("docs/prism.md")).unwrap();
    let link = Regex::new(r"\]\(([^)]+)\)").unwrap();
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| option");
    let rows: Vec<&str> = text.lines().filter(is_row).collect();
    assert!(rows.len() > 50, "the tables are seen: {}", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let shown: Vec<PathBuf> = link
            .captures_iter(cells.last().unwrap())
            .map(|found| root().join("docs").join(&found[1]))
            .collect();
        assert!(cells.len() == 5 && !shown.is_empty(), "a cell is missing: {row}");
        assert_eq!(shown.iter().find(|page| !page.is_file()), None, "{row}");
    }
}
