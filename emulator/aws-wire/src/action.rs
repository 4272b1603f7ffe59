//! What an API action is, and the registry that a service keeps of its own.
//!
//! Adding an action is a new file that implements [`Action`] and one line in the service's registry.

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::check::check;
use crate::{AwsError, Body, Call, Encoded, Format, Reply, Structure, event_stream};

/// A service: what its actions run on, and what they fail with.
pub trait Service: Send + Sync + 'static {
    /// The facts that its actions fail with, which know how AWS words them.
    type Error: Into<AwsError> + Send;
}

/// An API action whose answer is a document.
pub trait Action<S: Service>: 'static {
    /// Its name in the API.
    const NAME: &'static str;
    /// What it takes, with all constraints.
    const INPUT: Structure;
    /// What it takes, typed. Made only from what satisfies [`Self::INPUT`].
    type Input: DeserializeOwned + Send;
    /// What it answers; `()` for an empty answer.
    type Output: Serialize + Send;

    /// Does it.
    fn run(service: &S, call: &Call, input: Self::Input)
    -> impl Future<Output = Result<Self::Output, S::Error>> + Send;

    /// Reads a body without the detour over a document, for actions that are called a thousand times a second.
    /// `Some` only if every constraint holds; `None` leaves it to the general way, which also words what is wrong.
    fn decode_fast(_body: &Encoded) -> Option<Self::Input> {
        None
    }

    /// Does it and answers in JSON. An action whose answer is megabytes writes it while it reads.
    fn run_in_json(
        service: &S,
        call: &Call,
        input: Self::Input,
    ) -> impl Future<Output = Result<Body, AwsError>> + Send {
        async move {
            let output = Self::run(service, call, input).await.map_err(Into::into)?;
            encoded::<S, Self>(&output).map(Body::from)
        }
    }

    /// Writes the answer as JSON. Answers with hundreds of records write theirs by hand.
    fn encode(output: &Self::Output) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(output)
    }
}

/// The events of an answer. The first error is the last of them.
pub type Events<T, E> = BoxStream<'static, Result<T, E>>;

/// An API action that answers with a stream of events.
pub trait EventAction<S: Service>: 'static {
    /// Its name in the API.
    const NAME: &'static str;
    /// What it takes, with all constraints.
    const INPUT: Structure;
    /// What it takes, typed. Made only from what satisfies [`Self::INPUT`].
    type Input: DeserializeOwned + Send;
    /// The name of its events in the API.
    const EVENT: &'static str;
    /// What an event holds.
    type Event: Serialize + 'static;

    /// Does it.
    fn run(
        service: &S,
        call: &Call,
        input: Self::Input,
    ) -> impl Future<Output = Result<Events<Self::Event, S::Error>, S::Error>> + Send;
}

/// An API action that makes its own HTTP answer: a payload that is not a document, special headers.
pub trait RawAction<S: Service>: 'static {
    /// Its name in the API.
    const NAME: &'static str;
    /// What it takes, with all constraints.
    const INPUT: Structure;
    /// What it takes, typed. Made only from what satisfies [`Self::INPUT`].
    type Input: DeserializeOwned + Send;

    /// Does it.
    fn run(service: &S, call: &Call, input: Self::Input) -> impl Future<Output = Result<Reply, S::Error>> + Send;
}

/// An input as a protocol delivers it.
pub(crate) enum Payload {
    /// A document, not yet looked into.
    Document(Encoded),
    /// Members from wherever the protocol keeps them.
    Members(Map<String, Value>),
}

impl Payload {
    /// The format of the answer: that of the question.
    const fn format(&self) -> Format {
        match self {
            Self::Document(document) => document.format,
            Self::Members(_) => Format::Json,
        }
    }
}

/// What an action answered, before the protocol wraps it.
pub(crate) enum Answer {
    /// A document in the format of the question; empty where there is no output.
    Document(Body),
    /// A whole HTTP answer.
    Reply(Reply),
}

pub(crate) type Outcome = Result<Answer, AwsError>;
type Run<S> = for<'a> fn(&'a S, &'a Call, Payload) -> BoxFuture<'a, Outcome>;

/// An action in a registry.
pub(crate) struct Registered<S> {
    pub(crate) name: &'static str,
    pub(crate) input: &'static Structure,
    pub(crate) run: Run<S>,
}

/// The actions of a service by name.
pub struct Actions<S> {
    by_name: HashMap<&'static str, Registered<S>>,
}

impl<S> fmt::Debug for Actions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.by_name.keys()).finish()
    }
}

impl<S> Default for Actions<S> {
    fn default() -> Self {
        Self { by_name: HashMap::new() }
    }
}

impl<S: Service> Actions<S> {
    /// No actions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an action.
    #[must_use]
    pub fn action<A: Action<S>>(self) -> Self {
        self.with(registered::<S, A>())
    }

    /// Adds an action that answers with events.
    #[must_use]
    pub fn events<A: EventAction<S>>(self) -> Self {
        self.with(registered_events::<S, A>())
    }

