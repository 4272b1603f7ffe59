//! InvokeWithResponseStream: runs a function and answers with frames of what it says, while it says it, and one about how it
//! ended.
//!
//! The answer begins with the function's first piece, or with its end if it answers all at once. What keeps a function from
//! running is an error of the API; what happens to it after that is in the last frame.

use aws_wire::event_stream::{CONTENT_TYPE as EVENT_STREAM, Message};
use aws_wire::{Body, Call, Http, RawAction, Reply, Rest, Structure};
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _};
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::invocation::{self, Input, Invocation, Kind, LogType, empty};
use crate::invoke::FunctionErrorKind;
use crate::runner::SERVICE_EXCEPTION;
use crate::sandbox::{Event, Finished, Verdict};
use crate::{Error, Lambda};

pub(crate) struct InvokeWithResponseStream;

/// As much of an answer as a frame holds.
const CHUNK_BYTES: usize = 64 * 1024;

/// Pieces that may be under way between the function and its caller.
const PIECES: usize = 2;

/// The last event.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct InvokeComplete {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log_result: Option<String>,
}

impl RawAction<Lambda> for InvokeWithResponseStream {
    const NAME: &'static str = "InvokeWithResponseStream";
    const INPUT: Structure = Structure::new(
        "InvokeWithResponseStreamRequest",
        &const { invocation::members(&["RequestResponse", "DryRun"]) },
    );
    type Input = Input;

    async fn run(service: &Lambda, call: &Call, input: Input) -> Result<Reply, Error> {
        let Invocation { arn, kind, log_type, request_id, client_context, payload } = input.check(call)?;
        let runner = service.runner();
        if kind == Kind::DryRun {
            runner.check_runnable(&arn)?;
            return Ok(empty(StatusCode::NO_CONTENT));
        }
        let admitted = runner.admit(&arn)?;
        let version = HeaderValue::from_str(admitted.version()).expect("$LATEST or a number is a header value");
        let (sender, pieces) = mpsc::channel(PIECES);
        let event = Event { request_id, invoked_arn: arn, client_context, payload, pieces: Some(sender) };
        let runner = runner.clone();
        let run = async move { runner.carry_out(admitted, event).await }.boxed();
        let mut answer = Answer { pieces, run, log_type, began: false };
        let first = answer.next().await?;
        let goes_on = matches!(first, Part::Piece(_)).then_some(answer);
        let frames = stream::once(async { first.frames() }).chain(stream::unfold(goes_on, rest));
        let body = Body::Stream(frames.flat_map(stream::iter).boxed());
        let mut reply = aws_wire::reply::reply(StatusCode::OK, EVENT_STREAM, body);
        reply.headers_mut().insert("x-amz-executed-version", version);
        Ok(reply)
    }
}

impl Rest for InvokeWithResponseStream {
    const HTTP: Http = invocation::http("/2021-11-15/functions/{FunctionName}/response-streaming-invocations");
}

/// A function that is answering.
struct Answer {
    pieces: mpsc::Receiver<Bytes>,
    run: BoxFuture<'static, Finished>,
    log_type: LogType,
    /// A piece has come.
    began: bool,
}

/// What an answer goes on with.
enum Part {
    Piece(Bytes),
    End { rest: Vec<Bytes>, complete: InvokeComplete },
}

impl Answer {
    /// The next part. An error before the first piece is one of the API.
    async fn next(&mut self) -> Result<Part, Error> {
        let finished = tokio::select! {
            biased;
            Some(piece) = self.pieces.recv() => {
                self.began = true;
                return Ok(Part::Piece(piece));
            }
            finished = &mut self.run => finished,
        };
        // What came before the end is here by now.
        let mut rest: Vec<Bytes> = std::iter::from_fn(|| self.pieces.try_recv().ok()).collect();
        self.began |= !rest.is_empty();
        let error = match finished.verdict {
            Verdict::Answer(whole) => {
                rest.push(whole);
                None
            }
            Verdict::Error(document) => Some((error_code(&document, self.began), document)),
            Verdict::Trouble(message) if !self.began => {
                return Err(Error::Service { code: SERVICE_EXCEPTION, message });
            }
            Verdict::Trouble(message) => Some((SERVICE_EXCEPTION.to_owned(), message.into())),
        };
        let (error_code, document) = error.unzip();
        let error_details = document.map(|document| String::from_utf8_lossy(&document).into_owned());
        let log_result = self.log_type.result(&finished.log_tail);
        Ok(Part::End { rest, complete: InvokeComplete { error_code, error_details, log_result } })
    }
}

