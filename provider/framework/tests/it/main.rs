//! The framework through its front door: the example provider under the real terraform.

mod terraform;
mod workspace;
