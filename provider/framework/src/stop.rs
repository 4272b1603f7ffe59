//! The user's wish to stop: set once by the host, seen by every running operation.

use tokio::sync::watch;

/// Tells running operations to finish early.
#[derive(Clone, Debug)]
pub(crate) struct Stop(watch::Sender<bool>);

impl Stop {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    pub(crate) fn request(&self) {
        self.0.send_replace(true);
    }

    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) async fn requested(&self) {
        let mut seen = self.0.subscribe();
        // Cannot fail: we hold a sender.
        drop(seen.wait_for(|&stop| stop).await);
    }
}
