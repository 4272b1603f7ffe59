//! Golden scripts: text files of calls and answers that say how streams behave, each run in JSON and in CBOR.
//!
//! A line that begins with `> ` is a command; what follows it, up to an empty line, is its answer. A command is an action
//! with its input, or `wait` with seconds, or `limits on` at the beginning. What clients have to take as it is (iterators,
//! tokens) shows as `…`, and `"$NextToken"` stands for the last of its name. A test writes the script anew from the answers
//! it gets and compares the two; with `GOLDEN=write` in the environment it replaces the file by what it wrote.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use aws_wire::{Body, Format};
use serde_json::{Map, Value};

use super::{Fixture, cbor};

const OPAQUE: [&str; 3] = ["NextShardIterator", "NextToken", "ShardIterator"];

struct Stage {
    fixture: Fixture,
    format: Format,
    seen: HashMap<String, String>,
}

impl Stage {
    async fn run(&mut self, command: &str) -> String {
        match command.split_once(' ').unwrap_or((command, "{}")) {
            ("wait", seconds) => {
                self.fixture.advance_secs(seconds.parse().unwrap()).await;
                String::new()
            }
            ("limits", "on") => {
                self.fixture = Fixture::limited().await;
                String::new()
            }
            (action, input) => self.call(action, input).await,
        }
    }

    async fn call(&mut self, action: &str, input: &str) -> String {
        let mut input = input.to_owned();
        for (name, value) in &self.seen {
            input = input.replace(&format!("\"${name}\""), &format!("\"{value}\""));
        }
        let input = serde_json::from_str(&input).unwrap_or_else(|error| panic!("{input}: {error}"));
        let reply = self.fixture.reply_in(self.format, action, &input).await;
        let succeeded = reply.status().is_success();
        let Body::Full(body) = reply.into_body() else { panic!("{action} answers with a stream") };
        let answer = match self.format {
            _ if body.is_empty() => return "nothing\n".to_owned(),
            Format::Json => serde_json::from_slice(&body).unwrap(),
            Format::Cbor => cbor::to_json(&body),
        };
        let Value::Object(mut answer) = answer else { panic!("{answer} is no object") };
        if !succeeded {
            let message = answer.get("message").or(answer.get("Message")).and_then(Value::as_str).unwrap_or_default();
            return format!("{}: {message}\n", answer["__type"].as_str().unwrap());
        }
        for name in OPAQUE {
            if let Some(value) = answer.get_mut(name) {
                self.seen.insert(name.to_owned(), value.as_str().unwrap().to_owned());
                *value = "…".into();
            }
        }
        let mut text = String::new();
        show(&answer, "", &mut text);
        text
    }
}

/// A line for each member, and for each element that is an object.
fn show(members: &Map<String, Value>, indent: &str, out: &mut String) {
    let deeper = format!("{indent}  ");
    for (name, value) in members {
        match value {
            Value::Object(inner) => {
                writeln!(out, "{indent}{name}:").unwrap();
                show(inner, &deeper, out);
            }
            Value::Array(list) if list.iter().any(Value::is_object) => {
                writeln!(out, "{indent}{name}:").unwrap();
                list.iter().for_each(|element| writeln!(out, "{deeper}{element}").unwrap());
            }
            Value::String(text) => writeln!(out, "{indent}{name}: {text}").unwrap(),
            other => writeln!(out, "{indent}{name}: {other}").unwrap(),
        }
    }
}

async fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/test/golden/{name}.txt"));
    let script = std::fs::read_to_string(&path).unwrap();
    for format in [Format::Json, Format::Cbor] {
        let mut stage = Stage { fixture: Fixture::new().await, format, seen: HashMap::new() };
        let mut actual = String::new();
        let mut in_answer = false;
        for line in script.lines() {
            in_answer &= !line.is_empty() && !line.starts_with("> ");
            if in_answer {
                continue;
            }
            writeln!(actual, "{line}").unwrap();
            if let Some(command) = line.strip_prefix("> ") {
                in_answer = true;
                actual.push_str(&stage.run(command).await);
            }
        }
        if format == Format::Json && std::env::var_os("GOLDEN").is_some_and(|golden| golden == "write") {
            std::fs::write(&path, actual).unwrap();
            return;
        }
        assert!(actual == script, "the script {name} says\n{script}\nand the answers in {format:?} say\n{actual}");
    }
}

macro_rules! scripts {
    ($($name:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $name() {
            check(stringify!($name)).await;
        }
    )*};
}

scripts!(constraints, encryption, errors, iterators, lineage, limits, naming, retention, tags);
