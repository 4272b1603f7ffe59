//! Waiting in line where Kinesis says that an account asks too often.
//!
//! Most of Kinesis's control plane takes five or twenty calls a second of an account, and Terraform looks at ten streams at
//! once. If each call backed off by itself, most of what the service would take goes unused, and with many streams a call
//! runs out of attempts. So refused calls of one action wait for each other: the first in line asks until it is served, then
//! the next one does. Without a refusal nobody waits.
//!
//! Sits below the AWS client's own retries, which begin when the patience here ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use tokio::time::{Instant, sleep};

use super::retry::PASSING_LIMITS;

/// What Kinesis calls its actions by.
const ACTION: &str = "x-amz-target";
/// A plan goes on without the limits sooner than it waits for them: an account may ask once a second.
const NOT_WAITED_FOR: &str = "Kinesis_20131202.DescribeLimits";

/// How calls wait.
#[derive(Clone, Copy, Debug)]
struct Patience {
    /// How often the first in line asks.
    pause: Duration,
    /// How long a call is the first in line.
    limit: Duration,
}

const PATIENCE: Patience = Patience { pause: Duration::from_millis(50), limit: Duration::from_secs(300) };

/// A client whose calls wait in line.
#[derive(Debug)]
pub(super) struct InLine {
    client: SharedHttpClient,
    lines: Arc<Lines>,
}

impl InLine {
    pub(super) fn behind(client: SharedHttpClient) -> Self {
        Self { client, lines: Arc::default() }
    }
}

impl HttpClient for InLine {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(Connector { connector, lines: Arc::clone(&self.lines), patience: PATIENCE })
    }
}

/// A line for each action that was ever refused.
#[derive(Debug, Default)]
struct Lines(Mutex<HashMap<String, Line>>);

/// Whoever holds it is first.
type Line = Arc<tokio::sync::Mutex<()>>;

impl Lines {
    /// The line of `action`, if somebody stands in it.
    fn busy(&self, action: &str) -> Option<Line> {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.get(action).filter(|line| line.try_lock().is_err()).cloned()
    }

    fn of(&self, action: &str) -> Line {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lines.entry(action.to_owned()).or_default())
    }
}

#[derive(Debug)]
struct Connector {
    connector: SharedHttpConnector,
    lines: Arc<Lines>,
    patience: Patience,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let action = request.headers().get(ACTION).filter(|&action| action != NOT_WAITED_FOR).map(str::to_owned);
        // What cannot be sent twice is sent once.
        let (Some(action), true) = (action, request.try_clone().is_some()) else { return self.connector.call(request) };
        let (connector, lines, patience) = (self.connector.clone(), Arc::clone(&self.lines), self.patience);
        HttpConnectorFuture::new(async move {
            let send = || connector.call(request.try_clone().expect("it could be cloned before"));
            if lines.busy(&action).is_none()
                && let Verdict::Final(response) = judge(send().await?).await?
            {
                return Ok(response);
            }
            let line = lines.of(&action);
            let _first = line.lock().await;
            let since = Instant::now();
            loop {
                match judge(send().await?).await? {
                    Verdict::TooOften(_) if since.elapsed() < patience.limit => sleep(patience.pause).await,
                    Verdict::TooOften(response) | Verdict::Final(response) => return Ok(response),
                }
            }
        })
    }
}

/// An answer, by what is to be done with it.
enum Verdict {
    /// Whoever called gets it.
    Final(HttpResponse),
    /// It passes.
    TooOften(HttpResponse),
}

/// Looks into the answers that are errors; those of Kinesis are short.
async fn judge(mut response: HttpResponse) -> Result<Verdict, ConnectorError> {
    if response.status().as_u16() != 400 {
        return Ok(Verdict::Final(response));
    }
    let body = ByteStream::new(response.take_body()).collect().await;
    let body = body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let text = String::from_utf8_lossy(&body);
    let is_passing = text.contains("LimitExceededException") && PASSING_LIMITS.iter().any(|limit| text.contains(limit));
    *response.body_mut() = SdkBody::from(body);
    Ok(if is_passing { Verdict::TooOften(response) } else { Verdict::Final(response) })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Serves `capacity` calls, then one after every ten refusals.
    #[derive(Clone, Debug)]
    struct Service {
        left: Arc<AtomicUsize>,
        refusals: Arc<AtomicUsize>,
    }

    impl HttpConnector for Service {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let served = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if !served && (self.refusals.fetch_add(1, Ordering::SeqCst) + 1).is_multiple_of(10) {
                self.left.fetch_add(1, Ordering::SeqCst);
            }
            let body = if served {
                format!("{{\"served\":{:?}}}", request.headers().get(ACTION))
            } else {
                "{\"__type\":\"LimitExceededException\",\"message\":\"Rate exceeded for stream s under account 1.\"}"
                    .to_owned()
            };
            let status = if served { 200 } else { 400 };
            let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
            HttpConnectorFuture::ready(Ok(response))
        }
    }

    const QUICK: Patience = Patience { pause: Duration::from_micros(10), limit: Duration::from_secs(60) };

    fn connector(capacity: usize) -> (Arc<Connector>, Service) {
        let service = Service { left: Arc::new(capacity.into()), refusals: Arc::default() };
        let connector = SharedHttpConnector::new(service.clone());
        (Arc::new(Connector { connector, lines: Arc::default(), patience: QUICK }), service)
    }

    fn request(action: &str) -> HttpRequest {
        let mut request = HttpRequest::empty();
        request.headers_mut().insert(ACTION, action.to_owned());
        request
    }

    #[tokio::test]
    async fn only_the_first_in_line_asks() {
        let (connector, service) = connector(5);
        let calls: Vec<_> = (0..25)
            .map(|_| {
                let connector = Arc::clone(&connector);
                tokio::spawn(async move { connector.call(request("Kinesis_20131202.ListTagsForStream")).await })
            })
            .collect();
        for call in calls {
            assert_eq!(call.await.unwrap().unwrap().status().as_u16(), 200);
        }
        // Each of the twenty that were not served at once was refused once or not at all before it stood in line.
        let refusals = service.refusals.load(Ordering::SeqCst);
        assert!((200..=220).contains(&refusals), "{refusals}");
    }

    #[tokio::test]
    async fn limits_are_not_waited_for_and_a_refusal_is_whole() {
        let (connector, _) = connector(0);
        let refused = connector.call(request(NOT_WAITED_FOR)).await.unwrap();
        let body = ByteStream::new(refused.into_body()).collect().await.unwrap().into_bytes();
        assert!(body.starts_with(b"{\"__type\""), "{body:?}");
    }

    #[tokio::test]
    async fn patience_ends() {
        #[derive(Debug)]
        struct Full;
        impl HttpConnector for Full {
            fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
                let body = "{\"__type\":\"LimitExceededException\",\"message\":\"Rate exceeded for stream s.\"}";
                HttpConnectorFuture::ready(Ok(HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body))))
            }
        }
        let patience = Patience { limit: Duration::from_millis(5), ..QUICK };
        let connector = Connector { connector: SharedHttpConnector::new(Full), lines: Arc::default(), patience };
        let refused = connector.call(request("Kinesis_20131202.CreateStream")).await.unwrap();
        let body = ByteStream::new(refused.into_body()).collect().await.unwrap().into_bytes();
        assert!(String::from_utf8_lossy(&body).contains("Rate exceeded for stream s."));
    }
}
