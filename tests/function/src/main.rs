//! A function as somebody writes it in Rust, on the official client of the Runtime API. What it does is its handler's name:
//! it tells when it was called, takes records that it may fail on, or answers piece by piece.

mod arrivals;
mod echo;
mod pieces;
mod records;

use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("_HANDLER")?.as_str() {
        "arrivals" => run(service_fn(arrivals::handle)).await,
        "echo" => run(service_fn(echo::handle)).await,
        "pieces" => run(service_fn(pieces::handle)).await,
        "records" => run(service_fn(records::handle)).await,
        other => Err(format!("there is no handler {other}").into()),
    }
}
