//! What STS asks about roles. IAM knows; `server` brings the two together.

/// What STS must know of a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Role {
    /// Its unique id, `AROA…`.
    pub id: String,
    /// Its name without the path.
    pub name: String,
    /// The longest that a session of it may last, in seconds.
    pub max_session_secs: u32,
}

/// The roles of all accounts.
pub trait Roles: Send + Sync + 'static {
    /// The role that `arn` names, if there is one.
    fn role(&self, arn: &str) -> Option<Role>;
}
