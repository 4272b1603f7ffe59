//! The platform's lines, worded as Lambda words them, in its text form and its JSON form.

use env::Timestamp;
use serde_json::{Value, json};

use crate::function::LogFormat;

/// Something that the platform says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Line {
    /// A sandbox starts.
    InitStart {
        /// `python:3.12`.
        runtime: String,
        /// The ARN of that version of the runtime.
        arn: String,
    },
    /// An event is handed out.
    Start { request_id: String, version: String },
    /// The function is done with it.
    End { request_id: String, ending: Ending },
    /// What it took.
    Report(Report),
    /// Something else that the reader should know, such as why a process ended.
    Note(String),
}

/// What one run took.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) request_id: String,
    pub(crate) duration_ms: f64,
    pub(crate) memory_mb: u32,
    /// None where the system does not say.
    pub(crate) max_memory_used_mb: Option<u64>,
    /// Of a cold start.
    pub(crate) init_ms: Option<f64>,
    pub(crate) ending: Ending,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an answer, a function's error included.
    Answered,
    /// By the clock.
    TimedOut,
    /// Its process went away.
    Crashed {
        /// `Runtime.ExitError` and so on.
        kind: String,
    },
}

impl Report {
    /// Every millisecond begun is paid for.
    fn billed_ms(&self) -> f64 {
        self.duration_ms.ceil().max(1.0)
    }
}

impl Line {
    /// The line in `format`.
    pub(crate) fn render(&self, format: LogFormat, now: Timestamp) -> String {
        match format {
            LogFormat::Text => self.text(),
            LogFormat::Json => self.json(now).to_string(),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::InitStart { runtime, arn } => {
                format!("INIT_START Runtime Version: {runtime}\tRuntime Version ARN: {arn}")
            }
            Self::Start { request_id, version } => format!("START RequestId: {request_id} Version: {version}"),
            Self::End { request_id, .. } => format!("END RequestId: {request_id}"),
            Self::Note(text) => text.clone(),
            Self::Report(report) => {
                let Report { request_id, duration_ms, memory_mb, max_memory_used_mb, init_ms, ending } = report;
                let mut line = format!(
                    "REPORT RequestId: {request_id}\tDuration: {duration_ms:.2} ms\tBilled Duration: {} ms\tMemory Size: \
                     {memory_mb} MB\t",
                    report.billed_ms(),
                );
                if let Some(used) = max_memory_used_mb {
                    line += &format!("Max Memory Used: {used} MB\t");
                }
                if let Some(init) = init_ms {
                    line += &format!("Init Duration: {init:.2} ms\t");
                }
                match ending {
                    Ending::Answered => {}
                    Ending::TimedOut => line += "Status: timeout",
                    Ending::Crashed { kind } => line += &format!("Status: error\tError Type: {kind}"),
                }
                line
            }
        }
    }

    fn json(&self, now: Timestamp) -> Value {
        let (kind, record) = match self {
            Self::InitStart { runtime, arn } => {
                let record = json!({
                    "initializationType": "on-demand", "phase": "init", "runtimeVersion": runtime, "runtimeVersionArn": arn,
                });
                ("platform.initStart", record)
            }
            Self::Start { request_id, version } => {
                ("platform.start", json!({ "requestId": request_id, "version": version }))
            }
            Self::End { request_id, ending } => {
                ("platform.runtimeDone", json!({ "requestId": request_id, "status": ending.status() }))
            }
            Self::Note(text) => return json!({ "timestamp": now.to_string(), "level": "INFO", "message": text }),
            Self::Report(report) => {
                let mut metrics = json!({
                    "durationMs": two_places(report.duration_ms), "billedDurationMs": report.billed_ms(),
                    "memorySizeMB": report.memory_mb,
                });
                if let Some(used) = report.max_memory_used_mb {
                    metrics["maxMemoryUsedMB"] = used.into();
                }
                if let Some(init) = report.init_ms {
                    metrics["initDurationMs"] = two_places(init).into();
                }
                let mut record =
                    json!({ "requestId": report.request_id, "metrics": metrics, "status": report.ending.status() });
                if let Ending::Crashed { kind } = &report.ending {
                    record["errorType"] = kind.as_str().into();
                }
                ("platform.report", record)
            }
        };
        json!({ "time": now.to_string(), "type": kind, "record": record })
    }
}

impl Ending {
    fn status(&self) -> &'static str {
        match self {
            Self::Answered => "success",
            Self::TimedOut => "timeout",
            Self::Crashed { .. } => "error",
        }
    }
}

fn two_places(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(init_ms: Option<f64>, ending: Ending) -> Line {
        Line::Report(Report {
            request_id: "id".to_owned(),
            duration_ms: 12.337,
            memory_mb: 128,
            max_memory_used_mb: Some(40),
            init_ms,
            ending,
        })
    }

    #[test]
    fn the_text_form_is_tab_separated() {
        let check = |line: Line, text: &str| assert_eq!(line.render(LogFormat::Text, Timestamp::EPOCH), text);
        check(
            report(Some(98.76), Ending::Answered),
            "REPORT RequestId: id\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t\
             Init Duration: 98.76 ms\t",
        );
        check(
            report(None, Ending::TimedOut),
            "REPORT RequestId: id\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\t\
             Status: timeout",
        );
        let (request_id, version) = ("id".to_owned(), "$LATEST".to_owned());
        check(Line::Start { request_id, version }, "START RequestId: id Version: $LATEST");
    }

    #[test]
    fn the_json_form_is_an_object() {
        let crashed = Ending::Crashed { kind: "Runtime.ExitError".to_owned() };
        let line: Value =
            serde_json::from_str(&report(None, crashed).render(LogFormat::Json, Timestamp::EPOCH)).unwrap();
        assert_eq!(line["type"], "platform.report");
        assert_eq!(line["record"]["metrics"]["durationMs"], 12.34);
        assert_eq!(line["record"]["errorType"], "Runtime.ExitError");
    }
}
