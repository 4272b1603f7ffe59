//! The managed resources, one module each.

use tf_framework::Registry;

use crate::client::Aws;

/// Adds every managed resource.
pub(crate) fn register(registry: Registry<Aws>) -> Registry<Aws> {
    registry
}
