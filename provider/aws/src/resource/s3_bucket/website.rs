//! `website`: the bucket as a web site. In both shapes, the schema's and S3's.
//!
//! Redirections are JSON in S3's own words. A host to redirect to may be written as a URL, which S3 keeps in two parts.

use aws_sdk_s3::operation::get_bucket_website::GetBucketWebsiteOutput;
use aws_sdk_s3::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tf_framework::flags::*;
use tf_framework::{Attr, Diagnostic, Diagnostics};

use crate::resource::s3::set;

/// The bucket as a web site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Website {
    /// The object to show for errors.
    #[schemars(extend("tf" = optional().zero_is_unset()))]
    pub(crate) error_document: Attr<String>,
    /// The object to show for a folder.
    #[schemars(extend("tf" =
        optional().zero_is_unset().exactly_one_of(&["index_document", "redirect_all_requests_to"])
    ))]
    pub(crate) index_document: Attr<String>,
    /// A host, with a protocol or without, that gets all requests instead.
    #[schemars(extend("tf" = optional()
        .zero_is_unset()
        .exactly_one_of(&["index_document", "redirect_all_requests_to"])
        .conflicts_with(&["error_document", "routing_rules"])))]
    pub(crate) redirect_all_requests_to: Attr<String>,
    /// Redirections, as JSON.
    #[schemars(extend("tf" = optional().zero_is_unset().json()))]
    pub(crate) routing_rules: Attr<String>,
}

/// A redirection, as users write it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RoutingRule {
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Condition>,
    redirect: Redirect,
}

/// When a redirection holds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Condition {
    #[serde(skip_serializing_if = "Option::is_none")]
    http_error_code_returned_equals: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_prefix_equals: Option<String>,
}

/// Where it leads.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Redirect {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_redirect_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_prefix_with: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_with: Option<String>,
}

impl Website {
    /// The web site in S3's shape.
    pub(super) fn to_service(&self) -> Result<sdk::WebsiteConfiguration, Diagnostics> {
        let index = set(&self.index_document)
            .map(|suffix| sdk::IndexDocument::builder().suffix(suffix).build().expect("the suffix is set"));
        let error = set(&self.error_document)
            .map(|key| sdk::ErrorDocument::builder().key(key).build().expect("the key is set"));
        let all = set(&self.redirect_all_requests_to).map(|target| redirect_all(&target));
        Ok(sdk::WebsiteConfiguration::builder()
            .set_index_document(index)
            .set_error_document(error)
            .set_redirect_all_requests_to(all)
            .set_routing_rules(set(&self.routing_rules).map(|rules| routing_rules(&rules)).transpose()?)
            .build())
    }

    /// A web site out of S3's shape. `stored` has the redirections in the user's spelling.
    pub(super) fn of_service(found: GetBucketWebsiteOutput, stored: Option<&Self>) -> Self {
        let rules = found.routing_rules.map(|rules| text_of(rules, stored.map(|website| website.routing_rules.text())));
        let all = found.redirect_all_requests_to.map(|all| match all.protocol {
            Some(protocol) => format!("{}://{}", protocol.as_str(), all.host_name),
            None => all.host_name,
        });
        Self {
            error_document: found.error_document.map(|document| document.key).unwrap_or_default().into(),
            index_document: found.index_document.map(|document| document.suffix).unwrap_or_default().into(),
            redirect_all_requests_to: all.unwrap_or_default().into(),
            routing_rules: rules.unwrap_or_default().into(),
        }
    }
}

fn redirect_all(target: &str) -> sdk::RedirectAllRequestsTo {
    let (protocol, host) = match target.split_once("://") {
        Some((protocol, host)) => (Some(protocol.into()), host),
        None => (None, target),
    };
    let redirect = sdk::RedirectAllRequestsTo::builder().host_name(host).set_protocol(protocol);
    redirect.build().expect("the host is set")
}

