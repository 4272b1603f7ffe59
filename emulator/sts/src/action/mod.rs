//! The actions, and the registry that names them. An action is a file and a line here.

use aws_wire::Actions;

use crate::Sts;

mod assume_role;
mod get_caller_identity;
mod get_session_token;

/// All that STS does here.
pub(crate) fn registry() -> Actions<Sts> {
    Actions::new()
        .action::<get_caller_identity::GetCallerIdentity>()
        .action::<assume_role::AssumeRole>()
        .action::<get_session_token::GetSessionToken>()
}
