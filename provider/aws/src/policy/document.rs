//! A policy document under construction: parse, merge, render.
//!
//! The text is what configurations compare and hash, so it matches the AWS provider's to the letter: keys in a fixed
//! order, lists of actions and such in descending order, single elements without brackets, and the escapes that Go's JSON
//! encoder makes.

use std::collections::BTreeMap;

use serde::ser::{SerializeMap as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct PolicyDocument {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) id: String,
    #[serde(rename = "Statement", skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_more")]
    pub(crate) statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Statement {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) sid: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) effect: String,
    #[serde(rename = "Action", skip_serializing_if = "Option::is_none")]
    pub(crate) actions: Option<Words>,
    #[serde(rename = "NotAction", skip_serializing_if = "Option::is_none")]
    pub(crate) not_actions: Option<Words>,
    #[serde(rename = "Resource", skip_serializing_if = "Option::is_none")]
    pub(crate) resources: Option<Words>,
    #[serde(rename = "NotResource", skip_serializing_if = "Option::is_none")]
    pub(crate) not_resources: Option<Words>,
    #[serde(rename = "Principal", skip_serializing_if = "Principals::is_empty")]
    pub(crate) principals: Principals,
    #[serde(rename = "NotPrincipal", skip_serializing_if = "Principals::is_empty")]
    pub(crate) not_principals: Principals,
    #[serde(rename = "Condition", skip_serializing_if = "Conditions::is_empty")]
    pub(crate) conditions: Conditions,
}

/// One text or several. Which of the two was written is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Words {
    /// Without brackets.
    One(String),
    /// In brackets.
    Many(Vec<String>),
}

impl Words {
    /// Descending, and a single one without brackets; `None` when there is none.
    pub(crate) fn descending(words: impl IntoIterator<Item = String>) -> Option<Self> {
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort_by(|a, b| b.cmp(a));
        match words.len() {
            0 => None,
            1 => words.pop().map(Self::One),
            _ => Some(Self::Many(words)),
        }
    }

    fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(word) => vec![word],
            Self::Many(words) => words,
        }
    }
}

/// Who: identifiers by type. `"*"` alone is everybody.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "Json")]
pub(crate) struct Principals(BTreeMap<String, Words>);

impl Principals {
    /// Adds identifiers of one type.
    pub(crate) fn add(&mut self, kind: String, identifiers: Words) {
        let merged = match (self.0.remove(&kind), identifiers) {
            (None, Words::One(word)) => Words::One(word),
            (present, Words::Many(mut words)) => {
                words.sort_by(|a, b| b.cmp(a));
                let mut all = present.map(Words::into_vec).unwrap_or_default();
                all.append(&mut words);
                Words::Many(all)
            }
            (Some(present), Words::One(word)) => {
                let mut all = present.into_vec();
                all.push(word);
                Words::Many(all)
            }
        };
        self.0.insert(kind, merged);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn is_everybody(&self) -> bool {
        self.0.len() == 1 && self.0.get("*").is_some_and(|words| words.clone().into_vec() == ["*"])
    }
}

impl Serialize for Principals {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_everybody() { serializer.serialize_str("*") } else { self.0.serialize(serializer) }
    }
}

impl TryFrom<Json> for Principals {
    type Error = serde_json::Error;
    fn try_from(json: Json) -> Result<Self, Self::Error> {
        let mut principals = Self::default();
        match json {
            Json::Object(by_type) => {
                for (kind, identifiers) in by_type {
                    principals.add(kind, serde_json::from_value(identifiers)?);
                }
            }
            _ => principals.add("*".to_owned(), Words::One("*".to_owned())),
        }
        Ok(principals)
    }
}

/// When: values by test and variable, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "BTreeMap<String, BTreeMap<String, ConditionValues>>")]
pub(crate) struct Conditions(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Conditions {
    /// Adds values for a variable under a test.
    pub(crate) fn add(&mut self, test: String, variable: String, values: impl IntoIterator<Item = String>) {
        self.0.entry(test).or_default().entry(variable).or_default().extend(values);
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Conditions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tests = serializer.serialize_map(Some(self.0.len()))?;
        for (test, variables) in &self.0 {
            let flat = |values: &Vec<String>| match values.as_slice() {
                [single] => Words::One(single.clone()),
                values => Words::Many(values.to_vec()),
            };
            let variables: BTreeMap<_, _> = variables.iter().map(|(name, values)| (name, flat(values))).collect();
            tests.serialize_entry(test, &variables)?;
        }
        tests.end()
    }
}

/// As written in documents of others, where `true` stands for the text.
#[derive(Deserialize)]
#[serde(untagged)]
enum ConditionValues {
    Words(Words),
    Bool(bool),
}

impl From<BTreeMap<String, BTreeMap<String, ConditionValues>>> for Conditions {
    fn from(tests: BTreeMap<String, BTreeMap<String, ConditionValues>>) -> Self {
        let mut conditions = Self::default();
        for (test, variables) in tests {
            for (variable, values) in variables {
                let values = match values {
                    ConditionValues::Words(words) => words.into_vec(),
                    ConditionValues::Bool(value) => vec![value.to_string()],
                };
                conditions.add(test.clone(), variable, values);
            }
        }
        conditions
    }
}

fn one_or_more<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Statement>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Statements {
        Many(Vec<Statement>),
        One(Box<Statement>),
    }
    Ok(match Statements::deserialize(deserializer)? {
        Statements::Many(statements) => statements,
        Statements::One(statement) => vec![*statement],
    })
}

