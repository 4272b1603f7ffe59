//! The provider block, and the list of what the provider offers.
//!
//! Every argument of hashicorp/aws is accepted. What its values and the environment add up to is `settings`' business;
//! what is made of them is `client`'s.

mod endpoints;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Check, Diagnostics, Host, Provider, Registry, Value};

use crate::arn::must_be_arn;
use crate::client::Aws;
use crate::environment::Environment;
use crate::tags::Tags;
use crate::{data_source, function, identity, resource};

pub(crate) use endpoints::EndpointUrls;

/// Streams and functions on this machine.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AwsProvider {
    /// The access key. Also AWS_ACCESS_KEY_ID. Twelve digits choose the account.
    #[schemars(extend("tf" = optional()))]
    pub(crate) access_key: Attr<String>,
    /// Accounts that may be used; in any other the provider refuses to work.
    #[schemars(extend("tf" = optional().conflicts_with(&["forbidden_account_ids"])))]
    pub(crate) allowed_account_ids: Attr<BTreeSet<String>>,
    /// A file of root certificates to trust, in PEM. Also AWS_CA_BUNDLE.
    #[schemars(extend("tf" = optional()))]
    pub(crate) custom_ca_bundle: Attr<String>,
    /// Accepted; there is no instance metadata to ask.
    #[schemars(extend("tf" = optional()))]
    pub(crate) ec2_metadata_service_endpoint: Attr<String>,
    /// Accepted; there is no instance metadata to ask.
    #[schemars(extend("tf" = optional().one_of(&["IPv4", "IPv6"])))]
    pub(crate) ec2_metadata_service_endpoint_mode: Attr<String>,
    /// Accounts in which the provider refuses to work.
    #[schemars(extend("tf" = optional().conflicts_with(&["allowed_account_ids"])))]
    pub(crate) forbidden_account_ids: Attr<BTreeSet<String>>,
    /// A proxy for endpoints that begin with `http://` and are not on this machine.
    #[schemars(extend("tf" = optional()))]
    pub(crate) http_proxy: Attr<String>,
    /// A proxy for endpoints that begin with `https://` and are not on this machine.
    #[schemars(extend("tf" = optional()))]
    pub(crate) https_proxy: Attr<String>,
    /// Accepted; certificates are always checked. Use `custom_ca_bundle` for one of your own.
    #[schemars(extend("tf" = optional()))]
    pub(crate) insecure: Attr<bool>,
    /// How often a call is tried that is throttled or fails on the service's side. 25 when not set.
    #[schemars(extend("tf" = optional()))]
    pub(crate) max_retries: Attr<i64>,
    /// Hosts to reach without a proxy, separated by commas.
    #[schemars(extend("tf" = optional()))]
    pub(crate) no_proxy: Attr<String>,
    /// The profile to take credentials and region from. Also AWS_PROFILE.
    #[schemars(extend("tf" = optional()))]
    pub(crate) profile: Attr<String>,
    /// The region of resources that name none. Also AWS_REGION or AWS_DEFAULT_REGION.
    #[schemars(extend("tf" = optional()))]
    pub(crate) region: Attr<String>,
    /// How a call is repeated. Also AWS_RETRY_MODE.
    #[schemars(extend("tf" = optional().one_of(&["standard", "adaptive"])))]
    pub(crate) retry_mode: Attr<String>,
    /// Accepted; this provider has no use for it.
    #[schemars(extend("tf" = optional().one_of(&["legacy", "regional"])))]
    pub(crate) s3_us_east_1_regional_endpoint: Attr<String>,
    /// Whether a bucket's name stands in the path of its URL rather than in the host. So it does on this machine anyway,
    /// unless this is `false`.
    #[schemars(extend("tf" = optional()))]
    pub(crate) s3_use_path_style: Attr<bool>,
    /// The secret key. Also AWS_SECRET_ACCESS_KEY.
    #[schemars(extend("tf" = optional()))]
    pub(crate) secret_key: Attr<String>,
    /// Files with profiles, instead of `~/.aws/config`. Also AWS_CONFIG_FILE.
    #[schemars(extend("tf" = optional()))]
    pub(crate) shared_config_files: Attr<Vec<String>>,
    /// Files with credentials, instead of `~/.aws/credentials`. Also AWS_SHARED_CREDENTIALS_FILE.
    #[schemars(extend("tf" = optional()))]
    pub(crate) shared_credentials_files: Attr<Vec<String>>,
    /// Accepted; credentials are checked by the first call that needs them.
    #[schemars(extend("tf" = optional()))]
    pub(crate) skip_credentials_validation: Attr<bool>,
    /// Accepted; there is no instance metadata to ask.
    #[schemars(extend("tf" = optional().one_of(&["true", "false", ""])))]
    pub(crate) skip_metadata_api_check: Attr<String>,
    /// Accept regions that AWS does not have.
    #[schemars(extend("tf" = optional()))]
    pub(crate) skip_region_validation: Attr<bool>,
    /// Never ask for the account.
    #[schemars(extend("tf" = optional()))]
    pub(crate) skip_requesting_account_id: Attr<bool>,
    /// The region in which STS is called, if not the provider's.
    #[schemars(extend("tf" = optional()))]
    pub(crate) sts_region: Attr<String>,
    /// Accepted; there are no tag policies.
    #[schemars(extend("tf" = optional().one_of(&["error", "warning", "disabled"])))]
    pub(crate) tag_policy_compliance: Attr<String>,
    /// The session token. Also AWS_SESSION_TOKEN.
    #[schemars(extend("tf" = optional()))]
    pub(crate) token: Attr<String>,
    /// How many tokens all retries together have; each takes some and success gives them back. No limit when not set.
    #[schemars(extend("tf" = optional()))]
    pub(crate) token_bucket_rate_limiter_capacity: Attr<i64>,
    /// Accepted; endpoints are never AWS's own.
    #[schemars(extend("tf" = optional()))]
    pub(crate) use_dualstack_endpoint: Attr<bool>,
    /// Accepted; endpoints are never AWS's own.
    #[schemars(extend("tf" = optional()))]
    pub(crate) use_fips_endpoint: Attr<bool>,
    /// Accepted; the user agent stays the AWS client's.
    #[schemars(extend("tf" = optional()))]
    pub(crate) user_agent: Attr<Vec<String>>,
    /// Roles to assume, one after the other. Accepted; calls are made with the credentials as they are.
    #[schemars(extend("tf" = list_block()))]
    pub(crate) assume_role: Blocks<AssumeRole>,
    /// A role to assume by a web identity. Accepted; calls are made with the credentials as they are.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) assume_role_with_web_identity: Blocks<AssumeRoleWithWebIdentity>,
    /// Tags for everything that can have tags.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) default_tags: Blocks<DefaultTags>,
    /// Where the services are. Without any, the emulator of this machine, which is started if necessary.
    #[schemars(extend("tf" = set_block()))]
    pub(crate) endpoints: Blocks<EndpointUrls>,
    /// Tags that others manage.
    #[schemars(extend("tf" = list_block().max_items(1)))]
    pub(crate) ignore_tags: Blocks<IgnoreTags>,
}

