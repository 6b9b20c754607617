//! What is found in an exchange when its answer has begun already, such as in a stream when that has ended.

use std::sync::{Arc, Mutex, PoisonError};

use crate::finding::Finding;

/// Findings that are still to come: one adds them, and another takes them when the answer has ended.
#[derive(Debug, Clone, Default)]
pub struct Later(Arc<Mutex<Vec<Finding>>>);

impl Later {
    /// Adds what was found by now.
    pub fn add(&self, findings: impl IntoIterator<Item = Finding>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(findings);
    }

    /// Takes what was found by now.
    pub fn take(&self) -> Vec<Finding> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
