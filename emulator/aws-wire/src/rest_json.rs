//! The REST JSON protocol: an action is a method and a path; members come from path, query, headers and body.
//!
//! An action says where it lives in its [`Http`]; members that are named in the path, the query or the headers are taken
//! from there and the rest from the JSON body, and then the action is checked and run like any other.

use std::fmt;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Number, Value};

use crate::action::{Answer, Payload, Registered, registered, registered_raw};
use crate::reply::{reply, stamp};
use crate::shape::{Kind, Shape, Structure};
use crate::{Action, AwsError, Call, RawAction, Reply, Service};

const CONTENT_TYPE: &str = "application/json";

/// Where an action lives.
#[derive(Clone, Copy, Debug)]
pub struct Http {
    method: &'static str,
    path: &'static str,
    status: u16,
    query: &'static [(&'static str, &'static str)],
    headers: &'static [(&'static str, &'static str)],
    payload: Option<&'static str>,
}

impl Http {
    const fn new(method: &'static str, path: &'static str) -> Self {
        Self { method, path, status: 200, query: &[], headers: &[], payload: None }
    }

    /// GET `path`. A segment in braces is the member of that name.
    pub const fn get(path: &'static str) -> Self {
        Self::new("GET", path)
    }

    /// POST `path`.
    pub const fn post(path: &'static str) -> Self {
        Self::new("POST", path)
    }

    /// PUT `path`.
    pub const fn put(path: &'static str) -> Self {
        Self::new("PUT", path)
    }

    /// DELETE `path`.
    pub const fn delete(path: &'static str) -> Self {
        Self::new("DELETE", path)
    }

    /// Answers with `status` when it succeeds.
    #[must_use]
    pub const fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Members in the query: its name there, the member's name. A list member takes every occurrence.
    #[must_use]
    pub const fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Self { query, ..self }
    }

    /// Members in the headers: the header, the member's name.
    #[must_use]
    pub const fn headers(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    /// The body is this member, as bytes, and not a document.
    #[must_use]
    pub const fn payload(self, member: &'static str) -> Self {
        Self { payload: Some(member), ..self }
    }

    /// The path segments in braces, if `path` is of this form. A slash at the end makes no difference.
    fn capture<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut captured = Vec::new();
        let mut segments = path.trim_end_matches('/').split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => captured.push((name, segment)),
                None if expected == segment => {}
                _ => return None,
            }
        }
        segments.next().is_none().then_some(captured)
    }
}

/// An action that is reached by method and path.
pub trait Rest {
    /// Where it lives.
    const HTTP: Http;
}

struct Route<S> {
    http: Http,
    action: Registered<S>,
}

/// The actions of a service by method and path.
pub struct Routes<S>(Vec<Route<S>>);

impl<S> fmt::Debug for Routes<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|route| route.action.name)).finish()
    }
}

impl<S> Default for Routes<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Service> Routes<S> {
    /// No actions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an action.
    #[must_use]
    pub fn action<A: Action<S> + Rest>(mut self) -> Self {
        self.0.push(Route { http: A::HTTP, action: registered::<S, A>() });
        self
    }

    /// Adds an action that makes its own HTTP answer.
    #[must_use]
    pub fn raw<A: RawAction<S> + Rest>(mut self) -> Self {
        self.0.push(Route { http: A::HTTP, action: registered_raw::<S, A>() });
        self
    }

    /// The names and inputs of all actions, for tests that hold them against the service model.
    pub fn inputs(&self) -> impl Iterator<Item = (&'static str, &'static Structure)> + '_ {
        self.0.iter().map(|route| (route.action.name, route.action.input))
    }

    /// Whether `path` belongs to one of the actions, whatever the method.
    pub fn knows(&self, path: &str) -> bool {
        self.0.iter().any(|route| route.http.capture(path).is_some())
    }
}

/// Answers a request to a REST service.
pub async fn serve<S: Service>(routes: &Routes<S>, service: &S, call: &Call, request: Request<Bytes>) -> Reply {
    stamp(answer(routes, service, call, &request).await.unwrap_or_else(|error| error_reply(&error)), &call.request_id)
}

