"""What becomes of records and events that a function fails on: documents in a queue, in a bucket, and through a topic.

Talks to whatever AWS_ENDPOINT_URL names, as any program would.
"""

import io
import json
import time
import zipfile

import boto3

lambda_, kinesis, sqs, sns, s3 = (boto3.client(name) for name in ("lambda", "kinesis", "sqs", "sns", "s3"))
ROLE = "arn:aws:iam::000000000000:role/any"


def function(name):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", "def handler(event, context):\n    raise ValueError('on purpose')\n")
    lambda_.create_function(
        FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE, Code={"ZipFile": archive.getvalue()}
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def queue(name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def message(url):
    for _ in range(6):
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10).get("Messages", [])
        if got:
            return json.loads(got[0]["Body"])
    raise AssertionError(f"nothing comes into {url}")


def mapping(name, stream, destination):
    return lambda_.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": destination}},
    )["UUID"]


kinesis.create_stream(StreamName="s", ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
stream = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
function("queued")
function("stored")
parked, parked_arn = queue("parked")
s3.create_bucket(Bucket="failures")
mapping("queued", stream, parked_arn)
stored = mapping("stored", stream, "arn:aws:s3:::failures")
put = kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"poison")

document = message(parked)
batch = document["KinesisBatchInfo"]
assert document["requestContext"]["condition"] == "RetryAttemptsExhausted", document
assert document["requestContext"]["functionArn"].endswith(":function:queued"), document
assert document["responseContext"]["functionError"] == "Unhandled", document
assert batch["streamArn"] == stream and batch["shardId"] == put["ShardId"] and batch["batchSize"] == 1, batch
assert batch["startSequenceNumber"] == batch["endSequenceNumber"] == put["SequenceNumber"], batch

for _ in range(300):
    objects = s3.list_objects_v2(Bucket="failures", Prefix=f"aws/lambda/{stored}/").get("Contents", [])
    if objects:
        break
    time.sleep(0.1)
[found] = objects
content = json.loads(s3.get_object(Bucket="failures", Key=found["Key"])["Body"].read())
assert content["KinesisBatchInfo"]["startSequenceNumber"] == put["SequenceNumber"], content
# In a bucket there is room for the records themselves.
assert "poison" in content["payload"] or "cG9pc29u" in content["payload"], content

heard, heard_arn = queue("heard")
topic = sns.create_topic(Name="failures")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard_arn)
lambda_.put_function_event_invoke_config(
    FunctionName="queued", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": topic}}
)
lambda_.invoke(FunctionName="queued", InvocationType="Event", Payload=b'{"asked": 1}')
envelope = message(heard)
failure = json.loads(envelope["Message"])
assert envelope["TopicArn"] == topic and failure["requestPayload"] == {"asked": 1}, envelope
assert failure["requestContext"]["condition"] == "RetriesExhausted", failure
assert failure["responsePayload"]["errorMessage"] == "on purpose", failure

# What the function printed is in its log group.
logs = boto3.client("logs")
for _ in range(100):
    events = logs.filter_log_events(logGroupName="/aws/lambda/queued")["events"]
    said = "\n".join(event["message"] for event in events)
    if "ValueError" in said and "REPORT RequestId" in said:
        break
    time.sleep(0.1)
else:
    raise AssertionError(said)

print("boto3 is content")
