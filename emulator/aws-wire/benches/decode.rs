//! A PutRecords body, read the short way and the general one. `cargo bench -p aws-wire`.

use aws_wire::{Encoded, base64_text, scan};
use ciborium::Value as Cbor;
use criterion::{Criterion, Throughput};
use serde_json::Value;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut data = Vec::new();
    base64_text::encode_onto(&mut data, &[7; 1024]);
    let data = String::from_utf8(data).expect("base64 is ASCII");
    let record = format!(r#"{{"PartitionKey":"0123456789abcdef","Data":"{data}"}}"#);
    let body = format!(r#"{{"StreamName":"s","Records":[{}]}}"#, vec![record.as_str(); 500].join(","));
    let record = Cbor::Map(vec![
        ("PartitionKey".into(), "0123456789abcdef".into()),
        ("Data".into(), Cbor::Bytes(vec![7; 1024])),
    ]);
    let records =
        Cbor::Map(vec![("StreamName".into(), "s".into()), ("Records".into(), Cbor::Array(vec![record; 500]))]);
    let mut cbor = Vec::new();
    ciborium::into_writer(&records, &mut cbor).expect("a valid document");
    let (json, cbor) = (Encoded::json(body.clone()), Encoded::cbor(cbor));
    let mut group = criterion.benchmark_group("decode PutRecords 500 of 1 KiB");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("scan and base64", |bench| bench.iter(|| short(&json).expect("a plain body").len()));
    group.bench_function("scan CBOR", |bench| bench.iter(|| short(&cbor).expect("a plain body").len()));
    group.bench_function("document", |bench| {
        bench.iter(|| serde_json::from_slice::<Value>(body.as_bytes()).expect("a valid body"));
    });
    group.finish();
    criterion.final_summary();
}

/// All data of the body in one piece.
fn short(body: &Encoded) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(body.bytes.len());
    scan::document(body, |scanner, name| match name {
        b"Records" => scanner.array(|scanner| {
            scanner.object(|scanner, name| match name {
                b"Data" => scanner.blob()?.decode_onto(&mut bytes),
                _ => scanner.text().map(drop),
            })
        }),
        _ => scanner.text().map(drop),
    })?;
    Some(bytes)
}
