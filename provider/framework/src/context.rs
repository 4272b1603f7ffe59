//! What an operation gets besides its values: the configured client, the stop signal, private bytes, and a place to put
//! down what exists already.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::stop::Stop;
use crate::value::{Value, to_value};

/// The surroundings of one operation on one resource or data source.
#[derive(Debug)]
pub struct Context<C> {
    client: Arc<C>,
    stop: Stop,
    private: Mutex<Vec<u8>>,
    saved: Arc<Mutex<Option<Value>>>,
}

impl<C> Context<C> {
    pub(crate) fn new(client: Arc<C>, stop: Stop, private: Vec<u8>) -> Self {
        Self { client, stop, private: Mutex::new(private), saved: Arc::default() }
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
        self.private.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Replaces the private bytes.
    pub fn set_private(&self, bytes: Vec<u8>) {
        *self.private.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
    }

    /// Puts down the best known state of the object. Call it as soon as the object exists: if the operation then fails
    /// without a state of its own, or panics, this is what Terraform stores, and the object is not forgotten.
    pub fn save<M: Serialize>(&self, state: &M) {
        match to_value(state) {
            Ok(value) => *self.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(value),
            Err(error) => tracing::error!(%error, "state could not be saved"),
        }
    }

    /// Where `save` puts the state; outlives the operation.
    pub(crate) fn saved(&self) -> Arc<Mutex<Option<Value>>> {
        Arc::clone(&self.saved)
    }
}
