//! Filter criteria under a key of their owner's: sealed where they are kept, opened where they are used or shown.
//!
//! Invariant: a mapping with a key has no filters in clear, in the store or in the catalog; whoever wants to know what it
//! delivers has to open it.

use aws_wire::Blob;
use serde::{Deserialize, Serialize};

use crate::keys::{KeyError, Keys};
use crate::mapping::definition::Mapping;
use crate::mapping::filter::Filters;
use crate::mapping::settings::Settings;

/// The key of a mapping, and what is under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    pub(crate) key_arn: String,
    /// The filters, if there are any.
    filters: Option<Blob>,
}

impl Mapping {
    /// The settings with the filters that records are held against.
    pub(crate) fn opened(&self, keys: &dyn Keys) -> Result<Settings, KeyError> {
        let Some(sealed) = self.encryption.as_ref().and_then(|encryption| encryption.filters.as_ref()) else {
            return Ok(self.settings.clone());
        };
        let texts = keys.decrypt(&self.world.0, &self.arn(), &sealed.0)?;
        let filters: Filters = serde_json::from_slice(&texts).map_err(|error| KeyError {
            code: "InvalidCiphertextException",
            message: format!("what was decrypted are no filters: {error}"),
        })?;
        Ok(Settings { filters, ..self.settings.clone() })
    }

    /// Keeps `settings`, the filters under `key_arn` if there is one. It is asked even if there is nothing to seal, so that
    /// a key that cannot be used is found out now.
    pub(crate) fn keep(
        &mut self,
        settings: Settings,
        key_arn: Option<String>,
        keys: &dyn Keys,
    ) -> Result<(), KeyError> {
        let Some(key_arn) = key_arn else {
            (self.settings, self.encryption) = (settings, None);
            return Ok(());
        };
        let texts = serde_json::to_vec(&settings.filters).expect("texts encode");
        let sealed = keys.encrypt(&self.world.0, &key_arn, &self.arn(), &texts)?;
        let has_filters = settings.filters.texts().next().is_some();
        self.encryption = Some(Encryption { key_arn, filters: has_filters.then(|| Blob(sealed.into())) });
        self.settings = Settings { filters: Filters::default(), ..settings };
        Ok(())
    }
}