async fn answer<S: Service>(
    routes: &Routes<S>,
    service: &S,
    call: &Call,
    request: &Request<Bytes>,
) -> Result<Reply, AwsError> {
    let found = routes.0.iter().find_map(|route| {
        let captured = route.http.capture(request.uri().path())?;
        (route.http.method == request.method().as_str()).then_some((route, captured))
    });
    let Some((route, captured)) = found else {
        return Err(match routes.knows(request.uri().path()) {
            true => AwsError::new("MethodNotAllowedException", "The method is not allowed on this resource."),
            false => AwsError::bare("UnknownOperationException"),
        });
    };
    let members = members(&route.http, route.action.input, &captured, request)?;
    match (route.action.run)(service, call, Payload::Members(members)).await? {
        Answer::Document(document) => {
            let status = StatusCode::from_u16(route.http.status).unwrap_or(StatusCode::OK);
            Ok(reply(status, CONTENT_TYPE, document))
        }
        Answer::Reply(reply) => Ok(reply),
    }
}

/// Puts the members of an input together from where they are.
fn members(
    http: &Http,
    input: &Structure,
    captured: &[(&'static str, &str)],
    request: &Request<Bytes>,
) -> Result<Map<String, Value>, AwsError> {
    let body = request.body();
    let mut members = match http.payload {
        Some(member) => {
            use base64::Engine as _;
            let text = base64::engine::general_purpose::STANDARD.encode(body);
            Map::from_iter([(member.to_owned(), Value::String(text))])
        }
        None if body.is_empty() || request.method() == Method::GET => Map::new(),
        None => serde_json::from_slice(body)
            .map_err(|error| AwsError::serialization(format!("Could not parse request body into json: {error}")))?,
    };
    for (name, text) in captured {
        members.insert((*name).to_owned(), scalar(input, name, decode(text)));
    }
    for (header, name) in http.headers {
        if let Some(text) = request.headers().get(*header).and_then(|value| value.to_str().ok()) {
            members.insert((*name).to_owned(), scalar(input, name, text.to_owned()));
        }
    }
    for (key, text) in pairs(request.uri().query().unwrap_or_default()) {
        let Some((_, name)) = http.query.iter().find(|(query, _)| *query == key) else { continue };
        let is_list = matches!(input.member(name).map(|member| member.shape.kind), Some(Kind::List(_)));
        match members.get_mut(*name) {
            Some(Value::Array(list)) if is_list => list.push(Value::String(text)),
            _ if is_list => _ = members.insert((*name).to_owned(), Value::Array(vec![Value::String(text)])),
            _ => _ = members.insert((*name).to_owned(), scalar(input, name, text)),
        }
    }
    Ok(members)
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The pairs of a query string, decoded.
pub(crate) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(&key.replace('+', " ")), decode(&value.replace('+', " ")))
    })
}

fn scalar(input: &Structure, name: &str, text: String) -> Value {
    input.member(name).map_or(Value::Null, |member| text_as(&member.shape, text))
}

