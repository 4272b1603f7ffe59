//! Reads what a process prints, as it comes, into its log.
//!
//! What was printed before a moment must be in the log before the platform's line about that moment. So whoever is about
//! to write such a line first asks for everything that is in the pipe already.

use futures_util::FutureExt as _;
use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStdout;
use tokio::sync::{mpsc, oneshot};
use tokio::task::unconstrained;

use crate::log::Recorder;

/// The reading end of a process's output.
pub(super) struct Capture {
    flushes: mpsc::UnboundedSender<oneshot::Sender<()>>,
}

impl Capture {
    /// Reads `output` into `recorder` until its end.
    pub(super) fn start(output: ChildStdout, recorder: Recorder) -> Self {
        let (flushes, asked) = mpsc::unbounded_channel();
        tokio::spawn(read(output, recorder, asked));
        Self { flushes }
    }

    /// Returns when what the pipe held is in the log.
    pub(super) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.flushes.send(done).is_ok() {
            // An error means that the pipe has ended, and then all of it is in the log.
            drop(flushed.await);
        }
    }
}

async fn read(mut output: ChildStdout, recorder: Recorder, mut asked: mpsc::UnboundedReceiver<oneshot::Sender<()>>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = output.read(&mut buffer) => read,
            Some(done) = asked.recv() => {
                // What was written before the question is readable now; a pause is the end of it. Not more than a pipe
                // holds, or a function that never stops printing would keep us here.
                for _ in 0..64 {
                    match unconstrained(output.read(&mut buffer)).now_or_never() {
                        Some(Ok(read @ 1..)) => recorder.output(&buffer[..read]),
                        Some(Ok(0) | Err(_)) | None => break,
                    }
                }
                // Whoever asked may be gone.
                let _ = done.send(());
                continue;
            }
        };
        match read {
            Ok(read @ 1..) => recorder.output(&buffer[..read]),
            Ok(0) | Err(_) => break,
        }
    }
    recorder.end_output();
}