/// A role to assume.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AssumeRole {
    /// How long the session lasts.
    #[schemars(extend("tf" = optional().check(Check::Duration)))]
    duration: Attr<String>,
    /// What the role's owner asks for.
    #[schemars(extend("tf" = optional().length(2..=1224)))]
    external_id: Attr<String>,
    /// A policy that restricts the session.
    #[schemars(extend("tf" = optional().json()))]
    policy: Attr<String>,
    /// Managed policies that restrict the session.
    #[schemars(extend("tf" = optional().each(must_be_arn())))]
    policy_arns: Attr<BTreeSet<String>>,
    /// The role.
    #[schemars(extend("tf" = optional().check(must_be_arn())))]
    role_arn: Attr<String>,
    /// The session's name.
    #[schemars(extend("tf" = optional()))]
    session_name: Attr<String>,
    /// Who is behind the session.
    #[schemars(extend("tf" = optional()))]
    source_identity: Attr<String>,
    /// Tags of the session.
    #[schemars(extend("tf" = optional()))]
    tags: Attr<Tags>,
    /// Keys of session tags that are passed on.
    #[schemars(extend("tf" = optional()))]
    transitive_tag_keys: Attr<BTreeSet<String>>,
}

/// A role to assume by a web identity.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AssumeRoleWithWebIdentity {
    /// How long the session lasts.
    #[schemars(extend("tf" = optional().check(Check::Duration)))]
    duration: Attr<String>,
    /// A policy that restricts the session.
    #[schemars(extend("tf" = optional().json()))]
    policy: Attr<String>,
    /// Managed policies that restrict the session.
    #[schemars(extend("tf" = optional().each(must_be_arn())))]
    policy_arns: Attr<BTreeSet<String>>,
    /// The role.
    #[schemars(extend("tf" = optional().check(must_be_arn())))]
    role_arn: Attr<String>,
    /// The session's name.
    #[schemars(extend("tf" = optional()))]
    session_name: Attr<String>,
    /// The token.
    #[schemars(extend("tf" = optional()))]
    web_identity_token: Attr<String>,
    /// A file with the token.
    #[schemars(extend("tf" = optional()))]
    web_identity_token_file: Attr<String>,
}