/// A text from a path, a query, a header or a form as what the member is. What does not convert stays text, and the
/// check says so.
pub(crate) fn text_as(shape: &Shape, text: String) -> Value {
    let number = |text: &str| text.parse().map(|number: i64| Value::Number(number.into())).ok();
    let float = |text: &str| text.parse().ok().and_then(Number::from_f64).map(Value::Number);
    let converted = match shape.kind {
        Kind::Integer | Kind::Long => number(&text),
        Kind::Double | Kind::Timestamp => float(&text),
        Kind::Boolean => match text.as_str() {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => None,
    };
    converted.unwrap_or(Value::String(text))
}

/// An error in the REST form: the code in a header, `Type` says whose fault it is.
pub fn error_reply(error: &AwsError) -> Reply {
    let mut document = error.document();
    let at_fault = if error.is_service_fault() { "Service" } else { "User" };
    document.insert("Type".into(), at_fault.into());
    // Half of the modelled errors spell it one way and half the other; every client takes what it knows.
    if let Some(message) = &error.message {
        document.insert("Message".into(), message.as_str().into());
        document.insert("message".into(), message.as_str().into());
    }
    let mut answer = reply(error.rest_status(), CONTENT_TYPE, Value::Object(document).to_string());
    if let Ok(code) = HeaderValue::from_str(&error.code) {
        answer.headers_mut().insert("x-amzn-errortype", code);
    }
    answer
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use serde_json::json;

    use super::*;
    use crate::{Body, World};

    struct Store;

    impl Service for Store {
        type Error = AwsError;
    }

    struct PutThing;

    const TAG: Shape = Shape::string();

    impl Action<Store> for PutThing {
        const NAME: &'static str = "PutThing";
        const INPUT: Structure = Structure::new(
            "PutThingInput",
            &[
                Shape::string().length(1, 20).member("Name").required(),
                Shape::integer().range(1, 10).member("Size"),
                Shape::list(&TAG).member("Tags"),
                Shape::string().member("Kind"),
                Shape::boolean().member("Force"),
            ],
        );
        type Input = Value;
        type Output = Value;

        async fn run(_: &Store, _: &Call, input: Value) -> Result<Value, AwsError> {
            match input["Name"].as_str() {
                Some("gone") => Err(AwsError::new("ResourceNotFoundException", "gone")),
                _ => Ok(input),
            }
        }
    }

    impl Rest for PutThing {
        const HTTP: Http = Http::put("/2015-03-31/things/{Name}/size")
            .status(201)
            .query(&[("tag", "Tags"), ("force", "Force")])
            .headers(&[("x-kind", "Kind")]);
    }

    #[track_caller]
    fn check(request: Request<&str>, status: u16, expected: Value) {
        let routes = Routes::new().action::<PutThing>();
        let call = Call {
            world: World::new("000000000000", "r"),
            access_key: None,
            invocation: None,
            request_id: "id".into(),
        };
        let request = request.map(|body| Bytes::copy_from_slice(body.as_bytes()));
        let reply = serve(&routes, &Store, &call, request).now_or_never().unwrap();
        let got_status = reply.status().as_u16();
        let Body::Full(body) = reply.into_body() else { panic!("not a stream") };
        assert_eq!((got_status, serde_json::from_slice::<Value>(&body).unwrap()), (status, expected));
    }

    #[test]
    fn members_come_from_everywhere() {
        let request =
            Request::put("/2015-03-31/things/a%3Ab%2F/size?tag=x&tag=y+z&force=true&other=1").header("x-kind", "k");
        check(
            request.body(r#"{"Size": 3}"#).unwrap(),
            201,
            json!({"Name": "a:b/", "Size": 3, "Tags": ["x", "y z"], "Kind": "k", "Force": true}),
        );
        check(Request::put("/2015-03-31/things/a/size/").body("").unwrap(), 201, json!({"Name": "a"}));
    }

    #[test]
    fn errors_carry_their_status() {
        let message = "1 validation error detected: Value '11' at 'size' failed to satisfy constraint: Member must have value \
                       less than or equal to 10";
        let put = |uri: &str, body: &'static str| Request::put(uri).body(body).unwrap();
        check(
            put("/2015-03-31/things/a/size", r#"{"Size": 11}"#),
            400,
            json!({"Type": "User", "message": message, "Message": message}),
        );
        check(
            put("/2015-03-31/things/gone/size", ""),
            404,
            json!({"Type": "User", "message": "gone", "Message": "gone"}),
        );
        check(put("/2015-03-31/things", ""), 404, json!({"Type": "User"}));
    }

    proptest::proptest! {
        #[test]
        fn any_path_query_and_body_are_answered(
            path in "[a-z0-9%/.~-]{0,30}",
            query in "(tag=|force=|[&=%+a-z0-9]){0,12}",
            body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60),
        ) {
            let routes = Routes::new().action::<PutThing>();
            let call = Call { world: World::new("000000000000", "r"), access_key: None, invocation: None, request_id: "id".into() };
            for uri in [format!("/{path}?{query}"), format!("/2015-03-31/things/{path}/size?{query}")] {
                let Ok(request) = Request::put(uri).body(Bytes::from(body.clone())) else { continue };
                let reply = serve(&routes, &Store, &call, request).now_or_never().unwrap();
                proptest::prop_assert!(matches!(reply.status().as_u16(), 201 | 400 | 404));
            }
        }
    }
}
