//! What a site serves, exchanged as a whole while it serves.
//!
//! Each request is answered by what is served when it comes, to its end; so nothing waits for an exchange, and nothing is
//! dropped by one. Clocks, sandboxes and the journal are not of it: they stay. Read [`Renewal::replace`] first.

use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::{Shown, control::Control, docs::Docs, scribe::Scribe};
use crate::{exchange::Handler, mask::Mask, mock::Mock};

/// Makes the control interface when it is first asked for: its own document takes a while to write.
type Making = Box<dyn FnOnce() -> Control + Send>;

/// What answers, and what is told of it.
pub(super) struct Served<H> {
    pub(super) handler: Arc<H>,
    pub(super) mock: Arc<Mock>,
    pub(super) control: Option<LazyLock<Control, Making>>,
    pub(super) docs: Docs,
}

impl<H: Handler> Served<H> {
    /// Puts the parts together; without a prefix there is no control interface.
    pub(super) fn new(
        handler: Arc<H>,
        mock: Arc<Mock>,
        documents: Vec<Shown>,
        scribe: &Scribe,
        prefix: Option<&str>,
    ) -> Self {
        let names: Vec<String> = documents.iter().map(|document| document.name.clone()).collect();
        let docs = Docs::new(prefix.unwrap_or_default(), &names);
        let control = prefix.map(|prefix| {
            let (mock, scribe, prefix) = (Arc::clone(&mock), scribe.clone(), prefix.to_owned());
            let control = move || Control::new(mock, documents, scribe, &prefix);
            LazyLock::new(Box::new(control) as Making)
        });
        Self { handler, mock, control, docs }
    }
}

/// Exchanges what a site serves.
pub struct Renewal<H> {
    current: Arc<RwLock<Arc<Served<H>>>>,
    scribe: Scribe,
    prefix: Option<String>,
}

impl<H: Handler> Renewal<H> {
    pub(super) fn new(served: Served<H>, scribe: Scribe, prefix: Option<String>) -> Self {
        Self { current: Arc::new(RwLock::new(Arc::new(served))), scribe, prefix }
    }

    /// What is served now.
    pub(super) fn current(&self) -> Arc<Served<H>> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Serves something else from the next request on. What was secret before stays so in the journal.
    pub fn replace(&self, handler: Arc<H>, mock: Arc<Mock>, documents: Vec<Shown>) {
        self.scribe.journal().hide(Mask::new(mock.plan(), mock.books(), &[]));
        let served = Served::new(handler, mock, documents, &self.scribe, self.prefix.as_deref());
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(served);
        self.tell();
    }

    /// Tells whoever listens that there is something new about the documents.
    pub fn tell(&self) {
        self.scribe.renewed();
    }
}

impl<H> Clone for Renewal<H> {
    fn clone(&self) -> Self {
        let Self { current, scribe, prefix } = self;
        Self { current: Arc::clone(current), scribe: scribe.clone(), prefix: prefix.clone() }
    }
}
