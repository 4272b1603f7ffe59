//! `user_agent`: a product in the notation of the `User-Agent` header.

use schemars::JsonSchema;
use serde::Deserialize;
use tf_framework::{Function, FunctionError};

/// Writes a product as the provider's argument `user_agent` takes it: `name/version (comment)`.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct UserAgent {
    /// The product's name.
    product_name: String,
    /// Its version; may be empty.
    product_version: String,
    /// What else there is to say of it; may be empty.
    comment: String,
}

impl Function for UserAgent {
    const NAME: &'static str = "user_agent";
    type Output = String;

    fn call(self) -> Result<String, FunctionError> {
        let Self { product_name: mut product, product_version: version, comment } = self;
        if product.is_empty() {
            return Err(FunctionError::new("product_name must be set"));
        }
        if !version.is_empty() {
            product = format!("{product}/{version}");
        }
        if !comment.is_empty() {
            product = format!("{product} ({comment})");
        }
        Ok(product)
    }
}
