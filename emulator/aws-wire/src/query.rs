//! The query protocol: an action is a form post with `Action=…`, its answer is XML. IAM, STS and SNS speak it; SQS
//! speaks a dialect of it, which is SQS's.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use serde_json::{Map, Value};

use crate::action::{Actions, Answer, Payload};
use crate::reply::{reply, stamp};
use crate::rest_json::{pairs, text_as};
use crate::shape::{Kind, Shape, Structure};
use crate::{AwsError, Body, Call, Reply, Service};

const CONTENT_TYPE: &str = "text/xml";
/// How the names of actions begin that change nothing, and those that SNS sends to a subscriber as a link to follow: what
/// they change is named by what only that subscriber was told.
const LINKS: [&str; 4] = ["Get", "List", "ConfirmSubscription", "Unsubscribe"];

/// Answers a request to a service whose documents are in `namespace`.
pub async fn serve<S: Service>(
    actions: &Actions<S>,
    service: &S,
    namespace: &str,
    call: &Call,
    request: Request<Bytes>,
) -> Reply {
    let answer = match run(actions, service, namespace, call, &request).await {
        Ok(answer) => answer,
        Err(error) => error_reply(&error, namespace, call),
    };
    stamp(answer, &call.request_id)
}

async fn run<S: Service>(
    actions: &Actions<S>,
    service: &S,
    namespace: &str,
    call: &Call,
    request: &Request<Bytes>,
) -> Result<Reply, AwsError> {
    let form = form(request);
    let name =
        form.get("Action").ok_or_else(|| AwsError::new("MissingAction", "Could not find operation in request"))?;
    let action = actions.get(name).ok_or_else(|| {
        let version = form.get("Version").map(String::as_str).unwrap_or_default();
        AwsError::new("InvalidAction", format!("Could not find operation {name} for version {version}"))
    })?;
    // A browser sends a GET for any page that names it as an image, so a GET changes nothing here.
    if request.method() != Method::POST && !LINKS.iter().any(|prefix| name.starts_with(prefix)) {
        return Err(AwsError::new("MethodNotAllowed", format!("{name} needs a POST")));
    }
    let members = members(action.input, &form);
    match (action.run)(service, call, Payload::Members(members)).await? {
        Answer::Reply(reply) => Ok(reply),
        // No action of these protocols answers in pieces.
        Answer::Document(Body::Stream(_)) => Err(AwsError::internal()),
        Answer::Document(Body::Full(document)) => {
            let mut text = format!("<{name}Response xmlns=\"{namespace}\">");
            if !document.is_empty() {
                let document: Value = serde_json::from_slice(&document).map_err(|_| AwsError::internal())?;
                element(&format!("{name}Result"), &document, &mut text);
            }
            let id = &call.request_id;
            let _ = write!(text, "<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{name}Response>");
            Ok(reply(StatusCode::OK, CONTENT_TYPE, text))
        }
    }
}

/// The action that a form post asks for, for routing.
pub fn action_of(request: &Request<Bytes>) -> Option<String> {
    form(request).remove("Action")
}

/// The members of an input as a form spells them.
pub fn members(input: &Structure, form: &BTreeMap<String, String>) -> Map<String, Value> {
    structure(input, "", form)
}

/// What a request says in its query and its body.
pub fn form(request: &Request<Bytes>) -> BTreeMap<String, String> {
    let body = String::from_utf8_lossy(request.body());
    pairs(request.uri().query().unwrap_or_default()).chain(pairs(&body)).collect()
}

fn structure(structure_: &Structure, prefix: &str, form: &BTreeMap<String, String>) -> Map<String, Value> {
    let found = |name: &str, shape: &Shape| value(shape, &format!("{prefix}{name}"), form);
    let members = structure_.members.iter();
    members.filter_map(|member| Some((member.name.to_owned(), found(member.name, &member.shape)?))).collect()
}

/// The value at `path`: `Tags.member.1.Key` is the key of the first element of `Tags`.
fn value(shape: &Shape, path: &str, form: &BTreeMap<String, String>) -> Option<Value> {
    let exists = |path: &str| {
        let nested = format!("{path}.");
        form.contains_key(path) || form.range(nested.clone()..).next().is_some_and(|(key, _)| key.starts_with(&nested))
    };
    match shape.kind {
        Kind::List(element) => {
            let paths = (1..).map(|index| format!("{path}.member.{index}")).take_while(|path| exists(path));
            let list: Vec<Value> = paths.filter_map(|path| value(element, &path, form)).collect();
            // An empty list is spelled as the bare name with nothing.
            (!list.is_empty() || form.contains_key(path)).then_some(Value::Array(list))
        }
        Kind::Map(_, element) => {
            let paths = (1..).map(|index| format!("{path}.entry.{index}")).take_while(|path| exists(path));
            let entries = paths.filter_map(|path| {
                // Some maps of SNS's capitalise, and call the key a name.
                let key = form.get(&format!("{path}.key")).or_else(|| form.get(&format!("{path}.Name")))?;
                let value =
                    ["value", "Value"].iter().find_map(|name| value(element, &format!("{path}.{name}"), form))?;
                Some((key.clone(), value))
            });
            let map: Map<String, Value> = entries.collect();
            (!map.is_empty()).then_some(Value::Object(map))
        }
        Kind::Structure(inner) => exists(path).then(|| Value::Object(structure(inner, &format!("{path}."), form))),
        _ => form.get(path).map(|text| text_as(shape, text.clone())),
    }
}