fn routing_rules(text: &str) -> Result<Vec<sdk::RoutingRule>, Diagnostics> {
    let rules: Vec<RoutingRule> = serde_json::from_str(text).map_err(|error| {
        let detail = "Write a list of objects, each with a Redirect and perhaps a Condition, in S3's words.";
        Diagnostic::error(format!("routing_rules of the web site: {error}"), detail).at("website")
    })?;
    let to_service = |rule: RoutingRule| {
        let condition = rule.condition.map(|condition| {
            sdk::Condition::builder()
                .set_http_error_code_returned_equals(condition.http_error_code_returned_equals)
                .set_key_prefix_equals(condition.key_prefix_equals)
                .build()
        });
        let redirect = sdk::Redirect::builder()
            .set_host_name(rule.redirect.host_name)
            .set_http_redirect_code(rule.redirect.http_redirect_code)
            .set_protocol(rule.redirect.protocol.map(|protocol| protocol.as_str().into()))
            .set_replace_key_prefix_with(rule.redirect.replace_key_prefix_with)
            .set_replace_key_with(rule.redirect.replace_key_with)
            .build();
        sdk::RoutingRule::builder().set_condition(condition).redirect(redirect).build()
    };
    Ok(rules.into_iter().map(to_service).collect())
}

/// Redirections as text: in the stored spelling, if that says the same.
fn text_of(rules: Vec<sdk::RoutingRule>, stored: Option<&str>) -> String {
    let of_service = |rule: sdk::RoutingRule| RoutingRule {
        condition: rule.condition.map(|condition| Condition {
            http_error_code_returned_equals: condition.http_error_code_returned_equals,
            key_prefix_equals: condition.key_prefix_equals,
        }),
        redirect: rule.redirect.map_or_else(Redirect::default, |redirect| Redirect {
            host_name: redirect.host_name,
            http_redirect_code: redirect.http_redirect_code,
            protocol: redirect.protocol.map(|protocol| protocol.as_str().to_owned()),
            replace_key_prefix_with: redirect.replace_key_prefix_with,
            replace_key_with: redirect.replace_key_with,
        }),
    };
    let rules: Vec<_> = rules.into_iter().map(of_service).collect();
    let found = serde_json::json!(rules);
    let says_the_same = |text: &&str| serde_json::from_str::<serde_json::Value>(text).is_ok_and(|json| json == found);
    stored.filter(says_the_same).map_or_else(|| found.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(website: &Website) -> GetBucketWebsiteOutput {
        let sent = website.to_service().unwrap();
        GetBucketWebsiteOutput::builder()
            .set_index_document(sent.index_document)
            .set_error_document(sent.error_document)
            .set_redirect_all_requests_to(sent.redirect_all_requests_to)
            .set_routing_rules(sent.routing_rules)
            .build()
    }

    #[track_caller]
    fn there_and_back(website: &Website) {
        assert_eq!(&Website::of_service(found(website), Some(website)), website);
    }

    fn website(index: &str, redirect: &str, rules: &str) -> Website {
        Website {
            error_document: "".into(),
            index_document: index.into(),
            redirect_all_requests_to: redirect.into(),
            routing_rules: rules.into(),
        }
    }

    #[test]
    fn sites_come_back_as_they_were_sent() {
        there_and_back(&website("index.html", "", ""));
        there_and_back(&website("", "example.org", ""));
        there_and_back(&website("", "https://example.org/path?q=1", ""));
        let rules = r#"[ {"Redirect": {"ReplaceKeyPrefixWith": "b/"}, "Condition": {"KeyPrefixEquals": "a/"}} ]"#;
        there_and_back(&website("index.html", "", rules));
        let imported = Website::of_service(found(&website("index.html", "", rules)), None);
        assert!(imported.routing_rules.text().contains(r#""ReplaceKeyPrefixWith":"b/""#));
    }

    #[test]
    fn redirections_must_be_a_list() {
        let error = website("index.html", "", "{}").to_service().unwrap_err();
        assert!(error.iter().all(|diagnostic| diagnostic.path == "website".into()));
    }
}
