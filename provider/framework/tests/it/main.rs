//! The framework through its front door: the example provider under the real terraform.

#[cfg(test)]
mod terraform;
#[cfg(test)]
mod workspace;