fn element(name: &str, value: &Value, out: &mut String) {
    if value.is_null() {
        return;
    }
    // A map is its entries, with nothing around them.
    if let ("entry", Value::Array(entries)) = (name, value) {
        return entries.iter().for_each(|value| element(name, value, out));
    }
    let _ = write!(out, "<{name}>");
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| element(name, value, out)),
        Value::Array(list) => list.iter().for_each(|value| element("member", value, out)),
        Value::String(text) => escape(text, out),
        other => {
            let _ = write!(out, "{other}");
        }
    }
    let _ = write!(out, "</{name}>");
}

/// Appends `text` as XML writes it.
pub fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write the other control characters.
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            character if character.is_control() => out.push('\u{fffd}'),
            character => out.push(character),
        }
    }
}

/// An error as these services write it. Their word for a broken constraint is `ValidationError`.
pub fn error_reply(error: &AwsError, namespace: &str, call: &Call) -> Reply {
    let code = if error.code == "ValidationException" { "ValidationError" } else { &*error.code };
    let fault = if error.is_service_fault() { "Receiver" } else { "Sender" };
    let mut message = String::new();
    escape(error.message.as_deref().unwrap_or_default(), &mut message);
    let text = format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message>\
         </Error><RequestId>{}</RequestId></ErrorResponse>",
        call.request_id
    );
    reply(error.rest_status(), CONTENT_TYPE, text)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::{Action, Body, World};

    struct Directory;

    impl Service for Directory {
        type Error = AwsError;
    }

    struct TagRole;

    const TAG: Structure = Structure::new(
        "Tag",
        &[Shape::string().length(1, 5).member("Key").required(), Shape::string().member("Value").required()],
    );
    const TAG_SHAPE: Shape = Shape::structure(&TAG);

    impl Action<Directory> for TagRole {
        const NAME: &'static str = "TagRole";
        const INPUT: Structure = Structure::new(
            "TagRoleRequest",
            &[
                Shape::string().length(1, 64).member("RoleName").required(),
                Shape::integer().member("MaxItems"),
                Shape::list(&TAG_SHAPE).member("Tags"),
            ],
        );
        type Input = Value;
        type Output = Value;

        async fn run(_: &Directory, _: &Call, input: Value) -> Result<Value, AwsError> {
            match input["RoleName"].as_str() {
                Some("gone") => Err(AwsError::new("NoSuchEntity", "The role with name <gone> cannot be found.")),
                Some("none") => Ok(Value::Null),
                _ => Ok(input),
            }
        }
    }

    #[track_caller]
    fn check(body: &str, status: u16, expected: &str) {
        let actions = Actions::new().action::<TagRole>();
        let call = Call {
            world: World::new("000000000000", "r"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        };
        let request = Request::post("/").body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let reply = serve(&actions, &Directory, "ns", &call, request).now_or_never().unwrap();
        let got_status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
        assert_eq!((got_status, std::str::from_utf8(&body).unwrap()), (status, expected));
    }

    #[test]
    fn forms_in_xml_out() {
        let metadata = "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>";
        check(
            "Action=TagRole&RoleName=a+b&MaxItems=3&Tags.member.1.Key=k&Tags.member.1.Value=%3Cv%26%3E&Tags.member.2.Key=l&Tags.member.2.Value=",
            200,
            &format!(
                "<TagRoleResponse xmlns=\"ns\"><TagRoleResult><MaxItems>3</MaxItems><RoleName>a b</RoleName><Tags><member>\
                 <Key>k</Key><Value>&lt;v&amp;&gt;</Value></member><member><Key>l</Key><Value></Value></member></Tags>\
                 </TagRoleResult>{metadata}</TagRoleResponse>"
            ),
        );
        check(
            "Action=TagRole&RoleName=none",
            200,
            &format!("<TagRoleResponse xmlns=\"ns\">{metadata}</TagRoleResponse>"),
        );
    }

    #[test]
    fn a_get_changes_nothing() {
        let actions = Actions::new().action::<TagRole>();
        let call = Call {
            world: World::new("000000000000", "r"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        };
        let request = Request::get("/?Action=TagRole&RoleName=r").body(Bytes::new()).unwrap();
        let reply = serve(&actions, &Directory, "ns", &call, request).now_or_never().unwrap();
        let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
        assert!(std::str::from_utf8(&body).unwrap().contains("<Code>MethodNotAllowed</Code>"));
    }

    #[test]
    fn errors() {
        let error = |code: &str, message: &str| {
            format!(
                "<ErrorResponse xmlns=\"ns\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>id</RequestId></ErrorResponse>"
            )
        };
        check(
            "Action=TagRole&RoleName=gone",
            404,
            &error("NoSuchEntity", "The role with name &lt;gone&gt; cannot be found."),
        );
        check(
            "Action=TagRole&RoleName=r&Tags.member.1.Key=toolong&Tags.member.1.Value=v",
            400,
            &error(
                "ValidationError",
                "1 validation error detected: Value 'toolong' at 'tags.1.member.key' failed to satisfy constraint: Member must \
                 have length less than or equal to 5",
            ),
        );
        check("Action=Fly&Version=1", 400, &error("InvalidAction", "Could not find operation Fly for version 1"));
        check("", 400, &error("MissingAction", "Could not find operation in request"));
    }

    proptest::proptest! {
        #[test]
        fn any_form_is_answered(body in "(Action=TagRole|RoleName=r|Tags\\.member\\.[0-9]{1,3}(\\.(Key|Value))?=?|[&=%.+a-z0-9\u{e9}]){0,12}") {
            let actions = Actions::new().action::<TagRole>();
            let call = Call { world: World::new("000000000000", "r"), access_key: None, invocation: None, request_id: "id".into() };
            let request = Request::post("/").body(Bytes::from(body.into_bytes())).unwrap();
            let reply = serve(&actions, &Directory, "ns", &call, request).now_or_never().unwrap();
            proptest::prop_assert!(matches!(reply.status().as_u16(), 200 | 400 | 404));
        }
    }
}
