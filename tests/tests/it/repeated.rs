//! A create whose answer was lost, sent again by the client's library under the same id: it is answered with what is there, over
//! a crash, too. Any other call for the same name is refused as ever.

use acceptance::{Answer, Emulator, request};

use crate::stage::{Stage, until_active};

const JSON: (&str, &str) = ("content-type", "application/x-amz-json-1.1");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A create, in the order in which one needs the other.
struct Create {
    path: &'static str,
    target: &'static str,
    body: String,
    /// How a call under another id is refused; nothing, if that makes another.
    refusal: &'static str,
}

fn creates(key: &str) -> Vec<Create> {
    let json = |target, body: &str, refusal| Create { path: "/", target, body: body.to_owned(), refusal };
    let form = |body: &str, refusal| Create { path: "/", target: "", body: body.to_owned(), refusal };
    let rest = |path, body: &str, refusal| Create { path, target: "", body: body.to_owned(), refusal };
    let stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
    let anything = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C";
    vec![
        json("Kinesis_20131202.CreateStream", r#"{"StreamName":"s","ShardCount":1}"#, "ResourceInUseException"),
        json(
            "Kinesis_20131202.RegisterStreamConsumer",
            &format!(r#"{{"StreamARN":"{stream}","ConsumerName":"c"}}"#),
            "ResourceInUseException",
        ),
        json("TrentService.CreateKey", "{}", ""),
        json(
            "TrentService.CreateAlias",
            &format!(r#"{{"AliasName":"alias/a","TargetKeyId":"{key}"}}"#),
            "AlreadyExistsException",
        ),
        form(
            &format!(
                "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument={anything}%22Principal%22%3A%22*%22%2C\
                 %22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
            ),
            "EntityAlreadyExists",
        ),
        form(
            &format!(
                "Action=CreatePolicy&Version=2010-05-08&PolicyName=p&PolicyDocument={anything}%22Action%22%3A%22*%22%2C\
                 %22Resource%22%3A%22*%22%7D%5D%7D"
            ),
            "EntityAlreadyExists",
        ),
        rest(
            "/2015-03-31/functions",
            // An empty file called app.py.
            r#"{"FunctionName":"f","Runtime":"python3.12","Handler":"app.h","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAAGAAAAYXBwLnB5UEsBAhQDFAAAAAAAAAAhAAAAAAAAAAAAAAAAAAYAAAAAAAAAAAAAAIABAAAAAGFwcC5weVBLBQYAAAAAAQABADQAAAAkAAAAAAA="}}"#,
            "ResourceConflictException",
        ),
        rest(
            "/2015-03-31/event-source-mappings/",
            &format!(r#"{{"EventSourceArn":"{stream}","FunctionName":"f","StartingPosition":"LATEST"}}"#),
            "ResourceConflictException",
        ),
    ]
}

impl Create {
    fn send(&self, emulator: &Emulator, invocation: &str) -> Answer {
        let format = if self.body.starts_with("Action=") { FORM } else { JSON };
        let mut headers = vec![format];
        if !self.target.is_empty() {
            headers.push(("x-amz-target", self.target));
        }
        if !invocation.is_empty() {
            headers.push(("amz-sdk-invocation-id", invocation));
        }
        request(emulator.address(), "POST", self.path, &headers, &self.body).unwrap()
    }
}

#[test]
fn a_create_is_answered_again_under_its_id_and_refused_under_any_other() {
    const FIRST: &str = "00000000-0000-4000-8000-000000000001";
    const SECOND: &str = "00000000-0000-4000-8000-000000000002";
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    let key = creates("")[2].send(&emulator, "").json().unwrap();
    for create in creates(key["KeyMetadata"]["KeyId"].as_str().unwrap()) {
        let made = create.send(&emulator, FIRST);
        assert!(matches!(made.status, 200..300), "{}: {}", create.body, made.body);
        emulator = emulator.kill_and_restart().unwrap();
        let again = create.send(&emulator, FIRST);
        assert_eq!(again.status, made.status, "{}: {}", create.body, again.body);
        for id in ["UUID", "FunctionArn", "ConsumerARN", "KeyId"] {
            let found = |answer: &Answer| {
                answer.body.split_once(&format!("\"{id}\":\"")).map(|(_, rest)| rest[..36].to_owned())
            };
            assert_eq!(found(&again), found(&made), "{}", create.body);
        }
        for other in [SECOND, ""] {
            let refused = create.send(&emulator, other);
            let is_as_ever = if create.refusal.is_empty() {
                refused.status == 200 && refused.body != made.body
            } else {
                refused.status >= 400
                    && (refused.body.contains(create.refusal) || refused.head.contains(&create.refusal.to_lowercase()))
            };
            assert!(is_as_ever, "{} under {other:?}: {} {}", create.body, refused.head, refused.body);
        }
        if create.target.ends_with("CreateStream") {
            until_active(&emulator, "s");
        }
    }
}

#[test]
fn a_create_that_makes_up_another_name_is_answered_with_the_first() {
    const FIRST: &str = "00000000-0000-4000-8000-000000000001";
    const SECOND: &str = "00000000-0000-4000-8000-000000000002";
    let stage = Stage::new();
    let mut emulator = stage.emulator();
    let create = |emulator: &Emulator, what: &str, name: &str, invocation: &str| {
        let body = match what {
            "queue" => format!("Action=CreateQueue&Version=2012-11-05&QueueName={name}"),
            _ => format!("Action=CreateTopic&Version=2010-03-31&Name={name}"),
        };
        let headers = [FORM, ("amz-sdk-invocation-id", invocation)];
        let answer = request(emulator.address(), "POST", "/", &headers, &body).unwrap();
        assert_eq!(answer.status, 200, "{body}: {}", answer.body);
        answer.body
    };
    for (what, first, second) in [("queue", "/q-1<", "/q-2<"), ("topic", ":t-1<", ":t-2<")] {
        let name = |end: &str| end[1..end.len() - 1].to_owned();
        assert!(create(&emulator, what, &name(first), FIRST).contains(first));
        emulator = emulator.kill_and_restart().unwrap();
        assert!(create(&emulator, what, &name(second), FIRST).contains(first));
        assert!(create(&emulator, what, &name(second), SECOND).contains(second));
    }
}
