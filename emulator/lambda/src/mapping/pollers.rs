//! All pollers of the emulator: started with it, one per mapping, and stopped with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::mapping::catalog::Followed;
use crate::mapping::poller::Poller;
use crate::mapping::site::Site;

/// How long invocations under way may take to end when the emulator stops. What has not ended by then is repeated after
/// the next start.
const GRACE: Duration = Duration::from_secs(5);

/// The pollers, or the absence of them.
#[derive(Default)]
pub(crate) struct Pollers(Mutex<Option<Running>>);

struct Running {
    site: Arc<Site>,
    tasks: JoinSet<()>,
    shutdown: watch::Sender<bool>,
}

impl Pollers {
    /// Starts a poller for every mapping there is. Those that are made later start by [`Self::follow`].
    pub(super) fn start(&self, site: Site) {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let started = running.insert(Running {
            site: Arc::new(site),
            tasks: JoinSet::new(),
            shutdown: watch::Sender::new(false),
        });
        for mapping in started.site.catalog.follow_all() {
            started.follow(mapping);
        }
    }

    /// Starts a poller for a mapping that was just made.
    pub(crate) fn follow(&self, mapping: Followed) {
        if let Some(running) = &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            running.follow(mapping);
        }
    }

    /// Stops them all, waiting a while for what is in flight.
    pub(crate) async fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running { site, mut tasks, shutdown }) = running else { return };
        shutdown.send_replace(true);
        let all_ended = async { while tasks.join_next().await.is_some() {} };
        tokio::select! {
            () = all_ended => {}
            () = site.env.clock.sleep(GRACE) => tracing::warn!("invocations were cut off; their batches will be repeated"),
        }
    }
}

impl Running {
    fn follow(&mut self, mapping: Followed) {
        // Those that have ended, of deleted mappings, need not be kept.
        while self.tasks.try_join_next().is_some() {}
        let poller = Poller::new(Arc::clone(&self.site), mapping, self.shutdown.subscribe());
        self.tasks.spawn(poller.run());
    }
}
