//! Parting with records: the failure destination is told until it has taken them, or is wanted no longer.
//!
//! Invariant: as long as the mapping has a destination, records are given up only when it has them, or has refused them for
//! good. What the emulator or the mapping's owner stops meanwhile is told again later, since the checkpoint has not moved.

use std::sync::Arc;

use tokio::sync::watch;

use crate::destination::DeliveryError;
use crate::mapping::catalog::Followed;
use crate::mapping::letter::Letter;
use crate::mapping::report;
use crate::mapping::retry;
use crate::mapping::site::Site;
use crate::mapping::worker::said_so;

/// Somebody who takes letters to a mapping's failure destination.
pub(super) struct Parting {
    pub(super) site: Arc<Site>,
    pub(super) mapping: Followed,
    pub(super) stop: watch::Receiver<bool>,
}

impl Parting {
    /// Delivers `letter`; false if it was stopped before.
    pub(super) async fn tell(mut self, letter: Letter) -> bool {
        let mut failures = 0;
        loop {
            let mapping = self.mapping.borrow_and_update().clone();
            let Some(delivery) = letter.delivery(&mapping, &self.site.env) else {
                tracing::warn!(mapping = mapping.uuid, "the mapping has no failure destination any more");
                return true;
            };
            let Err(error) = self.site.destinations.deliver(&delivery).await else { return true };
            failures += 1;
            tracing::warn!(mapping = mapping.uuid, target = %delivery.target, %error, failures, "not delivered");
            self.site.report(&mapping, report::of_destination(&error)).await;
            if matches!(error, DeliveryError::Refused(_)) {
                tracing::error!(mapping = mapping.uuid, target = %delivery.target, "a document was given up");
                return true;
            }
            let again_at = self.site.env.clock.now() + retry::pause(failures);
            loop {
                tokio::select! {
                    () = self.site.env.clock.sleep_until(again_at) => break,
                    () = said_so(&mut self.stop) => return false,
                    changed = self.mapping.changed() => match changed {
                        // Another destination is worth trying at once; any other change is not.
                        Ok(()) if self.mapping.borrow().settings.on_failure == mapping.settings.on_failure => {}
                        Ok(()) => break,
                        Err(_) => return false,
                    },
                }
            }
        }
    }
}
