//! The Terraform provider: the `aws_*` resources and data sources, the functions, and the provider block that configures them.
//!
//! Knows AWS's APIs through the official SDK only and nothing of the emulator but how to start it. Protocol, planning and
//! schemas are the framework's; a resource is one file.

mod arn;
mod client;
mod data_source;
#[cfg(test)]
mod docs;
mod environment;
mod error;
mod function;
mod identity;
#[cfg(test)]
mod parity;
mod policy;
mod provider;
mod region;
mod resource;
mod rfc3339;
mod settings;
mod tags;
mod wait;

fn main() -> std::process::ExitCode {
    tf_framework::serve::<provider::AwsProvider>()
}
