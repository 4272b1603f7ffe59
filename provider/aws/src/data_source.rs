//! The data sources, one module each.

use tf_framework::Registry;

use crate::client::Aws;

/// Adds every data source.
pub(crate) fn register(registry: Registry<Aws>) -> Registry<Aws> {
    registry
}
