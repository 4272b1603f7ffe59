//! A PutRecords body, read the short way and the general one. `cargo bench -p aws-wire`.

use aws_wire::{base64_text, scan};
use criterion::{Criterion, Throughput};
use serde_json::Value;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut data = Vec::new();
    base64_text::encode_onto(&mut data, &[7; 1024]);
    let data = String::from_utf8(data).expect("base64 is ASCII");
    let record = format!(r#"{{"PartitionKey":"0123456789abcdef","Data":"{data}"}}"#);
    let body = format!(r#"{{"StreamName":"s","Records":[{}]}}"#, vec![record.as_str(); 500].join(","));
    let mut group = criterion.benchmark_group("decode PutRecords 500 of 1 KiB");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("scan and base64", |bench| bench.iter(|| short(body.as_bytes()).expect("a plain body").len()));
    group.bench_function("document", |bench| {
        bench.iter(|| serde_json::from_slice::<Value>(body.as_bytes()).expect("a valid body"));
    });
    group.finish();
    criterion.final_summary();
}

/// All data of the body in one piece.
fn short(body: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(body.len());
    scan::document(body, |scanner, name| match name {
        b"Records" => scanner.array(|scanner| {
            scanner.object(|scanner, name| match name {
                b"Data" => base64_text::decode_onto(&mut bytes, scanner.unescaped()?),
                _ => scanner.text().map(drop),
            })
        }),
        _ => scanner.text().map(drop),
    })?;
    Some(bytes)
}
