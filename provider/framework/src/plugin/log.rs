//! Logs on stderr in the form that Terraform reads and prints as its own.
//!
//! Terraform says how much it wants in `TF_LOG_PROVIDER` or `TF_LOG`; without either nothing is set up, and an event
//! costs a comparison.

use std::fmt::Debug;
use std::io::Write;

use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// How the host's own words reach us is of interest when it fails only.
const TRANSPORT: [&str; 5] = ["h2", "hyper", "rustls", "tonic", "tower"];

/// Sends events to the host, as far as it wants them.
pub(super) fn send_to_host(variable: impl Fn(&str) -> Option<String>) {
    let wanted = variable("TF_LOG_PROVIDER").or_else(|| variable("TF_LOG")).unwrap_or_default();
    let level = level(&wanted);
    if level == LevelFilter::OFF {
        return;
    }
    let mut wanted = Targets::new().with_default(level);
    for transport in TRANSPORT {
        wanted = wanted.with_target(transport, level.min(LevelFilter::WARN));
    }
    let subscriber = tracing_subscriber::registry().with(Lines.with_filter(wanted));
    // A provider's main may have set up its own.
    drop(tracing::subscriber::set_global_default(subscriber));
}

fn level(wanted: &str) -> LevelFilter {
    match wanted.to_ascii_uppercase().as_str() {
        "" | "OFF" => LevelFilter::OFF,
        "DEBUG" => LevelFilter::DEBUG,
        "INFO" => LevelFilter::INFO,
        "WARN" => LevelFilter::WARN,
        "ERROR" => LevelFilter::ERROR,
        // "JSON", and any other word: Terraform itself takes those for the most.
        _ => LevelFilter::TRACE,
    }
}

struct Lines;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let mut line = line(metadata.level(), metadata.target(), jiff::Timestamp::now(), |fields| event.record(fields));
        line.push('\n');
        // One write per line, or lines of two threads would mix. Nobody to tell if stderr is gone.
        drop(std::io::stderr().write_all(line.as_bytes()));
    }
}

fn line(level: &Level, target: &str, now: jiff::Timestamp, record: impl FnOnce(&mut Fields)) -> String {
    let mut fields = Fields { message: String::new(), others: Map::new() };
    record(&mut fields);
    let Fields { message, others: mut line } = fields;
    let level = match *level {
        Level::TRACE => "trace",
        Level::DEBUG => "debug",
        Level::INFO => "info",
        Level::WARN => "warn",
        Level::ERROR => "error",
    };
    // Terraform's reader gives up on a line in which one of these is not a string, or the time has other digits.
    line.insert("@level".to_owned(), level.into());
    line.insert("@message".to_owned(), message.into());
    line.insert("@module".to_owned(), target.replace("::", ".").into());
    line.insert("@timestamp".to_owned(), format!("{now:.6}").into());
    Json::Object(line).to_string()
}

struct Fields {
    message: String,
    others: Map<String, Json>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Json) {
        // A field may not pass for one of the reader's own.
        self.others.insert(field.name().trim_start_matches('@').to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let text = format!("{value:?}");
        if field.name() == "message" { self.message = text } else { self.put(field, text.into()) }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" { value.clone_into(&mut self.message) } else { self.put(field, value.into()) }
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_what_the_host_reads() {
        let line = line(&Level::WARN, "a::b", "2026-01-02T03:04:05.000007Z".parse().unwrap(), |fields| {
            fields.message = "slow".to_owned();
            fields.others.insert("stream".to_owned(), "s".into());
        });
        assert_eq!(
            line,
            r#"{"@level":"warn","@message":"slow","@module":"a.b","@timestamp":"2026-01-02T03:04:05.000007Z","stream":"s"}"#
        );
    }

    #[test]
    fn the_host_chooses_the_level() {
        for (wanted, expected) in [
            ("", LevelFilter::OFF),
            ("off", LevelFilter::OFF),
            ("warn", LevelFilter::WARN),
            ("JSON", LevelFilter::TRACE),
        ] {
            assert_eq!(level(wanted), expected, "{wanted}");
        }
    }
}
