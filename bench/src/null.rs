//! The limit: a server on the HTTP stack of the emulator that reads a body and answers as many bytes as the emulator
//! would. No server on this stack can be quicker.

use std::convert::Infallible;

use anyhow::Result;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::TcpListener;

/// What the emulator answers to each action, as far as sizes go and the load generator reads it.
struct Answers {
    put_record: Bytes,
    put_records: Bytes,
    get_records: Bytes,
}

impl Answers {
    fn new() -> Self {
        let number = "49".repeat(28);
        let record = format!(r#"{{"SequenceNumber":"{number}","ShardId":"shardId-000000000000"}}"#);
        let records = vec![record.as_str(); 500].join(",");
        let data = "A".repeat(1024_usize.div_ceil(3) * 4);
        let stored = format!(
            r#"{{"SequenceNumber":"{number}","ApproximateArrivalTimestamp":1700000000.123,"Data":"{data}","PartitionKey":"0123456789abcdef"}}"#
        );
        let page = vec![stored.as_str(); 10_000].join(",");
        Self {
            put_record: record.into(),
            put_records: format!(r#"{{"FailedRecordCount":0,"Records":[{records}]}}"#).into(),
            get_records: format!(r#"{{"Records":[{page}],"MillisBehindLatest":0}}"#).into(),
        }
    }

    fn to(&self, action: &str) -> Bytes {
        match action {
            "PutRecord" => self.put_record.clone(),
            "PutRecords" => self.put_records.clone(),
            "GetRecords" => self.get_records.clone(),
            "DescribeStreamSummary" => {
                Bytes::from_static(br#"{"StreamDescriptionSummary":{"StreamStatus":"ACTIVE","StreamARN":"null"}}"#)
            }
            "GetShardIterator" => Bytes::from_static(br#"{"ShardIterator":"null"}"#),
            _ => Bytes::new(),
        }
    }
}

/// Serves until it is killed.
pub(crate) fn run() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on http://{}", listener.local_addr()?);
        let answers: &Answers = Box::leak(Box::new(Answers::new()));
        let connections = auto::Builder::new(TokioExecutor::new());
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let service = service_fn(move |request| answer(answers, request));
            tokio::spawn(connections.serve_connection(TokioIo::new(stream), service).into_owned());
        }
    })
}

async fn answer(answers: &'static Answers, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
    let answer = answers.to(target.split('.').nth(1).unwrap_or_default());
    let mut body = request.into_body();
    // Looked at and dropped, as it comes. An error ends the connection.
    while let Some(Ok(_)) = body.frame().await {}
    Ok(Response::new(Full::new(answer)))
}
