//! The `DataSource` trait: what the author of a data source writes.

use std::future::Future;

use crate::context::Context;
use crate::diagnostics::Diagnostics;
use crate::resource::Model;

/// One type of data source.
pub trait DataSource: Model {
    /// The type's name, provider prefix included.
    const TYPE: &'static str;
    /// What the provider's configuration becomes.
    type Client: Send + Sync + 'static;

    /// Checks that go beyond one field. Values may be unknown; say nothing about those.
    fn validate(config: &Self) -> Diagnostics {
        let _ = config;
        Diagnostics::new()
    }

    /// Fills in what the configuration asks for. Defaults are set already.
    fn read(cx: &Context<Self::Client>, config: Self) -> impl Future<Output = Result<Self, Diagnostics>> + Send;
}
