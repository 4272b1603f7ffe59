//! What the acceptance tests, the demo and the benchmarks share: the built programs as processes, a Terraform working
//! folder of their own, and plain HTTP.
//!
//! Nothing here links against the product; it starts what a user would start and looks at what a user would see. Every
//! process ends with its handle, and every path is a temporary directory or the build directory.

mod binaries;
mod connection;
pub mod crash;
mod emulator;
mod function;
mod http;
mod interposer;
mod terraform;

pub use binaries::Binaries;
pub use connection::{Connection, Outcome};
pub use emulator::{Emulator, Options};
pub use function::{Function, base64, zip};
pub use http::{Answer, request};
pub use interposer::Interposer;
pub use terraform::{Source, Terraform, Workspace, copy};