/// What comes behind the first part.
async fn rest(answer: Option<Answer>) -> Option<(Vec<Bytes>, Option<Answer>)> {
    let mut answer = answer?;
    Some(match answer.next().await {
        Ok(part @ Part::Piece(_)) => (part.frames(), Some(answer)),
        Ok(part @ Part::End { .. }) => (part.frames(), None),
        // Only before the first piece.
        Err(_) => (Vec::new(), None),
    })
}

impl Part {
    fn frames(self) -> Vec<Bytes> {
        match self {
            Self::Piece(piece) => chunks(piece).collect(),
            Self::End { rest, complete } => {
                let complete = serde_json::to_vec(&complete).expect("texts encode");
                let complete = Message::event("InvokeComplete", "application/json", complete).encode();
                rest.into_iter().flat_map(chunks).chain([complete]).collect()
            }
        }
    }
}

fn chunks(mut piece: Bytes) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let chunk = piece.split_to(piece.len().min(CHUNK_BYTES));
        (!chunk.is_empty()).then(|| Message::event("PayloadChunk", "application/octet-stream", chunk).encode())
    })
}

/// An error of the function is unhandled. One of the platform that ends an answer in its middle has its own name.
fn error_code(document: &[u8], began: bool) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Document {
        error_type: String,
    }
    let platform = ["Runtime.TruncatedResponse", "Function.ResponseSizeTooLarge", "Sandbox.Timedout"];
    let kind = serde_json::from_slice(document).map(|document: Document| document.error_type);
    kind.ok()
        .filter(|kind| began && platform.contains(&kind.as_str()))
        .unwrap_or_else(|| FunctionErrorKind::Unhandled.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use aws_wire::{Endpoint as _, World};
    use futures_util::stream::BoxStream;
    use serde_json::json;

    use super::*;
    use crate::fixture::{Bench, Entry};

    /// The frames of the answer to `event`, as text where they are text.
    async fn stream(bench: &Bench, event: &str) -> BoxStream<'static, String> {
        let path = "/2021-11-15/functions/f/response-streaming-invocations";
        let request = http::Request::post(path).header("x-amz-log-type", "Tail");
        let world = World::new("000000000000", "us-east-1");
        let call = Call { world, access_key: None, invocation: None, request_id: "id".into() };
        let reply = bench.lambda.serve(call, request.body(Bytes::from(event.to_owned())).unwrap()).await;
        assert_eq!(
            (reply.status(), reply.headers()["content-type"].as_bytes()),
            (StatusCode::OK, EVENT_STREAM.as_bytes())
        );
        assert_eq!(reply.headers()["x-amz-executed-version"], "$LATEST");
        let Body::Stream(stream) = reply.into_body() else { panic!("not a stream") };
        stream.map(|frame| String::from_utf8_lossy(&frame).into_owned()).boxed()
    }

    async fn frames(bench: &Bench, event: &str) -> Vec<String> {
        stream(bench, event).await.collect().await
    }

    /// A runtime that answers piece by piece as the event says: each step is a text to send, `wait` for a file to be there,
    /// `fail` in the trailers, `exit`, or `hang`.
    const BOOTSTRAP: &str = r#"#!/usr/bin/env python3
import base64, json, os, socket, time
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
while True:
    api = socket.create_connection((host, int(port)))
    api.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n")
    got = b""
    while b"\r\n\r\n" not in got: got += api.recv(65536)
    head, body = got.split(b"\r\n\r\n", 1)
    headers = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    while len(body) < int(headers["content-length"]): body += api.recv(65536)
    path = "/2018-06-01/runtime/invocation/%s/response" % headers["lambda-runtime-aws-request-id"]
    api.sendall(("POST %s HTTP/1.1\r\nhost: 127.0.0.1\r\nlambda-runtime-function-response-mode: streaming\r\n"
                 "transfer-encoding: chunked\r\n\r\n" % path).encode())
    trailers = b""
    for step in json.loads(body):
        if step == "exit": os._exit(1)
        elif step == "hang": time.sleep(1000)
        elif step == "fail":
            error = base64.b64encode(b'{"errorType":"Error","errorMessage":"no"}')
            trailers = b"Lambda-Runtime-Function-Error-Type: Error\r\nLambda-Runtime-Function-Error-Body: " + error + b"\r\n"
        elif step.startswith("/"):
            while not os.path.exists(step): time.sleep(0.005)
        else: api.sendall(b"%x\r\n%s\r\n" % (len(step), step.encode()))
    api.sendall(b"0\r\n" + trailers + b"\r\n")
    assert b" 202 " in api.recv(65536)
    api.close()
