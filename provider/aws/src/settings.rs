//! What the provider block and the environment add up to, before anything is contacted.
//!
//! The block wins over the environment. A value that is unknown at plan makes the settings incomplete, which is no error
//! until something needs them. Invariant: no setting ever leads to AWS itself; an endpoint is named, or it is this
//! machine's emulator.

mod endpoints;

use std::collections::BTreeSet;

use tf_framework::{Attr, Diagnostic, Diagnostics};

use crate::environment::Environment;
use crate::provider::AwsProvider;
use crate::tags::{TagRules, Tags};

pub(crate) use endpoints::{Endpoints, Service, is_local};

/// Credentials as written down.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StaticKeys {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
    pub(crate) token: Option<String>,
}

/// Secrets stay out of logs.
impl std::fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StaticKeys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Where to look for a profile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProfileChoice {
    /// The profile the user named.
    pub(crate) named: Option<String>,
    /// Files with credentials.
    pub(crate) credentials_files: Vec<String>,
    /// Files with profiles.
    pub(crate) config_files: Vec<String>,
}

/// How calls that were not answered are repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retries {
    pub(crate) attempts: u32,
    pub(crate) is_adaptive: bool,
    /// How many tokens all retries together have; `None` for no such limit.
    pub(crate) tokens: Option<usize>,
}

/// Proxies for endpoints elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Proxies {
    pub(crate) http: Option<String>,
    pub(crate) https: Option<String>,
    pub(crate) except: Option<String>,
}

/// Accounts that the user lets the provider work in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountRules {
    pub(crate) allowed: BTreeSet<String>,
    pub(crate) forbidden: BTreeSet<String>,
}

/// Everything that is set.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// `Null` when neither the block nor the environment names one.
    pub(crate) region: Attr<String>,
    pub(crate) sts_region: Option<String>,
    pub(crate) keys: Option<StaticKeys>,
    pub(crate) profile: ProfileChoice,
    pub(crate) endpoints: Endpoints,
    pub(crate) tags: TagRules,
    pub(crate) retries: Retries,
    pub(crate) proxies: Proxies,
    pub(crate) ca_bundle: Option<String>,
    pub(crate) accounts: AccountRules,
    /// Whether the user wants buckets named in the path, or not, of S3's URL.
    pub(crate) s3_path_style: Option<bool>,
    pub(crate) skip_region_validation: bool,
    pub(crate) skip_requesting_account_id: bool,
    /// The arguments that a connection needs and that are not known yet.
    pub(crate) unknown: Vec<&'static str>,
}

impl Settings {
    /// Reads the block and the environment.
    pub(crate) fn read(config: &AwsProvider, environment: &Environment) -> Result<Self, Diagnostics> {
        let text = |attr: &Attr<String>, variables: &[&str]| {
            let configured = attr.as_str().filter(|text| !text.is_empty());
            configured.or_else(|| environment.first(variables)).map(str::to_owned)
        };
        let region = if config.region.is_unknown() {
            Attr::Unknown
        } else {
            text(&config.region, &["AWS_REGION", "AWS_DEFAULT_REGION"]).into()
        };
        let files = |attr: &Attr<Vec<String>>, variable| {
            attr.known()
                .cloned()
                .unwrap_or_else(|| environment.first(&[variable]).map(str::to_owned).into_iter().collect())
        };
        Ok(Self {
            region,
            sts_region: text(&config.sts_region, &[]),
            keys: keys(config, environment)?,
            profile: ProfileChoice {
                named: text(&config.profile, &["AWS_PROFILE"]),
                credentials_files: in_home(
                    files(&config.shared_credentials_files, "AWS_SHARED_CREDENTIALS_FILE"),
                    "credentials",
                    environment,
                ),
                config_files: in_home(files(&config.shared_config_files, "AWS_CONFIG_FILE"), "config", environment),
            },
            endpoints: Endpoints::read(config, environment)?,
            tags: tag_rules(config, environment),
            retries: Retries {
                attempts: attempts(config, environment),
                tokens: tokens(config),
                is_adaptive: text(&config.retry_mode, &["AWS_RETRY_MODE"]).as_deref() == Some("adaptive"),
            },
            proxies: Proxies {
                http: text(&config.http_proxy, &["HTTP_PROXY", "http_proxy"]),
                https: text(&config.https_proxy, &["HTTPS_PROXY", "https_proxy"]),
                except: text(&config.no_proxy, &["NO_PROXY", "no_proxy"]),
            },
            ca_bundle: text(&config.custom_ca_bundle, &["AWS_CA_BUNDLE"]),
            accounts: AccountRules {
                allowed: config.allowed_account_ids.clone().unwrap_or_default(),
                forbidden: config.forbidden_account_ids.clone().unwrap_or_default(),
            },
            s3_path_style: config.s3_use_path_style.into_known(),
            skip_region_validation: config.skip_region_validation.unwrap_or(false),
            skip_requesting_account_id: config.skip_requesting_account_id.unwrap_or(false),
            unknown: unknown(config),
        })
    }
}

fn unknown(config: &AwsProvider) -> Vec<&'static str> {
    let mut keys = Service::ALL.into_iter().flat_map(Service::keys);
    let in_endpoints = keys.any(|key| config.endpoints.iter().any(|block| block.url(key).is_unknown()));
    let candidates = [
        ("region", config.region.is_unknown()),
        ("access_key", config.access_key.is_unknown()),
        ("secret_key", config.secret_key.is_unknown()),
        ("token", config.token.is_unknown()),
        ("profile", config.profile.is_unknown()),
        ("endpoints", config.endpoints.is_unknown() || in_endpoints),
    ];
    candidates.into_iter().filter(|(_, is_unknown)| *is_unknown).map(|(name, _)| name).collect()
}

