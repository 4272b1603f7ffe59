//! Credentials: from the block or the environment, else from a profile, else the ones that local services accept.
//!
//! Reads the profile files itself and knows only keys that are written down there. A profile that would have to ask AWS
//! for its keys gets those of local services, or is refused: nothing here may talk to AWS by accident.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use tf_framework::{Diagnostic, Diagnostics};

use crate::settings::{ProfileChoice, StaticKeys};

/// What local services are usually called with.
const LOCAL_KEY: &str = "test";
const DEFAULT_PROFILE: &str = "default";

/// What a profile says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) keys: Option<StaticKeys>,
    pub(super) region: Option<String>,
}

type Sections = BTreeMap<String, BTreeMap<String, String>>;

impl Profile {
    /// Reads the chosen profile. One that the user named must exist; the default one may be missing.
    pub(super) fn read(choice: &ProfileChoice) -> Result<Self, Diagnostics> {
        let mut sections = Sections::new();
        for file in choice.config_files.iter().chain(&choice.credentials_files) {
            // A file that is not there says nothing.
            if let Ok(text) = std::fs::read_to_string(file) {
                merge(&mut sections, &text);
            }
        }
        Self::choose(&sections, choice.named.as_deref())
    }

    fn choose(sections: &Sections, named: Option<&str>) -> Result<Self, Diagnostics> {
        let name = named.unwrap_or(DEFAULT_PROFILE);
        let Some(section) = sections.get(name) else {
            return match named {
                Some(name) => Err(missing(name)),
                None => Ok(Self::default()),
            };
        };
        let source = section.get("source_profile").and_then(|source| sections.get(source));
        let keys = keys(section).or_else(|| source.and_then(keys));
        Ok(Self { keys, region: section.get("region").cloned() })
    }
}

fn missing(name: &str) -> Diagnostics {
    Diagnostic::error(
        format!("failed to get shared config profile, {name}"),
        "Name a profile that ~/.aws/config or ~/.aws/credentials has, or remove `profile` and AWS_PROFILE.",
    )
    .at("profile")
    .into()
}

fn keys(section: &BTreeMap<String, String>) -> Option<StaticKeys> {
    let value = |name| section.get(name).cloned();
    let (access_key, secret_key) = (value("aws_access_key_id")?, value("aws_secret_access_key")?);
    Some(StaticKeys { access_key, secret_key, token: value("aws_session_token") })
}

/// Adds the sections of one file; a later file wins. The config file says `[profile x]` where the other says `[x]`.
fn merge(sections: &mut Sections, text: &str) {
    let mut current = None;
    for line in text.lines() {
        let line = line.split(['#', ';']).next().unwrap_or_default();
        // Indented lines belong to a nested setting of the line above; none of those matters here.
        if line.starts_with(char::is_whitespace) {
            continue;
        }
        let line = line.trim();
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let name = name.trim();
            current = Some(name.strip_prefix("profile ").unwrap_or(name).trim().to_owned());
        } else if let (Some(section), Some((key, value))) = (&current, line.split_once('=')) {
            let values = sections.entry(section.clone()).or_default();
            values.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
}

/// The credentials to sign with.
pub(super) fn usable(keys: Option<StaticKeys>, is_local: bool) -> Result<SharedCredentialsProvider, Diagnostics> {
    let credentials = match keys {
        Some(keys) => Credentials::new(keys.access_key, keys.secret_key, keys.token, None, "provider"),
        None if is_local => Credentials::new(LOCAL_KEY, LOCAL_KEY, None, None, "local endpoint"),
        None => {
            return Err(Diagnostics::error(
                "No valid credential sources found",
                "Set access_key and secret_key in the provider block, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the \
                 environment, or name a profile that has aws_access_key_id and aws_secret_access_key. Only endpoints on this \
                 machine work without.",
            ));
        }
    };
    Ok(SharedCredentialsProvider::new(credentials))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "[default]\nregion = eu-west-1\n\n[profile dev]\nregion=us-west-2 # home\ns3 =\n  region = nowhere\n\
                          [profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = dev\n\
                          [profile sso]\nsso_session = x\n";
    const CREDENTIALS: &str = "[dev]\naws_access_key_id = AK\naws_secret_access_key = SK\n";

    fn choose(named: Option<&str>) -> Result<Profile, Diagnostics> {
        let mut sections = Sections::new();
        merge(&mut sections, CONFIG);
        merge(&mut sections, CREDENTIALS);
        Profile::choose(&sections, named)
    }

    #[test]
    fn both_files_make_one_profile() {
        let keys = StaticKeys { access_key: "AK".to_owned(), secret_key: "SK".to_owned(), token: None };
        let dev = Profile { keys: Some(keys.clone()), region: Some("us-west-2".to_owned()) };
        assert_eq!(choose(Some("dev")), Ok(dev));
        assert_eq!(choose(Some("role")).unwrap().keys, Some(keys));
        assert_eq!(choose(None), Ok(Profile { keys: None, region: Some("eu-west-1".to_owned()) }));
    }

    #[test]
    fn a_named_profile_must_exist_but_need_not_have_keys() {
        assert!(choose(Some("missing")).unwrap_err().iter().any(|d| d.summary.ends_with("missing")));
        assert_eq!(choose(Some("sso")), Ok(Profile::default()));
    }

    #[test]
    fn only_local_endpoints_work_without_credentials() {
        assert!(usable(None, true).is_ok());
        assert!(usable(None, false).is_err());
    }
}
