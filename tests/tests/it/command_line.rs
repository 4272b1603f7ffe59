//! The AWS CLI, as people type it.

use acceptance::{Emulator, zip};
use serde_json::{Value, json};

use crate::stage::{Stage, client, encrypted, run};

struct Cli<'a>(&'a Stage, &'a Emulator);

impl Cli<'_> {
    #[track_caller]
    fn says(&self, arguments: &str) -> Value {
        let words: Vec<&str> = arguments.split(' ').collect();
        let said =
            run(client("aws", self.1, self.0.path()).args(words).args(["--output", "json"]).current_dir(self.0.path()));
        serde_json::from_str(&said).unwrap_or(Value::Null)
    }

    #[track_caller]
    fn fails(&self, arguments: &str) -> String {
        let words: Vec<&str> = arguments.split(' ').collect();
        let output = client("aws", self.1, self.0.path()).args(words).output().unwrap();
        assert!(!output.status.success(), "{arguments} should fail");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

#[test]
fn streams_and_records() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let aws = Cli(&stage, &emulator);
    aws.says("kinesis create-stream --stream-name s --shard-count 1");
    aws.says("kinesis wait stream-exists --stream-name s");
    let put = aws.says("kinesis put-record --stream-name s --partition-key k --data hello");
    assert_eq!(put["ShardId"], "shardId-000000000000");
    let iterator = aws.says(
        "kinesis get-shard-iterator --stream-name s --shard-id shardId-000000000000 --shard-iterator-type TRIM_HORIZON",
    );
    let records =
        aws.says(&format!("kinesis get-records --shard-iterator {}", iterator["ShardIterator"].as_str().unwrap()));
    assert_eq!(records["Records"][0]["Data"], "aGVsbG8=");
    assert_eq!(records["Records"][0]["SequenceNumber"], put["SequenceNumber"]);
    let said = aws.fails("kinesis describe-stream --stream-name gone");
    assert!(
        said.contains("(ResourceNotFoundException)")
            && said.contains("Stream gone under account 000000000000 not found."),
        "{said}"
    );
    aws.says("kinesis delete-stream --stream-name s");
}

/// From the first stream to the last, over TLS.
#[test]
fn a_session_over_tls() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let says = |arguments: &str| {
        let mut aws = client("aws", &emulator, stage.path());
        encrypted(&mut aws, &emulator);
        let said = run(aws.arg("kinesis").args(arguments.split(' ')).args(["--output", "json"]));
        serde_json::from_str(&said).unwrap_or(Value::Null)
    };
    says("create-stream --stream-name s --shard-count 2");
    says("wait stream-exists --stream-name s");
    let put = says("put-records --stream-name s --records Data=one,PartitionKey=a Data=two,PartitionKey=b");
    assert_eq!((&put["FailedRecordCount"], &put["Records"][1]["ShardId"]), (&json!(0), &json!("shardId-000000000001")));
    let at = "--stream-name s --shard-id shardId-000000000000 --shard-iterator-type TRIM_HORIZON";
    let iterator = says(&format!("get-shard-iterator {at}"));
    let records = says(&format!("get-records --shard-iterator {}", iterator["ShardIterator"].as_str().unwrap()));
    assert_eq!(records["Records"][0]["Data"], "b25l");
    says(
        "merge-shards --stream-name s --shard-to-merge shardId-000000000000 --adjacent-shard-to-merge shardId-000000000001",
    );
    says("wait stream-exists --stream-name s");
    let page = says("list-shards --stream-name s --max-items 2");
    assert_eq!(page["Shards"].as_array().unwrap().len(), 2);
    let rest = says(&format!("list-shards --stream-name s --starting-token {}", page["NextToken"].as_str().unwrap()));
    assert_eq!(rest["Shards"][0]["AdjacentParentShardId"], "shardId-000000000001");
    says("delete-stream --stream-name s");
}

#[test]
fn identity_roles_and_functions() {
    let stage = Stage::new();
    let emulator = stage.emulator();
    let aws = Cli(&stage, &emulator);
    assert_eq!(aws.says("sts get-caller-identity")["Account"], "000000000000");
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]});
    let role = aws.says(&format!(
        "iam create-role --role-name r --assume-role-policy-document {}",
        trust.to_string().replace(' ', "")
    ));
    let arn = role["Role"]["Arn"].as_str().unwrap();
    zip(&stage.path().join("f.zip"), &[("f.py", "def handle(event, context):\n    return {'echo': event}\n")]).unwrap();
    aws.says(&format!("lambda create-function --function-name f --runtime python3.12 --handler f.handle --role {arn} --zip-file fileb://f.zip"));
    aws.says("lambda wait function-active-v2 --function-name f");
    let answer = aws.says("lambda invoke --function-name f --payload {\"a\":1} out.json");
    assert_eq!(answer["StatusCode"], 200);
    let out: Value = serde_json::from_str(&std::fs::read_to_string(stage.path().join("out.json")).unwrap()).unwrap();
    assert_eq!(out, json!({"echo": {"a": 1}}));
    let said = aws.fails("lambda get-function --function-name gone");
    assert!(said.contains("Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone"), "{said}");
}
