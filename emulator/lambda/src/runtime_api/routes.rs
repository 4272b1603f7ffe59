//! The Runtime API's HTTP: four paths, their headers and their refusals.
//!
//! Official runtime clients are lenient readers but strict about status codes: 202 for every accepted answer, 403 and
//! 400 for what is out of turn, 413 for an answer that is too large.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::Body;

use super::body::{Unread, whole};
use super::machine::{Machine, Refusal};
use super::{Answer, Invocation, MAX_RESPONSE_BYTES, RuntimeApi};

const PREFIX: &str = "/2018-06-01/runtime/";

impl RuntimeApi {
    /// Answers one request of the runtime, whose body is read here. Blocks for `next` until there is work.
    pub async fn handle<B: Body<Data = Bytes> + Send>(&self, request: Request<B>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        if !is_from_a_runtime(&head.headers) {
            return refuse(StatusCode::FORBIDDEN, "Forbidden", "the Runtime API is for the function's own process");
        }
        let path = head.uri.path().strip_prefix(PREFIX).unwrap_or_default();
        let segments: Vec<&str> = path.split('/').collect();
        match (&head.method, segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) if streams(&head.headers) => {
                match self.stream(id, body).await {
                    Ok(Answer::TooLarge(limit)) => too_large(limit),
                    Ok(_) => accepted(Ok(())),
                    Err(refusal) => refuse_call(refusal),
                }
            }
            (&Method::POST, ["invocation", id, "response"]) => match whole(body, MAX_RESPONSE_BYTES).await {
                Ok(body) => accepted(self.change(|machine| machine.answer(id, Answer::Response(body)))),
                Err(Unread::Broken) => broken(),
                Err(Unread::TooLarge) => self.respond_too_large(id),
            },
            (&Method::POST, ["invocation", id, "error"]) => match whole(body, MAX_RESPONSE_BYTES).await {
                Ok(body) => accepted(self.change(|machine| machine.answer(id, Answer::Error(body)))),
                Err(Unread::Broken) => broken(),
                Err(Unread::TooLarge) => self.respond_too_large(id),
            },
            (&Method::POST, ["init", "error"]) => match whole(body, MAX_RESPONSE_BYTES).await {
                Ok(body) => accepted(self.change(|machine| machine.fail_init(body))),
                Err(Unread::Broken) => broken(),
                Err(Unread::TooLarge) => too_large(MAX_RESPONSE_BYTES),
            },
            _ => refuse(StatusCode::NOT_FOUND, "NotFound", "no such call of the Runtime API"),
        }
    }

    async fn next(&self) -> Response<Bytes> {
        let step = match self.change(Machine::next) {
            Ok(None) => self.until(Machine::next_assigned).await,
            Ok(Some(invocation)) => Ok(invocation),
            Err(refusal) => Err(refusal),
        };
        match step {
            Ok(invocation) => hand_out(invocation),
            Err(refusal) => refuse_call(refusal),
        }
    }

    fn respond_too_large(&self, id: &str) -> Response<Bytes> {
        match self.change(|machine| machine.answer(id, Answer::TooLarge(MAX_RESPONSE_BYTES))) {
            Ok(()) => too_large(MAX_RESPONSE_BYTES),
            Err(refusal) => refuse_call(refusal),
        }
    }
}

/// Whether the answer comes piece by piece.
fn streams(headers: &HeaderMap) -> bool {
    let mode = headers.get("lambda-runtime-function-response-mode");
    mode.is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"streaming"))
}

/// A web page can make a browser call any loopback port; a runtime is no browser and calls the port by its address.
fn is_from_a_runtime(headers: &HeaderMap) -> bool {
    let is_browser = headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site");
    let host = headers.get(HOST).map(|host| host.to_str().unwrap_or_default());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    !is_browser && name.is_none_or(|name| matches!(name, "127.0.0.1" | "localhost" | "[::1]"))
}