"#;

    async fn streaming() -> Bench {
        let bench = Bench::new();
        let settings = json!({"Runtime": "provided.al2023", "Handler": "any"});
        bench.create(&[Entry::executable("bootstrap", BOOTSTRAP)], settings).await;
        bench
    }

    #[tokio::test]
    async fn an_answer_comes_in_frames_with_its_end() {
        let bench = Bench::new();
        bench.python("def handler(e, c):\n  if not e: raise ValueError('no')\n  return 'x' * e", json!({})).await;
        let got = frames(&bench, "100000").await;
        assert_eq!(got.len(), 3);
        assert!(got[0].contains("PayloadChunk") && got[0].len() > CHUNK_BYTES && got[1].contains("xxx"));
        assert!(got[2].contains("InvokeComplete") && got[2].contains("LogResult") && !got[2].contains("ErrorCode"));
        let failed = frames(&bench, "0").await;
        assert_eq!(failed.len(), 1);
        assert!(failed[0].contains(r#""ErrorCode":"Unhandled""#) && failed[0].contains("ValueError"), "{failed:?}");
    }

    #[tokio::test]
    async fn pieces_arrive_while_the_function_is_still_writing() {
        let bench = streaming().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("go on");
        let mut frames = stream(&bench, &json!(["first", file, "second"]).to_string()).await;
        let first = frames.next().await.unwrap();
        assert!(first.contains("PayloadChunk") && first.contains("first"), "{first}");
        // The function waits for this.
        std::fs::write(file, "").unwrap();
        let rest: Vec<String> = frames.collect().await;
        assert!(rest.len() == 2 && rest[0].contains("second"), "{rest:?}");
        assert!(rest[1].contains("InvokeComplete") && !rest[1].contains("ErrorCode"), "{rest:?}");
        assert!(bench.log().last().unwrap().starts_with("REPORT"), "{:?}", bench.log());
    }

    #[tokio::test]
    async fn what_goes_wrong_in_the_middle_is_in_the_last_frame() {
        let bench = streaming().await;
        let check = async |steps: serde_json::Value, code: &str, details: &str| {
            let got = frames(&bench, &steps.to_string()).await;
            let (last, pieces) = got.split_last().unwrap();
            assert!(pieces.len() == 1 && pieces[0].contains("piece"), "{got:?}");
            assert!(last.contains(&format!(r#""ErrorCode":"{code}""#)) && last.contains(details), "{last}");
        };
        check(json!(["piece", "fail"]), "Unhandled", r#"\"errorMessage\":\"no\""#).await;
        check(json!(["piece", "exit"]), "Runtime.TruncatedResponse", "exit status 1").await;
        let hang = json!(["piece", "hang"]).to_string();
        let mut frames = stream(&bench, &hang).await;
        assert!(frames.next().await.unwrap().contains("piece"));
        bench.env.clock.advance(std::time::Duration::from_secs(3));
        let last: Vec<String> = frames.collect().await;
        assert!(
            last.len() == 1 && last[0].contains("Sandbox.Timedout") && last[0].contains("3.00 seconds"),
            "{last:?}"
        );
    }

    #[tokio::test]
    async fn other_callers_get_all_of_it_at_once() {
        let bench = streaming().await;
        assert_eq!(bench.invoke(json!(["[1,", "2]"])).await.body, json!([1, 2]));
        let failed = bench.invoke(json!(["1", "fail"])).await;
        assert_eq!((failed.error(), &failed.body["errorMessage"]), (Some("Unhandled"), &json!("no")));
    }
}
