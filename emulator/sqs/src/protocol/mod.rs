//! The two protocols of SQS. Both read an input into members and write an answer out of a document; what is between is the
//! same for both, and is here.

use aws_wire::reply::stamp;
use aws_wire::{AwsError, Call, Reply};
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::Error;
use crate::service::Sqs;

mod json;
mod query;

/// Answers a request in the protocol in which it is made.
pub(crate) async fn serve(sqs: &Sqs, call: &Call, request: Request<Bytes>) -> Reply {
    let answer = if request.headers().contains_key(aws_wire::json11::TARGET) {
        json::serve(sqs, call, &request).await
    } else {
        query::serve(sqs, call, &request).await
    };
    stamp(answer, &call.request_id)
}

/// Runs an action on members.
async fn run(client: &Client, call: &Call, action: &str, members: Map<String, Value>) -> Result<Bytes, AwsError> {
    let actions = client.sqs.actions();
    let input = actions.input(action).ok_or_else(|| unknown(action))?;
    let is_missing = |name: &str| members.get(name).is_none_or(Value::is_null);
    if let Some(member) = input.members.iter().find(|member| member.required && is_missing(member.name)) {
        return Err(Error::Missing { name: member.name.to_owned() }.into());
    }
    actions.invoke(client, call, action, members).await.unwrap_or_else(|| Err(unknown(action)))
}

fn unknown(action: &str) -> AwsError {
    AwsError::new("InvalidAction", format!("The action {action} is not valid for this endpoint."))
        .with(crate::error::JSON_CODE, "com.amazon.coral.service#UnknownOperationException")
}
