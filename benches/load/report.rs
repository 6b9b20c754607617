//! The figures → `docs/performance.md`.

use std::{env, fmt::Write, fs, time::Duration};

use super::{document::Scenario, driver::Driven, process::Verified};

/// What profiles say of the figures that are missed, by hand.
const MISSED: &str = include_str!("missed.md");

/// The rates of one scenario.
pub(crate) struct Line {
    pub(crate) scenario: Scenario,
    pub(crate) ours: Driven,
    pub(crate) theirs: Driven,
    /// In MiB, before and after.
    pub(crate) memory: (f64, f64),
}

/// The tables, by what they are of.
#[derive(Default)]
pub(crate) struct Report {
    starts: String,
    lines: String,
    growth: String,
    /// The processor time for a request to the smallest document.
    smallest: Option<f64>,
    rest: String,
}

fn met(is_met: bool) -> &'static str {
    if is_met { "yes" } else { "**no**" }
}

impl Report {
    pub(crate) fn start(&mut self, name: &str, time: f64, memory: f64, wanted: Option<(f64, f64)>) {
        let told = match wanted {
            Some((most, room)) => {
                format!("≤ {most:.0} ms, ≤ {room:.0} MiB | {}", met(time <= most && memory <= room))
            }
            None => "– | –".to_owned(),
        };
        let _ = writeln!(self.starts, "| {name} | {time:.1} ms | {memory:.0} MiB | {told} |");
    }

    pub(crate) fn line(&mut self, Line { scenario, ours, theirs, memory }: Line) {
        let ratio = ours.per_second() / theirs.per_second();
        let (least, most) = scenario.wanted;
        let late = ours.percentile(0.99) / theirs.percentile(0.99);
        let _ = writeln!(
            self.lines,
            "| {} | {:.0} ({:.1}) | {:.0} ({:.1}) | {ratio:.2} | ≥ {least:.2}, ≤ {most:.0} µs | {} | {:.2} / {:.2} ms | {:.2} / {:.2} ms | {late:.2} (≤ 1.5) | {} | {:.0} → {:.0} MiB (≤ 15 → 25) | {} |",
            scenario.name,
            theirs.per_second(),
            theirs.cost(),
            ours.per_second(),
            ours.cost(),
            met(ratio >= least && ours.cost() <= most),
            theirs.percentile(0.5),
            theirs.percentile(0.99),
            ours.percentile(0.5),
            ours.percentile(0.99),
            met(late <= 1.5),
            memory.0,
            memory.1,
            met(memory.0 <= 15.0 && memory.1 <= 25.0),
        );
    }

    pub(crate) fn growth(&mut self, operations: usize, start: Duration, driven: &Driven, memory: f64) {
        let smallest = *self.smallest.get_or_insert(driven.cost());
        let ratio = driven.cost() / smallest;
        let _ = writeln!(
            self.growth,
            "| {operations} | {:.1} ms | {:.0} ({:.1}) | {ratio:.2} | {} | {memory:.0} MiB |",
            start.as_secs_f64() * 1e3,
            driven.per_second(),
            driven.cost(),
            met(ratio <= 1.1)
        );
    }

    pub(crate) fn memory(&mut self, early: f64, late: f64) {
        let is_met = late <= early * 1.1 + 1.0;
        let _ = writeln!(
            self.rest,
            "| memory after 1,000 and after 1,000,000 requests | {early:.1} and {late:.1} MiB | the same | {} |",
            met(is_met)
        );
    }

    pub(crate) fn verify(&mut self, at_once: Verified, waiting: Verified) {
        let rate = at_once.requests / at_once.elapsed.as_secs_f64();
        let _ = writeln!(
            self.rest,
            "| `verify`, cases a second against a provider that answers at once | {rate:.0} ({:.0} cases) | ≥ 5,000 | {} |",
            at_once.requests,
            met(rate >= 5000.0)
        );
        let share = 1.0 - waiting.processor.as_secs_f64() / waiting.elapsed.as_secs_f64();
        let _ = writeln!(
            self.rest,
            "| `verify`, share of a run spent waiting for a provider that takes 20 ms | {:.0} % ({:.0} cases) | ≥ 90 % | {} |",
            share * 100.0,
            waiting.requests,
            met(share >= 0.9)
        );
    }

    pub(crate) fn text(&self) -> String {
        let Self { starts, lines, growth, rest, .. } = self;
        let mut text = format!(
            "# How fast `standin` is\n\nWritten by `cargo bench --bench load`, in one run, on {}. {}The load (64 connections, kept \
             alive, one thread) shares the processors with the server, so read ratios, not figures. The *limit* is a bare `poem` \
             endpoint that returns the same bytes and checks nothing; both are measured in turns.\n",
            machine(),
            env::var("STANDIN_BENCH_NOTE").map(|note| note + " ").unwrap_or_default()
        );
        let mut table = |title: &str, head: &str, rows: &str| {
            if !rows.is_empty() {
                let _ = write!(text, "\n## {title}\n\n{head}\n{rows}");
            }
        };
        table(
            "From the start of the process to its first answer",
            "The median of five starts, and the memory then.\n\n| document | time | memory | wanted | met |\n|---|---|---|---|---|",
            starts,
        );
        table(
            "Requests a second",
            "In parentheses the microseconds of processor time that the server takes for one.\n\n| request | limit | standin | ratio | wanted | met | limit, p50 / p99 | standin, p50 / p99 | ratio of p99 | met | memory before and after | met |\n|---|---|---|---|---|---|---|---|---|---|---|---|",
            lines,
        );
        table(
            "As the document grows",
            "The same request to each. The ratio is that of processor time for a request; wanted is no more than 1.1.\n\n| operations | start | requests a second | ratio | met | memory |\n|---|---|---|---|---|---|",
            growth,
        );
        table("The rest", "| | measured | wanted | met |\n|---|---|---|---|", rest);
        text + MISSED
    }
}

/// The machine, as it tells of itself.
fn machine() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let (cpus, memory) = (read("/proc/cpuinfo"), read("/proc/meminfo"));
    let named = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let model = named(&cpus, "model name").unwrap_or_else(|| "a processor without a name".to_owned());
    let kilobytes: f64 = named(&memory, "MemTotal")
        .and_then(|total| total.trim_end_matches(" kB").parse().ok())
        .unwrap_or_default();
    format!("{processors} processors ({model}), {:.0} GiB", kilobytes / 1024.0 / 1024.0)
}
