//! `aws_iam_policy_document`: a policy written in HCL, as JSON text. Makes no call.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Blocks, Context, DataSource, Diagnostic, Diagnostics, Path};

use crate::client::Aws;
use crate::policy::document::{PolicyDocument, Principals, Words};

const OLD_VERSION: &str = "2008-10-17";
const VERSION: &str = "2012-10-17";

/// A policy document from blocks and other documents.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct IamPolicyDocument {
    /// A hash of the text.
    #[schemars(extend("tf" = optional_computed()))]
    id: Attr<String>,
    /// The text, two spaces per level.
    #[schemars(extend("tf" = computed()))]
    json: Attr<String>,
    /// The text without spaces.
    #[schemars(extend("tf" = computed()))]
    minified_json: Attr<String>,
    /// A document whose statements win over those here.
    #[schemars(extend("tf" = optional().json().deprecated("Use override_policy_documents instead.")))]
    override_json: Attr<String>,
    /// Documents whose statements win over those here, the later the stronger.
    #[schemars(extend("tf" = optional()))]
    override_policy_documents: Attr<Vec<String>>,
    /// The document's id.
    #[schemars(extend("tf" = optional()))]
    policy_id: Attr<String>,
    /// A document to start from.
    #[schemars(extend("tf" = optional().json().deprecated("Use source_policy_documents instead.")))]
    source_json: Attr<String>,
    /// Documents to start from; no Sid may appear in two of them.
    #[schemars(extend("tf" = optional()))]
    source_policy_documents: Attr<Vec<String>>,
    /// The version of the policy language: 2012-10-17 unless set.
    #[schemars(extend("tf" = optional().default(VERSION).one_of(&[OLD_VERSION, VERSION])))]
    version: Attr<String>,
    /// A statement.
    #[schemars(extend("tf" = list_block()))]
    statement: Blocks<Statement>,
}

/// A statement.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
struct Statement {
    /// What is allowed or denied.
    #[schemars(extend("tf" = optional()))]
    actions: Attr<BTreeSet<String>>,
    /// Allow unless set.
    #[schemars(extend("tf" = optional().default("Allow").one_of(&["Allow", "Deny"])))]
    effect: Attr<String>,
    /// Everything but this is allowed or denied.
    #[schemars(extend("tf" = optional()))]
    not_actions: Attr<BTreeSet<String>>,
    /// On everything but these.
    #[schemars(extend("tf" = optional()))]
    not_resources: Attr<BTreeSet<String>>,
    /// On these.
    #[schemars(extend("tf" = optional()))]
    resources: Attr<BTreeSet<String>>,
    /// The statement's name, unique in the document.
    #[schemars(extend("tf" = optional()))]
    sid: Attr<String>,
    /// When.
    #[schemars(extend("tf" = set_block()))]
    condition: Blocks<Condition>,
    /// To everybody but these.
    #[schemars(extend("tf" = set_block()))]
    not_principals: Blocks<Principal>,
    /// To these.
    #[schemars(extend("tf" = set_block()))]
    principals: Blocks<Principal>,
}

/// When a statement holds.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Condition {
    /// The comparison.
    #[schemars(extend("tf" = required()))]
    test: Attr<String>,
    /// What the variable is compared to.
    #[schemars(extend("tf" = required()))]
    values: Attr<Vec<String>>,
    /// The variable.
    #[schemars(extend("tf" = required()))]
    variable: Attr<String>,
}

/// Whom a statement is about.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
struct Principal {
    /// Who.
    #[schemars(extend("tf" = required()))]
    identifiers: Attr<BTreeSet<String>>,
    /// What kind of principal: AWS, Service, Federated, CanonicalUser or `*`.
    #[schemars(extend("tf" = required()))]
    r#type: Attr<String>,
}

impl DataSource for IamPolicyDocument {
    const TYPE: &'static str = "aws_iam_policy_document";
    type Client = Aws;

    async fn read(_: &Context<Aws>, config: Self) -> Result<Self, Diagnostics> {
        let document = assemble(&config)?;
        let json = document.to_pretty();
        Ok(Self {
            id: crc32(json.as_bytes()).to_string().into(),
            json: json.into(),
            minified_json: document.to_minified().into(),
            ..config
        })
    }
}