    /// Adds an action that makes its own HTTP answer.
    #[must_use]
    pub fn raw<A: RawAction<S>>(self) -> Self {
        self.with(registered_raw::<S, A>())
    }

    /// Adds an action that answers to several names.
    #[must_use]
    pub fn raw_under<A: RawAction<S>>(self, names: &[&'static str]) -> Self {
        names.iter().fold(self, |actions, name| actions.with(Registered { name, ..registered_raw::<S, A>() }))
    }

    fn with(mut self, action: Registered<S>) -> Self {
        let previous = self.by_name.insert(action.name, action);
        debug_assert!(previous.is_none(), "an action is registered once");
        self
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Registered<S>> {
        self.by_name.get(name)
    }

    /// What the action called `name` takes, if there is one.
    pub fn input(&self, name: &str) -> Option<&'static Structure> {
        self.by_name.get(name).map(|action| action.input)
    }

    /// Runs the action called `name` on members that a protocol of the service's own has read; the answer is a JSON
    /// document, empty where there is no output. `None` if there is no such action.
    pub async fn invoke(
        &self,
        service: &S,
        call: &Call,
        name: &str,
        members: Map<String, Value>,
    ) -> Option<Result<Bytes, AwsError>> {
        let action = self.get(name)?;
        Some(match (action.run)(service, call, Payload::Members(members)).await {
            Ok(Answer::Document(Body::Full(document))) => Ok(document),
            // Events and whole replies belong to the protocols of this crate.
            Ok(Answer::Document(Body::Stream(_)) | Answer::Reply(_)) => Err(AwsError::internal()),
            Err(error) => Err(error),
        })
    }

    /// The names and inputs of all actions, for tests that hold them against the service model.
    pub fn inputs(&self) -> impl Iterator<Item = (&'static str, &'static Structure)> + '_ {
        self.by_name.values().map(|action| (action.name, action.input))
    }
}

pub(crate) fn registered<S: Service, A: Action<S>>() -> Registered<S> {
    Registered {
        name: A::NAME,
        input: const { &A::INPUT },
        run: |service, call, payload| {
            async move {
                let format = payload.format();
                let fast = match &payload {
                    Payload::Document(body) => A::decode_fast(body),
                    Payload::Members(_) => None,
                };
                let input = match fast {
                    Some(input) => input,
                    None => decode(const { &A::INPUT }, payload)?,
                };
                match format {
                    Format::Json => A::run_in_json(service, call, input).await,
                    Format::Cbor => {
                        let output = A::run(service, call, input).await.map_err(Into::into)?;
                        format.encode(&output).map(|document| without_null(format, document).into())
                    }
                }
                .map(Answer::Document)
            }
            .boxed()
        },
    }
}

fn encoded<S: Service, A: Action<S> + ?Sized>(output: &A::Output) -> Result<Vec<u8>, AwsError> {
    match A::encode(output) {
        Ok(document) => Ok(without_null(Format::Json, document)),
        Err(error) => {
            tracing::error!(action = A::NAME, %error, "an answer does not encode");
            Err(AwsError::internal())
        }
    }
}

/// No output is an empty body.
fn without_null(format: Format, document: Vec<u8>) -> Vec<u8> {
    if format.is_null(&document) { Vec::new() } else { document }
}

fn registered_events<S: Service, A: EventAction<S>>() -> Registered<S> {
    Registered {
        name: A::NAME,
        input: const { &A::INPUT },
        run: |service, call, payload| {
            async move {
                let format = payload.format();
                let input = decode(const { &A::INPUT }, payload)?;
                let events = A::run(service, call, input).await.map_err(Into::into)?;
                Ok(Answer::Reply(event_stream::reply(format, A::EVENT, events)))
            }
            .boxed()
        },
    }
}

pub(crate) fn registered_raw<S: Service, A: RawAction<S>>() -> Registered<S> {
    Registered {
        name: A::NAME,
        input: const { &A::INPUT },
        run: |service, call, payload| {
            async move {
                let input = decode(const { &A::INPUT }, payload)?;
                A::run(service, call, input).await.map(Answer::Reply).map_err(Into::into)
            }
            .boxed()
        },
    }
}

/// The general way from a body to a typed input, which every [`Action::decode_fast`] must agree with.
pub fn decode_document<T: DeserializeOwned>(structure: &Structure, body: &Encoded) -> Result<T, AwsError> {
    decode(structure, Payload::Document(body.clone()))
}

/// The general way from a payload to a typed input: a document, its types, its constraints.
fn decode<T: DeserializeOwned>(structure: &Structure, payload: Payload) -> Result<T, AwsError> {
    let mut members = match payload {
        Payload::Members(members) => members,
        Payload::Document(document) => document.members(structure)?,
    };
    check(structure, &mut members)?;
    serde_json::from_value(Value::Object(members)).map_err(|error| {
        // What passed the check and still does not decode is a hole in the constraints: tell the log where it is.
        tracing::error!(input = structure.name, %error, "a checked input does not decode");
        AwsError::serialization(error.to_string())
    })
}
