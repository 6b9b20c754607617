//! What a site serves, exchanged while it serves.
//!
//! Each request is answered by what is served when it comes, to its end; so nothing waits for an exchange, and nothing is
//! dropped by one. Clocks, sandboxes and the journal are not of it: they stay. Read [`Renewal::replace`] first.

use std::sync::{Arc, PoisonError, RwLock};

use super::{
    Shown,
    desk::{Papers, Print},
    scribe::Scribe,
};
use crate::{mask::Mask, mock::Mock};

/// Something that is exchanged as a whole while it is used; its clones hold the same.
pub(super) struct Held<T>(Arc<RwLock<Arc<T>>>);

impl<T> Held<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(value))))
    }

    /// What is held now.
    pub(super) fn get(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, value: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
    }
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// What answers.
pub(super) struct Served<H> {
    pub(super) handler: Arc<H>,
    pub(super) mock: Arc<Mock>,
}

/// Exchanges what a site serves.
pub struct Renewal<H> {
    pub(super) served: Held<Served<H>>,
    pub(super) desk: Option<(Held<Papers>, Print)>,
    pub(super) scribe: Scribe,
}

impl<H> Renewal<H> {
    /// Serves something else from the next request on. What was secret before stays so in the journal.
    pub fn replace(&self, handler: Arc<H>, mock: Arc<Mock>, documents: Vec<Shown>) {
        self.scribe.journal().hide(Mask::new(mock.plan(), mock.books(), &[]));
        if let Some((papers, print)) = &self.desk {
            papers.set(print(Arc::clone(&mock), documents));
        }
        self.served.set(Served { handler, mock });
        self.tell();
    }

    /// Tells whoever listens that there is something new about the documents.
    pub fn tell(&self) {
        self.scribe.renewed();
    }
}
