//! What was found → one page that a browser shows without anything else: no script, no other file, no other host.
//!
//! The page is made by a macro that escapes every text it is given; only the style is taken as it is.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Level, Reached, Told, Tried, Verified};

const STYLE: &str = include_str!("page.css");

impl Verified {
    /// As a page of HTML.
    pub fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { "standin verify: " (counted(self.violations, "violation")) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    (self.head())
                    main {
                        @for document in &self.documents { (coverage(document)) }
                        (self.found())
                    }
                }
            }
        };
        page.into_string()
    }

    fn head(&self) -> Markup {
        let (class, verdict) = match (self.violations, self.reached) {
            (0, 0) => ("unknown", "Nothing could be tried"),
            (0, _) => ("good", "Nothing found"),
            _ => ("bad", "The provider breaks its document"),
        };
        html! {
            header {
                p.kicker { "standin verify" }
                h1 { span.dot.(class) {} (verdict) }
                p.url { code { (self.url) } }
                dl.figures {
                    (figure(self.violations, "violations", if self.violations == 0 { "" } else { "bad" }))
                    (figure(format!("{} of {}", self.reached, self.operations), "operations tried", ""))
                    (figure(self.counts.requests, "requests", ""))
                    (figure(self.counts.successes, "successes", ""))
                    (figure(self.counts.open, "without a verdict", ""))
                }
            }
        }
    }

    fn found(&self) -> Markup {
        let operations = self.documents.iter().flat_map(|document| &document.operations);
        html! {
            @if self.violations > 0 {
                section {
                    h2 { "Violations" }
                    @for operation in operations.filter(|operation| !operation.violations.is_empty()) {
                        div id=(operation.anchor) {
                            @for told in &operation.violations { (violation(operation, told)) }
                        }
                    }
                }
            }
        }
    }
}

fn figure(number: impl maud::Render, name: &str, class: &str) -> Markup {
    html! { div class=(class) { dt { (name) } dd { (number) } } }
}

fn coverage(document: &Tried) -> Markup {
    html! {
        section {
            h2 { (document.title) " " small { code { (document.file) } } }
            div.wide {
                table {
                    thead {
                        tr {
                            th { "Operation" }
                            th.number { "Requests" }
                            th.number { "Successes" }
                            th.number title="The answer did not tell whether the provider is right" { "Open" }
                            th { "Statuses" }
                            th { "Parameters" }
                            th.number { "Violations" }
                        }
                    }
                    tbody { @for operation in &document.operations { (row(operation)) } }
                }
            }
            p.key {
                span.chip.seen { "reached" } " " span.chip { "not reached" } " "
                span.chip.bad { "not declared" } " with the number of requests"
            }
        }
    }
}

fn row(operation: &Reached) -> Markup {
    let class = match operation {
        Reached { violations, .. } if !violations.is_empty() => "bad",
        Reached { counts, .. } if counts.successes == 0 => "unknown",
        _ => "good",
    };
    html! {
        tr {
            td {
                span.dot.(class) {} code { b { (operation.method) } " " (operation.path) }
                @if let Some(why) = &operation.untried { p.why { "not tried: " (why) } }
                @else if operation.counts.successes == 0 { p.why { "never a success" } }
            }
            td.number { (operation.counts.requests) }
            td.number { (operation.counts.successes) }
            td.number { (operation.counts.open) }
            td {
                @for status in &operation.statuses {
                    @let class = if status.is_declared { reached(status.answers) } else { "bad" };
                    (chip(class, &status.name, status.answers)) " "
                }
            }
            td {
                @for parameter in &operation.parameters {
                    span title=(parameter.part) {
                        (chip(reached(parameter.requests), &parameter.name, parameter.requests))
                    } " "
                }
            }
            td.number {
                @match operation.violations.len() {
                    0 => "0",
                    number => a href={ "#" (operation.anchor) } { (number) },
                }
            }
        }
    }
}

fn reached(times: usize) -> &'static str {
    if times > 0 { "seen" } else { "unseen" }
}

fn chip(class: &str, name: &str, times: usize) -> Markup {
    html! { span.chip.(class) { (name) @if times > 0 { small { " " (times) } } } }
}

fn violation(operation: &Reached, told: &Told) -> Markup {
    let class = match told.severity {
        Level::Error => "bad",
        Level::Warning | Level::Note => "mild",
    };
    html! {
        details.violation open {
            summary {
                span.chip.(class) { (told.check) } " "
                code { b { (operation.method) } " " (operation.path) }
                p { (prose(&told.location)) ": " (prose(&told.message)) }
            }
            p.why {
                (told.meaning) " Tried: " (prose(&told.tried)) "."
                @if let Some(help) = &told.help { br; "What would be right: " (prose(help)) }
            }
            (document(told))
            @for earlier in &told.before {
                div.exchange {
                    figure { figcaption { "Before" } pre { (earlier.request.text()) } }
                    figure { figcaption { "Answer" } pre { (earlier.response.text()) } }
                }
            }
            div.exchange {
                figure { figcaption { "Request" } pre { (told.request.text()) } }
                figure {
                    figcaption { "Answer" }
                    @match &told.response {
                        Some(response) => pre { (response.text()) },
                        None => p.why { "None came." },
                    }
                }
            }
            figure { figcaption { "Again" } pre.line { (told.again()) } }
            @if let Some(replay) = &told.replay {
                figure { figcaption { "Replay" } pre.line { (replay) } }
            }
        }
    }
}

fn document(told: &Told) -> Markup {
    html! {
        figure {
            figcaption { "Document " code { (told.place()) } }
            @if let (Some(line), Some(source)) = (told.at.line, &told.source) {
                pre { span.gutter { (line) " │ " } (source.trim_start()) }
            }
            p.why { code { (told.at.pointer) } }
        }
    }
}

/// A text in which backticks stand around code.
fn prose(text: &str) -> Markup {
    let parts = text.split('`').enumerate();
    // An odd number of backticks would make code of what is not.
    let is_paired = text.matches('`').count().is_multiple_of(2);
    html! {
        @if is_paired {
            @for (number, part) in parts { @if number % 2 == 1 { code { (part) } } @else { (part) } }
        } @else { (text) }
    }
}

fn counted(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