fn assemble(config: &IamPolicyDocument) -> Result<PolicyDocument, Diagnostics> {
    let mut document = match config.source_json.as_str().filter(|text| !text.is_empty()) {
        Some(text) => parse(text, Path::from("source_json"))?,
        None => PolicyDocument::default(),
    };
    let mut sids: BTreeSet<String> = document.statements.iter().map(|statement| statement.sid.clone()).collect();
    for (i, text) in texts(&config.source_policy_documents) {
        let at = Path::from("source_policy_documents").index(i);
        let source = parse(text, at.clone())?;
        for (j, statement) in source.statements.iter().enumerate().filter(|(_, statement)| !statement.sid.is_empty()) {
            if !sids.insert(statement.sid.clone()) {
                return Err(duplicate_sid(
                    format!("duplicate Sid ({}) in source_policy_documents (item {i}; statement {j})", statement.sid),
                    at,
                ));
            }
        }
        document.merge(source);
    }
    document.merge(own(config)?);
    for (i, text) in texts(&config.override_policy_documents) {
        document.merge(parse(text, Path::from("override_policy_documents").index(i))?);
    }
    if let Some(text) = config.override_json.as_str().filter(|text| !text.is_empty()) {
        document.merge(parse(text, Path::from("override_json"))?);
    }
    Ok(document)
}

fn texts(documents: &Attr<Vec<String>>) -> impl Iterator<Item = (usize, &str)> {
    let documents = documents.known().into_iter().flatten();
    documents.map(String::as_str).enumerate().filter(|(_, text)| !text.is_empty())
}

fn parse(text: &str, at: Path) -> Result<PolicyDocument, Diagnostics> {
    PolicyDocument::parse(text).map_err(|error| {
        Diagnostic::error(format!("{at} is no policy document: {error}"), "Give a policy as JSON text.").at(at).into()
    })
}

fn duplicate_sid(summary: String, at: Path) -> Diagnostics {
    Diagnostic::error(summary, "Remove the Sid or ensure Sids are unique.").at(at).into()
}

/// The document that the `statement` blocks make.
fn own(config: &IamPolicyDocument) -> Result<PolicyDocument, Diagnostics> {
    let version = config.version.as_str().filter(|version| !version.is_empty()).unwrap_or(VERSION);
    let mut document = PolicyDocument {
        version: version.to_owned(),
        id: config.policy_id.text().to_owned(),
        statements: Vec::with_capacity(config.statement.len()),
    };
    let mut sids = BTreeSet::new();
    for (i, statement) in config.statement.iter().enumerate() {
        let at = Path::from("statement").index(i);
        let sid = statement.sid.text();
        if !sid.is_empty() && !sids.insert(sid) {
            return Err(duplicate_sid(format!("duplicate Sid ({sid})"), at.name("sid")));
        }
        document.statements.push(statement.rendered(version, &at)?);
    }
    Ok(document)
}

