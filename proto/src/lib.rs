//! The messages and services of Terraform's plugin protocol, generated from `proto/*.proto` when the crate is built.
//!
//! Responsible for the wire format and nothing else: what the messages mean is the framework's business.

// The generator writes neither sentences for its items nor code for our lints.
#[expect(missing_docs, clippy::allow_attributes, clippy::allow_attributes_without_reason, reason = "generated code")]
mod generated {
    pub mod tfplugin6 {
        tonic::include_proto!("tfplugin6");
    }
    pub mod plugin {
        tonic::include_proto!("plugin");
    }
}

/// go-plugin's side services: how the host ends the process and listens to it.
pub use generated::plugin;
/// To and from bytes.
pub use prost::Message;

/// Plugin protocol 6: the provider service and its messages.
pub use generated::tfplugin6;
