//! Answers with twice a number, the length of a text and what the context says, or fails if the number is negative.

use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

pub async fn handle(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let LambdaEvent { payload, context } = event;
    let number = payload["n"].as_i64().unwrap_or_default();
    if number < 0 {
        return Err("negative".into());
    }
    Ok(json!({
        "twice": 2 * number, "length": payload["text"].as_str().map_or(0, str::len),
        "name": context.env_config.function_name, "id": context.request_id.len(),
    }))
}
