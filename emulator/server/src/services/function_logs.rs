//! What functions print, in CloudWatch Logs: the group `/aws/lambda/NAME`, a stream for each sandbox.
//!
//! The copy is for clients of that service. `millrace logs` reads Lambda's own files, which miss nothing after a kill.

use cloudwatch_logs::Writer;
use lambda::name::FunctionArn;
use lambda::{Event, EventReader};

/// Writes without waiting.
pub(super) struct FunctionLogs(pub(super) Writer);

impl EventReader for FunctionLogs {
    fn hear(&self, function: &FunctionArn, event: &Event) {
        let group = format!("/aws/lambda/{}", function.name.as_str());
        let copy = cloudwatch_logs::Event { timestamp: event.timestamp, message: event.message.clone() };
        self.0.write(&function.world(), &group, &event.stream, copy);
    }
}
