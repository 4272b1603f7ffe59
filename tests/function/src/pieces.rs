//! Answers piece by piece, as the event says: so many pieces of one text, the next when the file named in the event is as
//! long as the pieces before it, and then it goes away before the end if that is asked for.

use std::time::Duration;

use lambda_runtime::streaming::{Body, Response, channel};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

pub async fn handle(event: LambdaEvent<Value>) -> Result<Response<Body>, Error> {
    let (mut pieces, body) = channel();
    tokio::spawn(async move {
        let payload = event.payload;
        let text = payload["piece"].as_str().unwrap_or("x").to_owned();
        let count = payload["pieces"].as_u64().unwrap_or(1);
        for piece in 0..count {
            have_arrived(piece, &payload).await;
            if pieces.send_data(text.clone().into()).await.is_err() {
                return;
            }
        }
        if payload["fails"] == true {
            have_arrived(count, &payload).await;
            std::process::exit(1);
        }
    });
    Ok(Response::from(body))
}

/// Whoever reads says with the file how far they are.
async fn have_arrived(pieces: u64, payload: &Value) {
    while let Some(file) = payload["after"].as_str()
        && std::fs::metadata(file).map_or(0, |file| file.len()) < pieces
    {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
