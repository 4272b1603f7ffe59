//! EC2: the Availability Zones of regions, which is all that configurations without machines ask of it.
//!
//! Nothing is stored. What is *not* here: instances, networks and everything else of EC2's, which is refused by name; Local
//! Zones and Wavelength Zones, which an account has only after opting in.
//!
//! | module | holds |
//! | --- | --- |
//! | `service` | the service and its endpoint |
//! | `protocol` | EC2's dialect of the query protocol |
//! | `action` | one file per API action |
//! | `zone` | the regions and their zones |
//! | `filter` | which of them a caller wants |
//! | `error` | facts, and AWS's words for them |

mod action;
mod error;
mod filter;
mod protocol;
mod service;
mod zone;

#[cfg(test)]
mod fixture;

pub use error::Error;
pub use service::Ec2;
