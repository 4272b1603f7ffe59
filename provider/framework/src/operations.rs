//! Runs a provider's code so that it finishes: in a task of its own, counted, with panics caught.
//!
//! The server drops an RPC's future when its connection closes. What changes the world must not stop half-way for that,
//! and a panic in one operation must end that operation only.

use std::any::Any;
use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

use crate::diagnostics::Diagnostics;

/// The operations under way.
#[derive(Clone, Debug)]
pub(crate) struct Operations(watch::Sender<usize>);

impl Operations {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Runs `operation` to its end, even if nobody waits for it any more. An `Err` is a panic, told to the user.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        operation: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Diagnostics> {
        let running = Running::new(&self.0);
        let task = tokio::spawn(async move {
            let result = operation.await;
            drop(running);
            result
        });
        task.await.map_err(|error| {
            let message = error.try_into_panic().map_or_else(|_| "the operation was cut off".to_owned(), message);
            Diagnostics::error(
                "Provider crashed",
                format!("This is a bug in the provider: {message}. Set TF_LOG=debug to see where it happened."),
            )
        })
    }

    pub(crate) fn are_under_way(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until nothing is under way, but not longer than `limit`.
    pub(crate) async fn finished(&self, limit: Duration) {
        let mut running = self.0.subscribe();
        drop(tokio::time::timeout(limit, running.wait_for(|&count| count == 0)).await);
    }
}

struct Running(watch::Sender<usize>);

impl Running {
    fn new(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn message(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or("panic", |text| text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_diagnostic() {
        let operations = Operations::new();
        let result = operations.run(async { panic!("out of {}", "ink") }).await;
        let diagnostics: Diagnostics = result.map(|(): ()| ()).unwrap_err();
        assert!(diagnostics.iter().all(|d| d.detail.contains("out of ink")));
        operations.finished(Duration::from_secs(5)).await;
        assert_eq!(*operations.0.borrow(), 0);
    }

    #[tokio::test]
    async fn an_operation_outlives_who_asked_for_it() {
        let operations = Operations::new();
        let (begin, begun) = tokio::sync::oneshot::channel();
        let (end, mut ended) = tokio::sync::oneshot::channel();
        let asked = operations.run(async {
            begun.await.unwrap();
            end.send(()).unwrap();
        });
        let mut asked = Box::pin(asked);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(asked.as_mut().poll(cx))).await.is_pending());
        drop(asked);
        begin.send(()).unwrap();
        operations.finished(Duration::from_secs(5)).await;
        assert_eq!(ended.try_recv(), Ok(()));
    }
}
