//! What the provider block becomes: AWS clients by service and region, and what every resource must know of the block.
//!
//! A client is made when it is first asked for and then kept, so a run that only reads schemas makes none. Which endpoint
//! and credentials to use was decided while configuring; a decision that could not be made (a value is not known before
//! apply) is reported by the first use.

mod credentials;
pub(crate) mod ec2;
mod emulator;
mod http;
mod intent;
mod line;
mod retry;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use aws_sdk_kinesis::config::retry::RetryPartition;
use aws_sdk_kinesis::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;
use tf_framework::{Attr, Diagnostics, Host};
use tokio::sync::OnceCell;

use crate::arn::Partition;
use crate::environment::Environment;
use crate::error::{ApiError, WhileDoing as _};
use crate::provider::AwsProvider;
use crate::settings::{AccountRules, Service, Settings, is_local};
use crate::tags::TagRules;

/// A region that every AWS account has; the one that local tools assume when none is named.
const LOCAL_REGION: &str = "us-east-1";

/// The configured provider.
pub(crate) struct Aws {
    region: Attr<String>,
    skips_region_validation: bool,
    skips_account_id: bool,
    tags: TagRules,
    session: Result<Session, Diagnostics>,
    clients: Clients,
    caller: OnceCell<Caller>,
}

/// How services are reached.
struct Session {
    /// URLs of all services.
    endpoints: BTreeMap<Service, String>,
    region: String,
    sts_region: String,
    /// Everything that clients share: credentials, connections, retries.
    shared: SdkConfig,
    retry_partition: RetryPartition,
    /// Whether a bucket's name stands in the path of its URL.
    s3_path_style: bool,
}

#[derive(Default)]
struct Clients {
    ec2: PerRegion<ec2::Ec2>,
    iam: PerRegion<aws_sdk_iam::Client>,
    kinesis: PerRegion<aws_sdk_kinesis::Client>,
    kms: PerRegion<aws_sdk_kms::Client>,
    lambda: PerRegion<aws_sdk_lambda::Client>,
    logs: PerRegion<aws_sdk_cloudwatchlogs::Client>,
    s3: PerRegion<aws_sdk_s3::Client>,
    sns: PerRegion<aws_sdk_sns::Client>,
    sqs: PerRegion<aws_sdk_sqs::Client>,
    sts: PerRegion<aws_sdk_sts::Client>,
}

/// Who makes the calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account_id: String,
    pub(crate) arn: String,
    pub(crate) user_id: String,
}

/// What all clients are configured to. Each SDK crate has a builder type of its own with the same methods.
macro_rules! config {
    ($sdk:ident, $session:expr, $service:expr, $region:expr) => {
        $sdk::config::Builder::from(&$session.config($service, $region))
            .retry_partition($session.retry_partition.clone())
            .retry_classifier(retry::RefusedConnection)
            .interceptor(intent::Tokens)
    };
}

impl Aws {
    /// Reads the block and the environment, finds credentials, and sees to it that there is somebody to talk to.
    pub(crate) async fn configured(
        block: &AwsProvider,
        environment: &Environment,
        host: &Host,
    ) -> Result<Self, Diagnostics> {
        let mut settings = Settings::read(block, environment)?;
        let session = if settings.unknown.is_empty() {
            let endpoints = endpoints(&settings, environment, host).await?;
            let session = Session::new(&settings, endpoints)?;
            settings.region = Attr::Known(session.region.clone());
            Ok(session)
        } else {
            if settings.region.is_null() {
                // A profile may name it, once it is known which.
                settings.region = Attr::Unknown;
            }
            Err(not_known_yet(&settings.unknown))
        };
        let aws = Self {
            region: settings.region,
            skips_region_validation: settings.skip_region_validation,
            skips_account_id: settings.skip_requesting_account_id,
            tags: settings.tags,
            session,
            clients: Clients::default(),
            caller: OnceCell::new(),
        };
        aws.check_account(&settings.accounts).await?;
        Ok(aws)
    }

    /// The region of resources that name none; unknown while it depends on another resource.
    pub(crate) const fn region(&self) -> &Attr<String> {
        &self.region
    }

    /// The region, where nothing can be said without it.
    pub(crate) fn known_region(&self) -> Result<&str, Diagnostics> {
        Ok(&self.session()?.region)
    }

    /// What the provider block says about tags.
    pub(crate) const fn tags(&self) -> &TagRules {
        &self.tags
    }

