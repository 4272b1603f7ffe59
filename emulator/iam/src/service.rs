//! The service as one value, what it is reached by, and what its actions look up again and again.

use std::sync::Arc;

use aws_wire::{Actions, Arn, Call, Endpoint, IsoSeconds, Reply, Service, query};
use bytes::Bytes;
use env::Env;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use state_store::Store;

use crate::directory::{Directory, Writing};
use crate::name::check_name;
use crate::policy::{Policy, Usage};
use crate::role::Role;
use crate::trust::{Assumable, trusts_service};
use crate::{Error, action, aws_managed};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// Roles and policies of all accounts. Cheap to clone.
#[derive(Clone)]
pub struct Iam(Arc<Parts>);

struct Parts {
    env: Env,
    directory: Directory,
    actions: Actions<Iam>,
}

/// What other services ask of a role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoleFacts {
    /// Its unique id, `AROA…`.
    pub id: String,
    /// Its name without the path.
    pub name: String,
    /// The longest that a session of it may last, in seconds.
    pub max_session_secs: u32,
}

impl Iam {
    /// Opens what `store` holds.
    pub fn new(env: Env, store: &Store) -> Result<Self, state_store::Error> {
        let directory = Directory::open(store)?;
        Ok(Self(Arc::new(Parts { env, directory, actions: action::registry() })))
    }

    /// What there is to know of the role that `arn` names, if there is one.
    pub fn role(&self, arn: &str) -> Option<RoleFacts> {
        self.role_record(arn).map(|role| RoleFacts {
            id: role.id.clone(),
            name: role.name.clone(),
            max_session_secs: role.max_session_secs,
        })
    }

    /// Whether `service`, such as `lambda.amazonaws.com`, can assume the role that `arn` names.
    pub fn assumable_by(&self, arn: &str, service: &str) -> Assumable {
        match self.role_record(arn) {
            None => Assumable::NoSuchRole,
            Some(role) if trusts_service(&role.trust, service) => Assumable::Yes,
            Some(_) => Assumable::NotTrusted,
        }
    }

    fn role_record(&self, arn: &str) -> Option<Arc<Role>> {
        let parsed = Arn::parse(arn).filter(|arn| arn.service == "iam")?;
        let (_, name) = parsed.resource.strip_prefix("role/").map(last_segment)?;
        self.0.directory.role(parsed.account, name).filter(|role| role.arn == arn)
    }

    pub(crate) fn env(&self) -> &Env {
        &self.0.env
    }

    pub(crate) fn now(&self) -> IsoSeconds {
        IsoSeconds::of(self.0.env.clock.now())
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn write(&self) -> Writing<'_> {
        self.0.directory.write()
    }
}

impl Service for Iam {
    type Error = Error;
}

impl Endpoint for Iam {
    fn serve(&self, call: Call, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        async move { query::serve(&self.0.actions, self, NAMESPACE, &call, request).await }.boxed()
    }
}

/// What the actions look up, in the account of their caller.
impl Directory {
    /// The role called `name`.
    pub(crate) fn existing_role(&self, call: &Call, name: &str) -> Result<Arc<Role>, Error> {
        check_name("roleName", name)?;
        self.role(&call.world.account, name).ok_or_else(|| Error::RoleNotFound { name: name.to_owned() })
    }

    /// The managed policy that `arn` names, the caller's own or AWS's.
    pub(crate) fn existing_policy(&self, call: &Call, arn: &str) -> Result<Arc<Policy>, Error> {
        let not_found = || Error::PolicyNotFound { arn: arn.to_owned() };
        let (account, name) = policy_of(arn)?;
        let found = if account == aws_managed::ACCOUNT {
            aws_managed::find(call.world.partition(), name).map(Arc::new)
        } else if account == call.world.account {
            self.policy(account, name)
        } else {
            None
        };
        found.filter(|policy| policy.arn == arn).ok_or_else(not_found)
    }

    /// The same, for `action`, which changes it: AWS's own policies nobody changes.
    pub(crate) fn changeable_policy(&self, call: &Call, action: &'static str, arn: &str) -> Result<Arc<Policy>, Error> {
        let policy = self.existing_policy(call, arn)?;
        if policy_of(arn)?.0 == aws_managed::ACCOUNT {
            let account = call.world.account.clone();
            return Err(Error::AwsOwned { account, action, arn: arn.to_owned() });
        }
        Ok(policy)
    }

    /// How the caller's account uses a policy.
    pub(crate) fn usage_of(&self, call: &Call, policy: &Policy) -> Usage {
        self.usage(&call.world.account, &policy.arn)
    }
}

/// Account and name in the ARN of a managed policy.
fn policy_of(arn: &str) -> Result<(&str, &str), Error> {
    let invalid = || Error::InvalidPolicyArn { arn: arn.to_owned() };
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "iam" && arn.region.is_empty()).ok_or_else(invalid)?;
    let resource = parsed.resource.strip_prefix("policy/").ok_or_else(invalid)?;
    Ok((parsed.account, last_segment(resource).1))
}

/// A path without its last segment, and that segment.
fn last_segment(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

#[cfg(test)]
mod tests;
