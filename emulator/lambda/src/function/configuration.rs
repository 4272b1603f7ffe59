//! What an owner sets on a function, with Lambda's defaults, and how a call changes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::environment;
use super::runtime::Runtime;
use crate::Error;
use crate::destination::Address;
use crate::layer::LayerUse;

/// The settings of one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Configuration {
    pub(crate) runtime: Runtime,
    pub(crate) role: String,
    pub(crate) handler: String,
    pub(crate) description: String,
    pub(crate) timeout_seconds: u32,
    pub(crate) memory_mb: u32,
    pub(crate) environment: Option<BTreeMap<String, String>>,
    pub(crate) kms_key_arn: Option<String>,
    pub(crate) dead_letter_target: Option<String>,
    pub(crate) tracing_mode: String,
    pub(crate) vpc: Option<Vpc>,
    pub(crate) ephemeral_storage_mb: u32,
    pub(crate) architecture: String,
    pub(crate) snap_start: String,
    pub(crate) logging: Logging,
    #[serde(default)]
    pub(crate) layers: Vec<LayerUse>,
}

/// Which network a function would be in. Processes on this machine are in none; the setting is kept and returned.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Vpc {
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) ipv6_allowed_for_dual_stack: bool,
}

/// Where a function's log goes and in which form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Logging {
    pub(crate) log_format: LogFormat,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) application_log_level: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) system_log_level: Option<String>,
    pub(crate) log_group: String,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LogFormat {
    /// Tab-separated platform lines, application lines as they are.
    Text,
    /// One JSON object per line.
    #[serde(rename = "JSON")]
    Json,
}