    /// Whether regions are taken as they come.
    pub(crate) const fn skips_region_validation(&self) -> bool {
        self.skips_region_validation
    }

    /// The client for zones in a region; the provider's if it is not known.
    pub(crate) fn ec2(&self, region: &Attr<String>) -> Result<ec2::Ec2, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.ec2.get(session.or_own(region), |region| {
            ec2::Ec2::new(&session.config(Service::Ec2, region), session.retry_partition.clone())
        }))
    }

    /// The client for roles and policies, which are the same in all regions.
    pub(crate) fn iam(&self) -> Result<aws_sdk_iam::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.iam.get(Partition::of_region(&session.region).global_region, |region| {
            aws_sdk_iam::Client::from_conf(config!(aws_sdk_iam, session, Service::Iam, region).build())
        }))
    }

    /// The client for streams in a region; the provider's if it is not known.
    pub(crate) fn kinesis(&self, region: &Attr<String>) -> Result<aws_sdk_kinesis::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.kinesis.get(session.or_own(region), |region| {
            let config = config!(aws_sdk_kinesis, session, Service::Kinesis, region);
            aws_sdk_kinesis::Client::from_conf(config.retry_classifier(retry::KinesisLimit).build())
        }))
    }

    /// The client for keys in a region; the provider's if it is not known.
    pub(crate) fn kms(&self, region: &Attr<String>) -> Result<aws_sdk_kms::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.kms.get(session.or_own(region), |region| {
            aws_sdk_kms::Client::from_conf(config!(aws_sdk_kms, session, Service::Kms, region).build())
        }))
    }

    /// The client for functions in a region; the provider's if it is not known.
    pub(crate) fn lambda(&self, region: &Attr<String>) -> Result<aws_sdk_lambda::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.lambda.get(session.or_own(region), |region| {
            aws_sdk_lambda::Client::from_conf(config!(aws_sdk_lambda, session, Service::Lambda, region).build())
        }))
    }

    /// The client for log groups in a region; the provider's if it is not known.
    pub(crate) fn logs(&self, region: &Attr<String>) -> Result<aws_sdk_cloudwatchlogs::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.logs.get(session.or_own(region), |region| {
            let config = config!(aws_sdk_cloudwatchlogs, session, Service::Logs, region);
            aws_sdk_cloudwatchlogs::Client::from_conf(config.build())
        }))
    }

    /// The client for buckets in a region; the provider's if it is not known.
    pub(crate) fn s3(&self, region: &Attr<String>) -> Result<aws_sdk_s3::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.s3.get(session.or_own(region), |region| {
            let config = config!(aws_sdk_s3, session, Service::S3, region);
            aws_sdk_s3::Client::from_conf(config.force_path_style(session.s3_path_style).build())
        }))
    }

    /// The client for topics in a region; the provider's if it is not known.
    pub(crate) fn sns(&self, region: &Attr<String>) -> Result<aws_sdk_sns::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.sns.get(session.or_own(region), |region| {
            aws_sdk_sns::Client::from_conf(config!(aws_sdk_sns, session, Service::Sns, region).build())
        }))
    }

    /// The client for queues in a region; the provider's if it is not known.
    pub(crate) fn sqs(&self, region: &Attr<String>) -> Result<aws_sdk_sqs::Client, Diagnostics> {
        let session = self.session()?;
        Ok(self.clients.sqs.get(session.or_own(region), |region| {
            aws_sdk_sqs::Client::from_conf(config!(aws_sdk_sqs, session, Service::Sqs, region).build())
        }))
    }

    /// Who makes the calls; asked once.
    pub(crate) async fn caller(&self) -> Result<&Caller, Diagnostics> {
        let session = self.session()?;
        let client = self.clients.sts.get(&session.sts_region, |region| {
            aws_sdk_sts::Client::from_conf(config!(aws_sdk_sts, session, Service::Sts, region).build())
        });
        let ask = || async {
            let answer = client.get_caller_identity().send().await?;
            Ok::<_, ApiError>(Caller {
                account_id: answer.account.unwrap_or_default(),
                arn: answer.arn.unwrap_or_default(),
                user_id: answer.user_id.unwrap_or_default(),
            })
        };
        self.caller.get_or_try_init(ask).await.while_doing("reading STS Caller Identity")
    }

    /// The account of who makes the calls, unless nobody may or can ask.
    pub(crate) async fn account(&self) -> Option<&str> {
        if self.skips_account_id {
            return None;
        }
        self.caller().await.ok().map(|caller| caller.account_id.as_str())
    }

    fn session(&self) -> Result<&Session, Diagnostics> {
        self.session.as_ref().map_err(Clone::clone)
    }

    async fn check_account(&self, rules: &AccountRules) -> Result<(), Diagnostics> {
        if (rules.allowed.is_empty() && rules.forbidden.is_empty()) || self.skips_account_id || self.session.is_err() {
            return Ok(());
        }
        let account = &self.caller().await?.account_id;
        if rules.forbidden.contains(account) || !(rules.allowed.is_empty() || rules.allowed.contains(account)) {
            return Err(Diagnostics::error(
                format!("AWS account ID not allowed: {account}"),
                "The credentials belong to an account that allowed_account_ids or forbidden_account_ids exclude.",
            ));
        }
        Ok(())
    }
}

