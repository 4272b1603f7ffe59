//! IAM as far as Terraform and Lambda need it: roles, their inline policies, and managed policies.
//!
//! IAM is global: its state belongs to an account, whatever region a request was signed for. What an action changed is
//! durable before it answers. Policies are kept as the text that the caller sent, after a check of their structure;
//! deciding who may do what is *not* here yet, but everything it needs is stored.
//!
//! | module | holds |
//! | --- | --- |
//! | [`service`](Iam) | the service, its endpoint and its registry of actions |
//! | `action` | one file per API action |
//! | `role`, `policy`, `tag` | the records, and how the API shows them |
//! | `aws_managed` | the policies that AWS brings along |
//! | `directory` | the records of all accounts, in memory and durable |
//! | `document`, `trust` | what a policy document must look like; whom a role lets assume it |
//! | `shapes`, `name`, `page` | constraints, names and pages that many actions share |
//! | `error` | facts, and AWS's words for them |

mod action;
mod aws_managed;
mod directory;
mod document;
mod error;
mod name;
mod page;
mod policy;
mod role;
mod service;
mod shapes;
mod tag;
mod trust;

#[cfg(test)]
mod fixture;

pub use error::Error;
pub use service::{Iam, RoleFacts};
pub use trust::Assumable;
