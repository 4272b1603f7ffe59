//! The plugin process: how a provider binary meets Terraform, serves it and ends.
//!
//! Knows nothing of resources. Speaks over unix sockets only; Windows would need the host's range of TCP ports.
//! Invariant: the first line on stdout is the handshake, printed after the socket listens.

mod ahead;
mod handshake;
mod log;
mod panic;
mod serve;
mod side_services;
mod socket;
mod tls;

pub use serve::serve;

#[cfg(test)]
mod tests;
