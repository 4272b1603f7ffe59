//! The service as one client sees it: a queue's URL names the host that the client used, whichever of the emulator's that is.

use std::sync::Arc;

use aws_wire::{Call, Service};
use bytes::Bytes;
use http::{Request, header};

use crate::error::{Error, Result};
use crate::name;
use crate::queue::{Definition, Queue};
use crate::service::Sqs;

/// What actions run on.
pub(crate) struct Client {
    pub(crate) sqs: Sqs,
    host: String,
}

impl Service for Client {
    type Error = Error;
}

impl Client {
    /// The client that sent `request`.
    pub(crate) fn of(sqs: &Sqs, request: &Request<Bytes>) -> Self {
        let header = || request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        // HTTP/2 has the authority in the URI.
        let host = request.uri().authority().map(http::uri::Authority::as_str).or_else(header).unwrap_or("localhost");
        Self { sqs: sqs.clone(), host: host.to_owned() }
    }

    /// The URL of a queue.
    pub(crate) fn url(&self, queue: &Definition) -> String {
        format!("http://{}/{}/{}", self.host, queue.account, queue.name)
    }

    /// The queue behind a URL, in the caller's region. Another account's is not there: nobody could have allowed it.
    pub(crate) fn queue(&self, call: &Call, url: &str) -> Result<Arc<Queue>> {
        let (account, name) = name::of_url(url).ok_or(Error::QueueNotFound)?;
        if account != call.world.account {
            return Err(Error::QueueNotFound);
        }
        self.sqs.directory().find(&call.world, name)
    }

    /// Changes what is known of a queue.
    pub(crate) fn change(
        &self,
        call: &Call,
        url: &str,
        change: impl FnOnce(&mut Definition) -> Result<()>,
    ) -> Result<Arc<Queue>> {
        let writing = self.sqs.directory().write();
        let queue = self.queue(call, url)?;
        let before = queue.definition();
        let mut definition = Definition::clone(&before);
        change(&mut definition)?;
        if definition != *before {
            writing.replace(&queue, definition)?;
        }
        Ok(queue)
    }
}