/// The settings that a call names; the others stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Changes {
    runtime: Option<String>,
    role: Option<String>,
    handler: Option<String>,
    description: Option<String>,
    timeout: Option<u32>,
    memory_size: Option<u32>,
    environment: Option<EnvironmentChange>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    dead_letter_config: Option<DeadLetterChange>,
    tracing_config: Option<TracingChange>,
    vpc_config: Option<Vpc>,
    ephemeral_storage: Option<StorageChange>,
    snap_start: Option<SnapStartChange>,
    logging_config: Option<LoggingChange>,
    file_system_configs: Vec<Value>,
    image_config: Value,
    code_signing_config_arn: Value,
    capacity_provider_config: Value,
    durable_config: Value,
    tenancy_config: Value,
    runtime_config: Value,
    accelerator_config: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EnvironmentChange {
    variables: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeadLetterChange {
    target_arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TracingChange {
    mode: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StorageChange {
    size: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SnapStartChange {
    apply_on: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LoggingChange {
    log_format: Option<LogFormat>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
    log_group: Option<String>,
}

impl Changes {
    /// The settings of a new function called `name`.
    pub(crate) fn create(self, name: &str, architecture: Option<String>) -> Result<Configuration, Error> {
        let (Some(runtime), Some(handler), Some(role)) = (&self.runtime, &self.handler, &self.role) else {
            return Err(Error::RuntimeAndHandlerMandatory);
        };
        let mut configuration = Configuration {
            runtime: parse_runtime(runtime)?,
            role: role.clone(),
            handler: handler.clone(),
            description: String::new(),
            timeout_seconds: 3,
            memory_mb: 128,
            environment: None,
            kms_key_arn: None,
            dead_letter_target: None,
            tracing_mode: "PassThrough".to_owned(),
            vpc: None,
            ephemeral_storage_mb: 512,
            architecture: architecture.unwrap_or_else(|| "x86_64".to_owned()),
            snap_start: "None".to_owned(),
            logging: Logging {
                log_format: LogFormat::Text,
                application_log_level: None,
                system_log_level: None,
                log_group: format!("/aws/lambda/{name}"),
            },
            layers: Vec::new(),
        };
        self.apply(&mut configuration)?;
        Ok(configuration)
    }

    /// Changes what the call names. An empty text or list takes a setting back, as it does on AWS.
    pub(crate) fn apply(self, to: &mut Configuration) -> Result<(), Error> {
        let unsupported = [
            (!self.file_system_configs.is_empty(), "file systems"),
            (says_something(&self.image_config), "container images"),
            (says_something(&self.code_signing_config_arn), "code signing configurations"),
            (says_something(&self.capacity_provider_config), "capacity providers"),
            (says_something(&self.durable_config), "durable executions"),
            (says_something(&self.tenancy_config), "tenants"),
            (says_something(&self.runtime_config), "runtimes of one's own"),
            (says_something(&self.accelerator_config), "accelerators"),
        ];
        if let Some((_, what)) = unsupported.into_iter().find(|(is_asked_for, _)| *is_asked_for) {
            return Err(Error::Unsupported(what));
        }
        if let Some(runtime) = self.runtime {
            to.runtime = parse_runtime(&runtime)?;
        }
        if let Some(environment) = self.environment {
            environment::check(&environment.variables)?;
            to.environment = (!environment.variables.is_empty()).then_some(environment.variables);
        }
        if let Some(key) = self.kms_key_arn {
            to.kms_key_arn = not_empty(key);
        }
        if let Some(dead_letter) = self.dead_letter_config {
            to.dead_letter_target = dead_letter.target_arn.and_then(not_empty).map(dead_letter_target).transpose()?;
        }
        if let Some(vpc) = self.vpc_config {
            to.vpc = (!vpc.subnet_ids.is_empty() || !vpc.security_group_ids.is_empty()).then_some(vpc);
        }
        if let Some(logging) = self.logging_config {
            logging.apply(&mut to.logging);
        }
        set(&mut to.role, self.role);
        set(&mut to.handler, self.handler);
        set(&mut to.description, self.description);
        set(&mut to.timeout_seconds, self.timeout);
        set(&mut to.memory_mb, self.memory_size);
        set(&mut to.tracing_mode, self.tracing_config.and_then(|tracing| tracing.mode));
        set(&mut to.ephemeral_storage_mb, self.ephemeral_storage.map(|storage| storage.size));
        set(&mut to.snap_start, self.snap_start.and_then(|snap_start| snap_start.apply_on));
        Ok(())
    }
}

impl LoggingChange {
    fn apply(self, to: &mut Logging) {
        set(&mut to.log_format, self.log_format);
        set(&mut to.log_group, self.log_group);
        // Levels exist for JSON only; there they are INFO unless said otherwise.
        let level = |new: Option<String>, old: Option<String>| match to.log_format {
            LogFormat::Text => None,
            LogFormat::Json => new.or(old).or_else(|| Some("INFO".to_owned())),
        };
        to.application_log_level = level(self.application_log_level, to.application_log_level.take());
        to.system_log_level = level(self.system_log_level, to.system_log_level.take());
    }
}

/// An empty structure or text asks for nothing.
fn says_something(member: &Value) -> bool {
    match member {
        Value::Null => false,
        Value::Object(members) => members.values().any(says_something),
        Value::Array(elements) => !elements.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Dead letters go to queues and topics, and to nothing else.
fn dead_letter_target(arn: String) -> Result<String, Error> {
    match Address::parse(&arn) {
        Some(Address::Queue | Address::Topic) => Ok(arn),
        Some(Address::Bucket(_) | Address::Function(_) | Address::EventBus) | None => {
            Err(Error::DestinationInvalid(arn))
        }
    }
}

fn parse_runtime(text: &str) -> Result<Runtime, Error> {
    text.parse().map_err(|_| Error::UnknownRuntime(text.to_owned()))
}

fn set<T>(to: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *to = new;
    }
}

fn not_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changes(document: serde_json::Value) -> Changes {
        serde_json::from_value(document).unwrap()
    }

    fn created(extra: &serde_json::Value) -> Configuration {
        let mut document =
            json!({"Runtime": "python3.12", "Handler": "app.f", "Role": "arn:aws:iam::000000000000:role/r"});
        document.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        changes(document).create("f", None).unwrap()
    }

    #[test]
    fn a_function_starts_with_the_defaults_of_lambda() {
        let fresh = created(&json!({}));
        assert_eq!((fresh.timeout_seconds, fresh.memory_mb, fresh.ephemeral_storage_mb), (3, 128, 512));
        assert_eq!((fresh.tracing_mode.as_str(), fresh.architecture.as_str()), ("PassThrough", "x86_64"));
        assert_eq!(fresh.logging.log_group, "/aws/lambda/f");
        assert_eq!(fresh.environment, None);
    }

    #[test]
    fn an_update_changes_what_it_names_and_takes_back_what_it_empties() {
        let mut configuration = created(&json!({
            "Environment": {"Variables": {"KEY": "v"}}, "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:r:a:q"},
            "VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, "Timeout": 7,
        }));
        let before = configuration.clone();
        changes(json!({"Description": "new"})).apply(&mut configuration).unwrap();
        assert_eq!(configuration, Configuration { description: "new".to_owned(), ..before });
        let empty = json!({"Environment": {}, "DeadLetterConfig": {"TargetArn": ""}, "VpcConfig": {"SubnetIds": []}});
        changes(empty).apply(&mut configuration).unwrap();
        assert_eq!(
            (configuration.environment, configuration.dead_letter_target, configuration.vpc),
            (None, None, None)
        );
        assert_eq!(configuration.timeout_seconds, 7);
    }

    #[test]
    fn levels_belong_to_json_logs() {
        let text = created(&json!({"LoggingConfig": {"ApplicationLogLevel": "DEBUG"}}));
        assert_eq!(text.logging.application_log_level, None);
        let json = created(&json!({"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}}));
        assert_eq!(json.logging.application_log_level.as_deref(), Some("DEBUG"));
        assert_eq!(json.logging.system_log_level.as_deref(), Some("INFO"));
    }

    #[test]
    fn what_we_cannot_run_is_refused() {
        let refused = |document| changes(document).create("f", None).unwrap_err();
        assert_eq!(refused(json!({"Handler": "app.f"})), Error::RuntimeAndHandlerMandatory);
        let with = |key: &str, value: serde_json::Value| json!({"Runtime": "python3.12", "Handler": "app.f", "Role": "r", key: value});
        assert_eq!(refused(with("Runtime", json!("cobol"))), Error::UnknownRuntime("cobol".to_owned()));
        assert_eq!(
            refused(with("DurableConfig", json!({"ExecutionTimeout": 9}))),
            Error::Unsupported("durable executions")
        );
        for target in ["arn:aws:s3:::b", "arn:aws:sqs:us-east-1:000000000000:q.fifo"] {
            let dead_letters = with("DeadLetterConfig", json!({"TargetArn": target}));
            assert_eq!(refused(dead_letters), Error::DestinationInvalid(target.to_owned()));
        }
        let nothing = json!({"ImageConfig": {"Command": []}, "FileSystemConfigs": [], "Layers": []});
        changes(nothing).apply(&mut created(&json!({}))).unwrap();
    }
}