impl Session {
    fn new(settings: &Settings, endpoints: BTreeMap<Service, String>) -> Result<Self, Diagnostics> {
        let is_all_local = endpoints.values().all(|url| is_local(url));
        let profile = credentials::Profile::read(&settings.profile)?;
        let region = match (settings.region.as_str(), &profile.region) {
            (Some(region), _) => region.to_owned(),
            (None, Some(region)) => region.clone(),
            (None, None) if is_all_local => LOCAL_REGION.to_owned(),
            (None, None) => {
                return Err(Diagnostics::error(
                    "invalid AWS Region: ",
                    "Set `region` in the provider block, or AWS_REGION in the environment.",
                ));
            }
        };
        let keys = settings.keys.clone().or(profile.keys);
        let keys = credentials::usable(keys, is_all_local)?;
        let shared = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(keys)
            .retry_config(retry::config(settings.retries))
            .http_client(http::client(settings, endpoints.values())?)
            .build();
        let sts_region = settings.sts_region.clone().unwrap_or_else(|| region.clone());
        let retry_partition = retry::partition(settings.retries);
        // As a part of the host it would have to be found by name, and not every resolver knows names below localhost.
        let s3_path_style =
            settings.s3_path_style.unwrap_or_else(|| endpoints.get(&Service::S3).is_some_and(|url| is_local(url)));
        Ok(Self { endpoints, region, sts_region, shared, retry_partition, s3_path_style })
    }

    fn or_own<'a>(&'a self, region: &'a Attr<String>) -> &'a str {
        region.as_str().unwrap_or(&self.region)
    }

    fn config(&self, service: Service, region: &str) -> SdkConfig {
        let url = self.endpoints.get(&service).expect("every service has got a URL");
        self.shared.to_builder().region(Region::new(region.to_owned())).endpoint_url(url).build()
    }
}

/// The URL of every service: as the user set it, else the emulator's. Only who set nothing gets one started.
async fn endpoints(
    settings: &Settings,
    environment: &Environment,
    host: &Host,
) -> Result<BTreeMap<Service, String>, Diagnostics> {
    let fallback = if settings.endpoints.are_set() {
        emulator::usual_url(environment)
    } else {
        emulator::url(environment, host).await?
    };
    let url = |service| (service, settings.endpoints.url(service).unwrap_or(&fallback).to_owned());
    Ok(Service::ALL.into_iter().map(url).collect())
}

fn not_known_yet(arguments: &[&str]) -> Diagnostics {
    Diagnostics::error(
        "provider configuration is not known yet",
        format!(
            "The provider's {} depends on a resource that has not been applied, but is needed now. Apply that resource \
             first with -target.",
            arguments.join(", ")
        ),
    )
}

/// One client for each region that was asked for.
struct PerRegion<C>(Mutex<BTreeMap<String, C>>);

impl<C> Default for PerRegion<C> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<C: Clone> PerRegion<C> {
    fn get(&self, region: &str, make: impl FnOnce(&str) -> C) -> C {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clients.entry(region.to_owned()).or_insert_with(|| make(region)).clone()
    }
}

#[cfg(test)]
impl Aws {
    /// A provider in us-east-1 that cannot reach anybody.
    pub(crate) fn for_tests() -> Self {
        Self {
            region: LOCAL_REGION.into(),
            skips_region_validation: false,
            skips_account_id: true,
            tags: TagRules::default(),
            session: Err(not_known_yet(&["endpoints"])),
            clients: Clients::default(),
            caller: OnceCell::new(),
        }
    }
}