/// Tags for everything that can have tags.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DefaultTags {
    /// The tags; a resource's own win. Also TF_AWS_DEFAULT_TAGS_KEY.
    #[schemars(extend("tf" = optional()))]
    pub(crate) tags: Attr<Tags>,
}

/// Tags that others manage.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IgnoreTags {
    /// Keys to leave alone. Also TF_AWS_IGNORE_TAGS_KEYS.
    #[schemars(extend("tf" = optional()))]
    pub(crate) keys: Attr<BTreeSet<String>>,
    /// Beginnings of keys to leave alone. Also TF_AWS_IGNORE_TAGS_KEY_PREFIXES.
    #[schemars(extend("tf" = optional()))]
    pub(crate) key_prefixes: Attr<BTreeSet<String>>,
}

impl Provider for AwsProvider {
    const ADDRESS: &'static str = "registry.terraform.io/millrace/aws";
    const SCHEMAS: Option<&'static [u8]> = Some(include_bytes!("../schemas.binpb"));
    type Client = Aws;

    fn registry() -> Registry<Aws> {
        function::register(data_source::register(resource::register(Registry::new())))
    }

    fn intents() -> Option<PathBuf> {
        let environment = Environment::of_this_process();
        let state = environment.first(&["XDG_STATE_HOME"]).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = state.or_else(|| Some(Path::new(environment.first(&["HOME"])?).join(".local/state")));
        state.map(|state| state.join("millrace/intents"))
    }

    async fn identity_part(aws: &Aws, name: &str, state: &Value) -> Option<String> {
        identity::part(aws, name, state).await
    }

    async fn import_id(aws: &Aws, id: String, identity: &Value) -> Result<String, Diagnostics> {
        identity::import_id(aws, id, identity).await
    }

    async fn configure(config: Self, host: &Host) -> Result<Aws, Diagnostics> {
        Aws::configured(&config, &Environment::of_this_process(), host).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cargo xtask codegen` writes them.
    #[test]
    fn schemas_ahead_are_what_the_code_says() {
        let derived = tf_framework::schemas_ahead::<AwsProvider>().unwrap();
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas.binpb");
        if std::env::var("GOLDEN").is_ok_and(|golden| golden == "write") {
            std::fs::write(path, &derived).unwrap();
        }
        assert!(std::fs::read(path).unwrap() == derived, "run `cargo xtask codegen`: schemas.binpb is stale");
    }
}
