//! Roles as STS asks for them, out of IAM.

use iam::Iam;
use sts::{Role, Roles};

/// The roles of all accounts.
pub(super) struct IamRoles(pub(super) Iam);

impl Roles for IamRoles {
    fn role(&self, arn: &str) -> Option<Role> {
        let facts = self.0.role(arn)?;
        Some(Role { id: facts.id, name: facts.name, max_session_secs: facts.max_session_secs })
    }
}
