//! Exchanges → numbers of them, as Prometheus reads them.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::{exchange::Reply, finding::Severity, journal::Journal, sandbox::Sandboxes};

/// Up to how many seconds a request takes: answers of the mock take less than a millisecond, those of a provider do not.
const SECONDS: [f64; 11] = [0.0001, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0];

/// What is counted.
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<Answer, Counter>,
    findings: Family<Found, Counter>,
    durations: Family<Operation, Histogram, fn() -> Histogram>,
    journal_bytes: Gauge,
    journal_dropped: Counter<u64, AtomicU64>,
    sandboxes: Gauge,
    sandboxes_dropped: Counter<u64, AtomicU64>,
}

/// A request, by what answered it and how; one that no operation takes has an empty name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    operation: String,
    status: u16,
}

/// A finding, by where and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Found {
    operation: String,
    code: &'static str,
    severity: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    operation: String,
}

impl Metrics {
    pub(super) fn new() -> Self {
        let durations: fn() -> Histogram = || Histogram::new(SECONDS);
        let mut metrics = Self {
            registry: Registry::with_prefix("standin"),
            requests: Family::default(),
            findings: Family::default(),
            durations: Family::new_with_constructor(durations),
            journal_bytes: Gauge::default(),
            journal_dropped: Counter::default(),
            sandboxes: Gauge::default(),
            sandboxes_dropped: Counter::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests that were answered", self.requests.clone());
        registry.register("findings", "What was found in them", self.findings.clone());
        registry.register_with_unit(
            "request_duration",
            "How long answers took until they could begin",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register_with_unit(
            "journal",
            "How much the journal takes",
            Unit::Bytes,
            self.journal_bytes.clone(),
        );
        registry.register(
            "journal_dropped",
            "Requests that the journal had no room to keep",
            self.journal_dropped.clone(),
        );
        registry.register("sandboxes", "Sandboxes, with the default one", self.sandboxes.clone());
        registry.register(
            "sandboxes_dropped",
            "Sandboxes that had to go because there were too many",
            self.sandboxes_dropped.clone(),
        );
    }

    /// Counts an exchange.
    pub(super) fn count(&self, reply: &Reply, took: Duration) {
        let operation = reply.operation.clone().unwrap_or_default();
        for finding in &reply.findings {
            let severity = match finding.severity {
                Severity::Note => "note",
                Severity::Warning => "warning",
                Severity::Error => "error",
            };
            let found = Found { operation: operation.clone(), code: finding.code.name(), severity };
            self.findings.get_or_create(&found).inc();
        }
        let status = reply.response.status.as_u16();
        self.requests.get_or_create(&Answer { operation: operation.clone(), status }).inc();
        self.durations.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    /// All numbers, in the text format of `OpenMetrics`.
    pub(super) fn text(&self, journal: &Journal, sandboxes: &Sandboxes) -> String {
        self.journal_bytes.set(whole(journal.bytes()));
        self.journal_dropped.inner().store(journal.dropped(), Ordering::Relaxed);
        self.sandboxes.set(whole(sandboxes.count()));
        self.sandboxes_dropped.inner().store(sandboxes.dropped(), Ordering::Relaxed);
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
