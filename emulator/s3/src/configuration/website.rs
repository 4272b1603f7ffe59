//! `WebsiteConfiguration`: what a bucket would show as a web site. It is looked over as S3 does, and nobody shows it.

use crate::error::{Error, Result};
use crate::xml::Element;

/// Looks over the document.
pub(super) fn check(root: &Element) -> Result<()> {
    if let Some(redirect) = root.child("RedirectAllRequestsTo") {
        if root.children.len() > 1 {
            let message = "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.";
            return Err(Error::argument("RedirectAllRequestsTo", "not null", message));
        }
        redirect.value("HostName").ok_or(Error::XmlMalformed)?;
        return check_protocol(redirect);
    }
    let Some(index) = root.child("IndexDocument") else {
        let message = "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty";
        return Err(Error::argument("IndexDocument", "null", message));
    };
    let suffix = index.value("Suffix").ok_or(Error::XmlMalformed)?;
    if suffix.is_empty() || suffix.contains('/') {
        return Err(Error::argument("IndexDocument", suffix, "The IndexDocument Suffix is not well formed"));
    }
    if root.child("ErrorDocument").is_some_and(|document| document.value("Key").is_none_or(str::is_empty)) {
        return Err(Error::XmlMalformed);
    }
    match root.child("RoutingRules") {
        None => Ok(()),
        Some(rules) if rules.children.is_empty() => Err(Error::XmlMalformed),
        Some(rules) => rules.children.iter().try_for_each(check_rule),
    }
}

fn check_rule(rule: &Element) -> Result<()> {
    let redirect = rule.child("Redirect").filter(|_| rule.name == "RoutingRule").ok_or(Error::XmlMalformed)?;
    if rule.child("Condition").is_some_and(|condition| condition.children.is_empty()) {
        let message = "Condition cannot be empty. To redirect all requests without a condition, the condition element \
                       shouldn't be present.";
        return Err(Error::InvalidRequest(message.into()));
    }
    if redirect.child("ReplaceKeyPrefixWith").is_some() && redirect.child("ReplaceKeyWith").is_some() {
        return Err(Error::InvalidRequest("You can only define ReplaceKeyPrefix or ReplaceKey but not both.".into()));
    }
    check_protocol(redirect)
}

fn check_protocol(redirect: &Element) -> Result<()> {
    match redirect.value("Protocol") {
        None | Some("http" | "https") => Ok(()),
        Some(_) => {
            let message = "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
                           automatically.";
            Err(Error::InvalidRequest(message.into()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::parse;

    #[test]
    fn sites_are_looked_over() {
        let index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";
        let rules = |content: &str| format!("{index}<RoutingRules><RoutingRule>{content}</RoutingRule></RoutingRules>");
        let to = "<Redirect><HostName>h</HostName></Redirect>";
        let all = "<RedirectAllRequestsTo><HostName>h</HostName><Protocol>https</Protocol></RedirectAllRequestsTo>";
        for (content, code) in [
            (index.to_owned(), ""),
            (format!("{index}<ErrorDocument><Key>e</Key></ErrorDocument>"), ""),
            (rules(to), ""),
            (rules(&format!("<Condition><KeyPrefixEquals>a</KeyPrefixEquals></Condition>{to}")), ""),
            (all.to_owned(), ""),
            (format!("{all}{index}"), "InvalidArgument"),
            (all.replace("https", "ftp"), "InvalidRequest"),
            ("<RedirectAllRequestsTo/>".to_owned(), "MalformedXML"),
            (String::new(), "InvalidArgument"),
            ("<IndexDocument/>".to_owned(), "MalformedXML"),
            (index.replace("index.html", "a/b"), "InvalidArgument"),
            (index.replace("index.html", ""), "InvalidArgument"),
            (format!("{index}<ErrorDocument/>"), "MalformedXML"),
            (format!("{index}<RoutingRules/>"), "MalformedXML"),
            (rules(""), "MalformedXML"),
            (rules(&format!("<Condition/>{to}")), "InvalidRequest"),
            (
                rules(
                    "<Redirect><ReplaceKeyWith>a</ReplaceKeyWith><ReplaceKeyPrefixWith>b</ReplaceKeyPrefixWith></Redirect>",
                ),
                "InvalidRequest",
            ),
            (rules("<Redirect><Protocol>ftp</Protocol></Redirect>"), "InvalidRequest"),
        ] {
            let document = format!("<WebsiteConfiguration>{content}</WebsiteConfiguration>");
            let checked = check(&parse(document.as_bytes(), "WebsiteConfiguration").unwrap());
            assert_eq!(checked.as_ref().err().map_or("", Error::code), code, "{content}");
        }
    }
}