impl PolicyDocument {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Lays `over` on top: its id and a newer version win, and so does a statement with a Sid that is here already.
    pub(crate) fn merge(&mut self, over: Self) {
        if !over.id.is_empty() {
            self.id = over.id;
        }
        if over.version > self.version {
            self.version = over.version;
        }
        for statement in over.statements {
            let twin = self.statements.iter_mut().find(|own| !own.sid.is_empty() && own.sid == statement.sid);
            match twin {
                Some(twin) => *twin = statement,
                None => self.statements.push(statement),
            }
        }
    }

    /// With two spaces per level.
    pub(crate) fn to_pretty(&self) -> String {
        escape(&serde_json::to_string_pretty(self).expect("text keys and values have a JSON form"))
    }

    /// Without spaces.
    pub(crate) fn to_minified(&self) -> String {
        escape(&serde_json::to_string(self).expect("text keys and values have a JSON form"))
    }
}

/// What Go's encoder escapes beyond JSON's own rules. None of these appears in JSON outside of strings.
fn escape(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &[&str]) -> Option<Words> {
        Words::descending(list.iter().map(|&word| word.to_owned()))
    }

    #[test]
    fn the_text_is_in_a_fixed_order() {
        let mut statement = Statement {
            sid: "Read".to_owned(),
            effect: "Allow".to_owned(),
            actions: words(&["kinesis:Describe*", "kinesis:Get*", "kinesis:List*"]),
            resources: words(&["*"]),
            ..Statement::default()
        };
        statement.principals.add("Service".to_owned(), Words::One("lambda.amazonaws.com".to_owned()));
        statement.conditions.add("StringLike".to_owned(), "a&b".to_owned(), ["z".to_owned(), "a".to_owned()]);
        let document =
            PolicyDocument { version: "2012-10-17".to_owned(), id: "i".to_owned(), statements: vec![statement] };
        let expected = r#"{
  "Version": "2012-10-17",
  "Id": "i",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": [
        "kinesis:List*",
        "kinesis:Get*",
        "kinesis:Describe*"
      ],
      "Resource": "*",
      "Principal": {
        "Service": "lambda.amazonaws.com"
      },
      "Condition": {
        "StringLike": {
          "a\u0026b": [
            "z",
            "a"
          ]
        }
      }
    }
  ]
}"#;
        assert_eq!(document.to_pretty(), expected);
        assert_eq!(PolicyDocument::parse(expected).unwrap(), document);
    }

    #[test]
    fn everybody_is_a_star_only_without_a_type() {
        let mut principals = Principals::default();
        principals.add("*".to_owned(), Words::One("*".to_owned()));
        assert_eq!(serde_json::to_string(&principals).unwrap(), r#""*""#);
        let mut principals = Principals::default();
        principals.add("AWS".to_owned(), Words::One("*".to_owned()));
        assert_eq!(serde_json::to_string(&principals).unwrap(), r#"{"AWS":"*"}"#);
    }

    #[test]
    fn principals_of_one_type_add_up() {
        let mut principals = Principals::default();
        principals.add("AWS".to_owned(), Words::One("b".to_owned()));
        principals.add("AWS".to_owned(), Words::Many(vec!["a".to_owned(), "c".to_owned()]));
        assert_eq!(serde_json::to_string(&principals).unwrap(), r#"{"AWS":["b","c","a"]}"#);
    }

    #[test]
    fn merging_replaces_by_sid_and_keeps_the_newer_version() {
        let mut base = PolicyDocument::parse(
            r#"{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Allow"},{"Effect":"Deny"}]}"#,
        )
        .unwrap();
        let over =
            r#"{"Version":"2012-10-17","Statement":{"Sid":"a","Effect":"Deny","Condition":{"Bool":{"x":true}}}}"#;
        base.merge(PolicyDocument::parse(over).unwrap());
        assert_eq!(
            base.to_minified(),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Condition":{"Bool":{"x":"true"}}},{"Effect":"Deny"}]}"#
        );
    }

    #[test]
    fn nothing_renders_as_nothing() {
        let empty = PolicyDocument { version: "2012-10-17".to_owned(), ..PolicyDocument::default() };
        assert_eq!(empty.to_pretty(), "{\n  \"Version\": \"2012-10-17\"\n}");
    }
}
