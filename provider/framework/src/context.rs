//! What an operation gets besides its values: the configured client, the stop signal, private bytes, and a place to put
//! down what exists already.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::diagnostics::{Diagnostic, Diagnostics};
use crate::stop::Stop;
use crate::value::{Value, to_value};

/// The surroundings of one operation on one resource or data source.
#[derive(Debug)]
pub struct Context<C> {
    client: Arc<C>,
    stop: Stop,
    put_down: Arc<PutDown>,
}

/// What an operation put down on its way; outlives it, however it ends.
#[derive(Debug, Default)]
pub(crate) struct PutDown {
    private: Mutex<Vec<u8>>,
    saved: Mutex<Option<Value>>,
    warnings: Mutex<Diagnostics>,
}

impl PutDown {
    pub(crate) fn private(&self) -> Vec<u8> {
        lock(&self.private).clone()
    }

    pub(crate) fn take_saved(&self) -> Option<Value> {
        lock(&self.saved).take()
    }

    pub(crate) fn take_warnings(&self) -> Diagnostics {
        std::mem::take(&mut lock(&self.warnings))
    }
}

/// A panic while holding one of these locks leaves a whole value behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C> Context<C> {
    pub(crate) fn new(client: Arc<C>, stop: Stop, private: Vec<u8>) -> Self {
        let put_down = PutDown { private: Mutex::new(private), ..PutDown::default() };
        Self { client, stop, put_down: Arc::new(put_down) }
    }

    /// What the provider was configured to.
    pub fn client(&self) -> &Arc<C> {
        &self.client
    }

    /// Whether the user asked to stop.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_requested()
    }

    /// Waits until the user asks to stop. Select on it wherever an operation waits for long.
    pub async fn stopping(&self) {
        self.stop.requested().await;
    }

    /// Bytes stored beside the state that only the provider sees.
    pub fn private(&self) -> Vec<u8> {
        self.put_down.private()
    }

    /// Replaces the private bytes.
    pub fn set_private(&self, bytes: Vec<u8>) {
        *lock(&self.put_down.private) = bytes;
    }

    /// Puts down the best known state of the object. Call it as soon as the object exists: if the operation then fails
    /// without a state of its own, or panics, this is what Terraform stores, and the object is not forgotten.
    pub fn save<M: Serialize>(&self, state: &M) {
        match to_value(state) {
            Ok(value) => *lock(&self.put_down.saved) = Some(value),
            Err(error) => tracing::error!(%error, "state could not be saved"),
        }
    }

    /// Tells the user something without failing the operation.
    pub fn warn(&self, warning: Diagnostic) {
        lock(&self.put_down.warnings).push(warning);
    }

    /// What the operation puts down.
    pub(crate) fn put_down(&self) -> Arc<PutDown> {
        Arc::clone(&self.put_down)
    }
}
