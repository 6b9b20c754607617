//! What was found → the XML by which build servers know tests: a suite for each document, a case for each operation.
//!
//! An operation that was broken has a case for each check that failed instead, so that one failure does not hide another.
//! Nothing has a time: requests are sent beside each other, and the same run gives the same file.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{At, Reached, Told, Tried, Verified};

impl Verified {
    /// As `JUnit` has it.
    pub fn junit(&self) -> String {
        let mut report = Report::new("standin verify");
        report.add_test_suites(self.documents.iter().map(suite));
        // Writing to a string does not fail, and the texts are made fit for XML where they enter the report.
        report.to_string().unwrap_or_default()
    }
}

fn suite(document: &Tried) -> TestSuite {
    let mut suite = TestSuite::new(document.file.as_str());
    for operation in &document.operations {
        let cases = cases(operation).into_iter().map(|mut case| {
            case.set_classname(document.title.as_str());
            case
        });
        suite.add_test_cases(cases);
    }
    suite
}

fn cases(operation: &Reached) -> Vec<TestCase> {
    if operation.violations.is_empty() {
        return vec![TestCase::new(operation.line(), unbroken(operation))];
    }
    let mut checks: Vec<(&str, Vec<&Told>)> = Vec::new();
    for told in &operation.violations {
        match checks.iter_mut().find(|(check, _)| *check == told.check) {
            Some((_, of_it)) => of_it.push(told),
            None => checks.push((told.check, vec![told])),
        }
    }
    let case = |(check, of_it): (&str, Vec<&Told>)| {
        let mut case = TestCase::new(format!("{}: {check}", operation.line()), broken(check, &of_it));
        // Build servers that know these attributes lead from the failure to the line.
        if let Some(At { file, line: Some(line), .. }) = of_it.first().map(|told| &told.at) {
            case.extra.insert("file".into(), file.as_str().into());
            case.extra.insert("line".into(), line.to_string().into());
        }
        case
    };
    checks.into_iter().map(case).collect()
}

fn unbroken(operation: &Reached) -> TestCaseStatus {
    let why = match &operation.untried {
        Some(why) => why.as_str(),
        None if operation.counts.requests == 0 => "no request was sent",
        None => return TestCaseStatus::success(),
    };
    let mut skipped = TestCaseStatus::skipped();
    skipped.set_message(why);
    skipped
}

fn broken(check: &str, violations: &[&Told]) -> TestCaseStatus {
    let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let messages: Vec<String> =
        violations.iter().map(|told| format!("{}: {}", told.location, told.message)).collect();
    let texts: String = violations.iter().map(|told| told.text.as_str()).collect();
    failure.set_type(check).set_message(messages.join("; ")).set_description(texts);
    failure
}
