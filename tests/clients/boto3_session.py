"""A session with the emulator through boto3: create, put, get, page, subscribe, reshard, delete. Fails loudly."""

import time

import boto3
from botocore.exceptions import ClientError

kinesis = boto3.client("kinesis")


def until_active(stream):
    while True:
        time.sleep(0.06)  # An account may ask 20 times a second.
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        if summary["StreamStatus"] == "ACTIVE":
            return summary


def read(stream, shard, kind="TRIM_HORIZON", **more):
    iterator = kinesis.get_shard_iterator(StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)
    iterator, records = iterator["ShardIterator"], []
    while iterator:
        answer = kinesis.get_records(ShardIterator=iterator, Limit=7)
        if not answer["Records"] and "ChildShards" not in answer:
            return records
        records += answer["Records"]
        iterator = answer.get("NextShardIterator")
    return records


assert boto3.client("sts").get_caller_identity()["Account"] == "000000000000"

kinesis.create_stream(StreamName="s", ShardCount=2, Tags={"team": "mill"})
summary = until_active("s")
assert summary["OpenShardCount"] == 2 and summary["RetentionPeriodHours"] == 24, summary
arn = summary["StreamARN"]
assert kinesis.list_tags_for_stream(StreamName="s")["Tags"] == [{"Key": "team", "Value": "mill"}]

answer = kinesis.put_records(
    StreamARN=arn, Records=[{"PartitionKey": f"k{i}", "Data": f"{i}".encode()} for i in range(40)]
)
assert answer["FailedRecordCount"] == 0
put = {record["SequenceNumber"] for record in answer["Records"]}
shards = [shard["ShardId"] for shard in kinesis.list_shards(StreamName="s")["Shards"]]
got = {shard: read("s", shard) for shard in shards}
assert {record["SequenceNumber"] for records in got.values() for record in records} == put
assert sorted(int(r["Data"]) for records in got.values() for r in records) == list(range(40))
for records in got.values():
    numbers = [int(record["SequenceNumber"]) for record in records]
    assert numbers == sorted(numbers)
    after = read("s", shards[0], "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=got[shards[0]][0]["SequenceNumber"])
    assert after == got[shards[0]][1:]

consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
while kinesis.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] != "ACTIVE":
    time.sleep(0.06)
stream = kinesis.subscribe_to_shard(
    ConsumerARN=consumer, ShardId=shards[0], StartingPosition={"Type": "TRIM_HORIZON"}
)["EventStream"]
pushed = []
for event in stream:
    pushed += event["SubscribeToShardEvent"]["Records"]
    if len(pushed) >= len(got[shards[0]]):
        break
stream.close()
assert [r["SequenceNumber"] for r in pushed] == [r["SequenceNumber"] for r in got[shards[0]]]

kinesis.update_shard_count(StreamName="s", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
assert until_active("s")["OpenShardCount"] == 4
shards = kinesis.list_shards(StreamName="s")["Shards"]
assert len(shards) == 6 and sum("ParentShardId" in shard for shard in shards) == 4
assert len(read("s", "shardId-000000000000")) == len(got["shardId-000000000000"]), "the parent stays readable"

try:
    kinesis.delete_stream(StreamName="s")
    raise AssertionError("a stream with consumers must not go")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ResourceInUseException", error
kinesis.delete_stream(StreamName="s", EnforceConsumerDeletion=True)
kinesis.get_waiter("stream_not_exists").wait(StreamName="s", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200})
assert kinesis.list_streams()["StreamNames"] == []
print("boto3 is content")