fn hand_out(invocation: Invocation) -> Response<Bytes> {
    let mut response = Response::new(invocation.payload);
    let deadline = invocation.deadline.as_millis().to_string();
    let context = invocation.client_context.unwrap_or_default();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &invocation.request_id),
        ("lambda-runtime-deadline-ms", &deadline),
        ("lambda-runtime-invoked-function-arn", &invocation.function_arn),
        ("lambda-runtime-trace-id", &invocation.trace_id),
        ("lambda-runtime-client-context", &context),
    ];
    for (name, value) in headers {
        // A client context with characters that no header can carry is left out, as is an absent one.
        if let (false, Ok(value)) = (value.is_empty(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn accepted(outcome: Result<(), Refusal>) -> Response<Bytes> {
    match outcome {
        Ok(()) => json(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned()),
        Err(refusal) => refuse_call(refusal),
    }
}

fn too_large(limit: usize) -> Response<Bytes> {
    let text = format!("Exceeded maximum allowed payload size ({limit} bytes).");
    refuse(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &text)
}

/// Nobody may be there to hear it.
fn broken() -> Response<Bytes> {
    refuse(StatusCode::BAD_REQUEST, "InvalidRequestBody", "the body broke off")
}

fn refuse_call(refusal: Refusal) -> Response<Bytes> {
    match refusal {
        Refusal::InvalidRequestId => refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Refusal::InvalidStateTransition => {
            refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", "State transition is not allowed")
        }
    }
}

fn refuse(status: StatusCode, kind: &str, message: &str) -> Response<Bytes> {
    json(status, serde_json::json!({ "errorMessage": message, "errorType": kind }).to_string())
}

fn json(status: StatusCode, body: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    fn empty() -> Full<Bytes> {
        Full::default()
    }

    async fn call(api: &RuntimeApi, method: &str, path: &str, body: impl Into<Bytes>) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/2018-06-01/runtime/{path}"));
        let response = api.handle(request.body(Full::new(body.into())).unwrap()).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn next_waits_for_work_and_says_all_about_it() {
        let api = RuntimeApi::new();
        let waiting = tokio::spawn({
            let api = api.clone();
            let request = Request::get("/2018-06-01/runtime/invocation/next").body(empty()).unwrap();
            async move { api.handle(request).await }
        });
        api.idle().await;
        let context = Some(r#"{"client":{}}"#.to_owned());
        api.assign(Invocation { client_context: context, ..Invocation::of("id-1", r#"{"a":1}"#) }, None);
        let response = waiting.await.unwrap();
        assert_eq!(response.status(), 200);
        let header = |name| response.headers()[name].to_str().unwrap();
        assert_eq!(header("lambda-runtime-aws-request-id"), "id-1");
        assert_eq!(header("lambda-runtime-deadline-ms"), "3000");
        assert!(header("lambda-runtime-invoked-function-arn").ends_with(":function:f"));
        assert!(header("lambda-runtime-trace-id").starts_with("Root=1-"));
        assert_eq!(header("lambda-runtime-client-context"), r#"{"client":{}}"#);
        assert_eq!(response.body(), r#"{"a":1}"#);
    }

    #[tokio::test]
    async fn answers_are_accepted_once() {
        let api = RuntimeApi::new();
        api.assign(Invocation::of("7", "{}"), None);
        assert_eq!(call(&api, "GET", "invocation/next", "").await.0, 200);
        let (status, body) = call(&api, "POST", "invocation/8/response", "1").await;
        assert_eq!((status, body.contains("InvalidRequestID")), (400, true), "{body}");
        assert_eq!(call(&api, "POST", "invocation/7/response", "1").await, (202, r#"{"status":"OK"}"#.into()));
        let (status, body) = call(&api, "POST", "invocation/7/error", "{}").await;
        assert_eq!((status, body.contains("InvalidStateTransition")), (403, true), "{body}");
        assert_eq!(api.answered().await, Answer::Response(Bytes::from_static(b"1")));
    }

    #[tokio::test]
    async fn an_answer_that_is_too_large_is_refused_and_remembered() {
        let api = RuntimeApi::new();
        api.assign(Invocation::of("7", "{}"), None);
        call(&api, "GET", "invocation/next", "").await;
        let (status, body) = call(&api, "POST", "invocation/7/response", vec![b'1'; 2 * MAX_RESPONSE_BYTES]).await;
        assert_eq!(status, 413);
        assert!(body.contains("Exceeded maximum allowed payload size (6291556 bytes)."), "{body}");
        assert_eq!(api.answered().await, Answer::TooLarge(MAX_RESPONSE_BYTES));
    }

    #[tokio::test]
    async fn a_web_page_gets_nothing() {
        let api = RuntimeApi::new();
        api.assign(Invocation::of("7", "{}"), None);
        for (name, value) in [("origin", "http://evil"), ("sec-fetch-site", "cross-site"), ("host", "evil.example:80")]
        {
            let request = Request::get("/2018-06-01/runtime/invocation/next").header(name, value);
            assert_eq!(api.handle(request.body(empty()).unwrap()).await.status(), 403, "{name}");
        }
        let request = Request::get("/2018-06-01/runtime/invocation/next").header("host", "127.0.0.1:9001");
        assert_eq!(api.handle(request.body(empty()).unwrap()).await.status(), 200);
    }

    #[tokio::test]
    async fn a_start_that_fails_is_reported() {
        let api = RuntimeApi::new();
        assert_eq!(call(&api, "POST", "init/error", r#"{"errorType":"X"}"#).await.0, 202);
        api.started().await;
        assert!(api.init_failed());
        assert_eq!(api.answered().await, Answer::Error(Bytes::from_static(br#"{"errorType":"X"}"#)));
        assert_eq!(call(&api, "GET", "nonsense", "").await.0, 404);
    }
}