impl Statement {
    fn rendered(&self, version: &str, at: &Path) -> Result<crate::policy::document::Statement, Diagnostics> {
        let actions = |set: &Attr<BTreeSet<String>>| Words::descending(set.known().into_iter().flatten().cloned());
        let resources = |set: &Attr<BTreeSet<String>>, name: &str| {
            let texts = set.known().into_iter().flatten().map(|text| with_variables(text, version, &at.name(name)));
            texts.collect::<Result<Vec<_>, _>>().map(Words::descending)
        };
        let principals = |blocks: &Blocks<Principal>, name: &str| {
            let mut principals = Principals::default();
            for block in blocks {
                let identifiers = block.identifiers.known().into_iter().flatten();
                let identifiers = identifiers.map(|text| with_variables(text, version, &at.name(name)));
                let identifiers = Words::descending(identifiers.collect::<Result<Vec<_>, _>>()?);
                principals.add(block.r#type.text().to_owned(), identifiers.unwrap_or(Words::Many(Vec::new())));
            }
            Ok::<_, Diagnostics>(principals)
        };
        let mut rendered = crate::policy::document::Statement {
            sid: self.sid.text().to_owned(),
            effect: self.effect.as_str().unwrap_or("Allow").to_owned(),
            actions: actions(&self.actions),
            not_actions: actions(&self.not_actions),
            resources: resources(&self.resources, "resources")?,
            not_resources: resources(&self.not_resources, "not_resources")?,
            principals: principals(&self.principals, "principals")?,
            not_principals: principals(&self.not_principals, "not_principals")?,
            ..Default::default()
        };
        let at = at.name("condition");
        for condition in &self.condition {
            let variable = with_variables(condition.variable.text(), version, &at)?;
            let values = condition.values.known().into_iter().flatten();
            let values = values.map(|value| with_variables(value, version, &at)).collect::<Result<Vec<_>, _>>()?;
            rendered.conditions.add(condition.test.text().to_owned(), variable, values);
        }
        Ok(rendered)
    }
}

/// Policy variables are written `&{…}` in HCL, where `${…}` is taken; the old language has none.
fn with_variables(text: &str, version: &str, at: &Path) -> Result<String, Diagnostics> {
    if version == OLD_VERSION && text.contains("&{") {
        return Err(Diagnostic::error(
            format!("found &{{ sequence in ({text}), which is not supported in document version {OLD_VERSION}"),
            format!("Set version to {VERSION}, or leave it out."),
        )
        .at(at.clone())
        .into());
    }
    Ok(text.replace("&{", "${"))
}

/// The common 32-bit checksum (IEEE 802.3), bit by bit: a policy is short.
fn crc32(bytes: &[u8]) -> u32 {
    const REVERSED_POLYNOMIAL: u32 = 0xedb8_8320;
    let step = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ REVERSED_POLYNOMIAL } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &[&str]) -> Attr<BTreeSet<String>> {
        Attr::Known(words.iter().map(|&word| word.to_owned()).collect())
    }

    fn config() -> IamPolicyDocument {
        let principal = Principal { identifiers: set(&["lambda.amazonaws.com"]), r#type: "Service".into() };
        let statement = Statement {
            sid: "Assume".into(),
            actions: set(&["sts:AssumeRole", "sts:TagSession"]),
            resources: set(&["arn:aws:s3:::b/&{aws:username}"]),
            principals: Blocks::one(principal),
            ..Statement::default()
        };
        IamPolicyDocument { statement: Blocks::one(statement), ..IamPolicyDocument::default() }
    }

    #[test]
    fn blocks_become_a_document() {
        assert_eq!(
            assemble(&config()).unwrap().to_minified(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"Assume","Effect":"Allow","Action":["sts:TagSession","sts:AssumeRole"],"Resource":"arn:aws:s3:::b/${aws:username}","Principal":{"Service":"lambda.amazonaws.com"}}]}"#
        );
    }

    #[test]
    fn sources_come_first_and_overrides_last() {
        let texts = |texts: &[&str]| Attr::Known(texts.iter().map(|&text| text.to_owned()).collect());
        let config = IamPolicyDocument {
            source_policy_documents: texts(&[r#"{"Statement":[{"Sid":"x","Effect":"Deny"}]}"#]),
            override_policy_documents: texts(&["", r#"{"Statement":[{"Sid":"Assume","Effect":"Deny"}]}"#]),
            ..config()
        };
        assert_eq!(
            assemble(&config).unwrap().to_minified(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Deny"},{"Sid":"Assume","Effect":"Deny"}]}"#
        );
    }

    #[test]
    fn mistakes_name_their_place() {
        let path_of = |config: &IamPolicyDocument| {
            let error = assemble(config).unwrap_err();
            error.iter().map(|d| d.path.to_string()).collect::<Vec<_>>()
        };
        let twice = IamPolicyDocument {
            statement: vec![config().statement[0].clone(), config().statement[0].clone()].into(),
            ..config()
        };
        assert_eq!(path_of(&twice), ["statement[1].sid"]);
        assert_eq!(path_of(&IamPolicyDocument { version: OLD_VERSION.into(), ..config() }), ["statement[0].resources"]);
        let broken = Attr::Known(vec!["{".to_owned()]);
        assert_eq!(
            path_of(&IamPolicyDocument { source_policy_documents: broken, ..config() }),
            ["source_policy_documents[0]"]
        );
    }

    #[test]
    fn the_id_is_the_texts_checksum() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
