//! Panics in the words that Terraform recognises.

use std::backtrace::Backtrace;

/// From now on a panic prints a line that starts with `panic: ` and then a backtrace: Terraform shows them to the user
/// when the call that caused them fails. Rust's own text it would swallow.
pub(super) fn report_to_host() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("unknown cause");
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        eprintln!("panic: {message}{place}\n\n{}", Backtrace::force_capture());
    }));
}