/// Both keys come from the same place, or they do not fit together.
fn keys(config: &AwsProvider, environment: &Environment) -> Result<Option<StaticKeys>, Diagnostics> {
    let set = |attr: &Attr<String>| attr.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    match (set(&config.access_key), set(&config.secret_key)) {
        (Some(access_key), Some(secret_key)) => {
            return Ok(Some(StaticKeys { access_key, secret_key, token: set(&config.token) }));
        }
        (None, None) => {}
        (Some(_), None) if config.secret_key.is_unknown() => {}
        (None, Some(_)) if config.access_key.is_unknown() => {}
        (access_key, _) => {
            let missing = if access_key.is_some() { "secret_key" } else { "access_key" };
            let detail = "Set both access_key and secret_key in the provider block, or neither.";
            return Err(Diagnostic::error("incomplete credentials", detail).at(missing).into());
        }
    }
    let named_by_user = config.profile.as_str().is_some_and(|name| !name.is_empty());
    let variable = |name| environment.first(&[name]).map(str::to_owned);
    Ok(match (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY")) {
        // A profile in the block is a choice; variables may be left from anything.
        (Some(access_key), Some(secret_key)) if !named_by_user => {
            Some(StaticKeys { access_key, secret_key, token: variable("AWS_SESSION_TOKEN") })
        }
        _ => None,
    })
}

/// The files as named, `~` resolved; the usual one of that name when none is.
fn in_home(files: Vec<String>, usual: &str, environment: &Environment) -> Vec<String> {
    let home = environment.first(&["HOME", "USERPROFILE"]).unwrap_or_default();
    if files.is_empty() {
        return if home.is_empty() { Vec::new() } else { vec![format!("{home}/.aws/{usual}")] };
    }
    files
        .into_iter()
        .map(|file| file.strip_prefix("~/").map_or_else(|| file.clone(), |rest| format!("{home}/{rest}")))
        .collect()
}

fn attempts(config: &AwsProvider, environment: &Environment) -> u32 {
    let configured = config.max_retries.known().copied();
    let attempts = configured.or_else(|| environment.first(&["AWS_MAX_ATTEMPTS"])?.parse().ok()).unwrap_or(25);
    u32::try_from(attempts).unwrap_or(0).max(1)
}

/// Zero means no limit, as it does in the AWS provider.
fn tokens(config: &AwsProvider) -> Option<usize> {
    let capacity = config.token_bucket_rate_limiter_capacity.known().copied()?;
    usize::try_from(capacity).ok().filter(|&capacity| capacity > 0)
}

fn tag_rules(config: &AwsProvider, environment: &Environment) -> TagRules {
    let from_environment: Tags = environment
        .with_prefix("TF_AWS_DEFAULT_TAGS_")
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let configured = config.default_tags.first().map(|block| block.tags.clone()).unwrap_or_default();
    let defaults = match configured {
        Attr::Unknown => Attr::Unknown,
        Attr::Null if config.default_tags.is_unknown() => Attr::Unknown,
        Attr::Null => Attr::Known(from_environment),
        Attr::Known(tags) => Attr::Known(from_environment.into_iter().chain(tags).collect()),
    };
    let ignored = config.ignore_tags.first();
    let words = |configured: Option<&Attr<BTreeSet<String>>>, variable| {
        let mut words: BTreeSet<String> = environment.words(variable).into_iter().collect();
        words.extend(configured.and_then(Attr::known).into_iter().flatten().cloned());
        words
    };
    TagRules {
        defaults,
        ignored_keys: words(ignored.map(|block| &block.keys), "TF_AWS_IGNORE_TAGS_KEYS"),
        ignored_prefixes: words(ignored.map(|block| &block.key_prefixes), "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(config: &AwsProvider, environment: impl Into<Environment>) -> Settings {
        Settings::read(config, &environment.into()).unwrap()
    }

    #[test]
    fn the_block_wins_over_the_environment() {
        let config = AwsProvider { region: "eu-west-1".into(), ..AwsProvider::default() };
        assert_eq!(read(&config, [("AWS_REGION", "us-west-2")]).region, "eu-west-1".into());
        let nothing = AwsProvider::default();
        assert_eq!(
            read(&nothing, [("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "us-west-2")]).region,
            "us-west-2".into()
        );
        assert_eq!(read(&nothing, []).region, Attr::Null);
    }

    #[test]
    fn keys_come_in_pairs() {
        let half = AwsProvider { access_key: "a".into(), ..AwsProvider::default() };
        assert!(Settings::read(&half, &Environment::default()).is_err());
        let pair = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b"), ("AWS_SESSION_TOKEN", "c")];
        let keys = read(&AwsProvider::default(), pair).keys.unwrap();
        assert_eq!((keys.access_key.as_str(), keys.token.as_deref()), ("a", Some("c")));
        let with_profile = AwsProvider { profile: "p".into(), ..AwsProvider::default() };
        assert_eq!(read(&with_profile, pair).keys, None);
    }

    #[test]
    fn tag_rules_from_the_environment() {
        let variables = [("TF_AWS_DEFAULT_TAGS_team", "a"), ("TF_AWS_IGNORE_TAGS_KEYS", "x, y")];
        let rules = read(&AwsProvider::default(), variables).tags;
        assert_eq!(rules.defaults, Attr::Known(Tags::from([("team".to_owned(), "a".to_owned())])));
        assert_eq!(rules.ignored_keys, BTreeSet::from(["x".to_owned(), "y".to_owned()]));
    }

    #[test]
    fn what_is_unknown_is_named() {
        let config = AwsProvider { region: Attr::Unknown, ..AwsProvider::default() };
        assert_eq!(read(&config, []).unknown, ["region"]);
    }
}
