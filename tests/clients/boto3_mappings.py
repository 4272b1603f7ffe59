"""Event source mappings over the front door: what is asked for holds, from the first record to the log group. Fails loudly.

Talks to whatever AWS_ENDPOINT_URL names, as any program would.
"""

import io
import json
import time
import zipfile
from datetime import datetime, timezone

import boto3
from botocore.exceptions import ClientError

lambda_, kinesis, kms, logs = (boto3.client(name) for name in ("lambda", "kinesis", "kms", "logs"))
ROLE = "arn:aws:iam::000000000000:role/any"
CODE = """import base64
def handler(event, context):
    for record in event["Records"]:
        if record["kinesis"]["partitionKey"] == "poison":
            raise ValueError("on purpose")
        print("GOT", base64.b64decode(record["kinesis"]["data"]).decode(), record["eventSourceARN"])
"""


def function(name):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        code.writestr("index.py", CODE)
    lambda_.create_function(
        FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE, Code={"ZipFile": archive.getvalue()}
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def until(what, look):
    for _ in range(600):
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited for {what}")


def mapping(name, source, **settings):
    made = lambda_.create_event_source_mapping(FunctionName=name, EventSourceArn=source, **settings)
    # Terraform replaces a mapping whose position is not told.
    assert made["StartingPosition"] == settings["StartingPosition"], made
    return until("Enabled", lambda: (now := get(made)) and now["State"] == "Enabled" and now)


def get(made):
    return lambda_.get_event_source_mapping(UUID=made["UUID"])


def put(data, key="k"):
    return kinesis.put_record(StreamName="s", PartitionKey=key, Data=data.encode())


class Follower:
    """Follows a log group the way that `aws logs tail --follow` does, which is in another AWS CLI than ours: page by page from
    the time of the newest event on, and without the events of that time that it has shown."""

    def __init__(self, group):
        self.group, self.since, self.shown, self.lines = group, 0, set(), []

    def poll(self):
        try:
            request = dict(logGroupName=self.group, interleaved=True, startTime=self.since)
            for page in logs.get_paginator("filter_log_events").paginate(**request, PaginationConfig={"PageSize": 3}):
                for event in page["events"]:
                    if event["eventId"] in self.shown:
                        continue
                    if event["timestamp"] > self.since:
                        self.since, self.shown = event["timestamp"], set()
                    self.shown.add(event["eventId"])
                    self.lines.append(event["message"].rstrip())
        except logs.exceptions.ResourceNotFoundException:
            pass
        return [line.split(" ") for line in self.lines if line.startswith("GOT ")]

    def until(self, count):
        return until(f"{count} records of {self.group}", lambda: len(got := self.poll()) >= count and got)


kinesis.create_stream(StreamName="s", ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
stream = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
consumer = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
until("the consumer", lambda: kinesis.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]["ConsumerStatus"] == "ACTIVE")
put("early")
# Times on the way have whole seconds.
time.sleep(1.1)
start = datetime.now(timezone.utc)
put("late")

# From a time on, through a consumer; counted, as far as that is asked for.
function("timed")
timed = mapping(
    "timed", consumer, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=start, MetricsConfig={"Metrics": ["EventCount"]}
)
assert timed["MetricsConfig"] == {"Metrics": ["EventCount"]}, timed
assert abs(timed["StartingPositionTimestamp"] - start).total_seconds() < 1, timed
follower = Follower("/aws/lambda/timed")
assert [word[1:] for word in follower.until(1)] == [["late", consumer]]
for number in range(20):
    put(str(number))
got = follower.until(21)
assert [word[1] for word in got] == ["late"] + [str(number) for number in range(20)], got
assert lambda_.update_event_source_mapping(UUID=timed["UUID"], MetricsConfig={"Metrics": []}).get("MetricsConfig") is None

# Filters under a key: they hold, and only who may use the key sees them.
key = kms.create_key()["KeyMetadata"]["Arn"]
filters = {"Filters": [{"Pattern": json.dumps({"data": {"kind": ["wanted"]}})}]}
function("filtered")
filtered = mapping("filtered", stream, StartingPosition="LATEST", FilterCriteria=filters, KMSKeyArn=key)
assert (filtered["FilterCriteria"], filtered["KMSKeyArn"]) == (filters, key), filtered
[listed] = lambda_.list_event_source_mappings(FunctionName="filtered")["EventSourceMappings"]
assert "FilterCriteria" not in listed and listed["KMSKeyArn"] == key, listed
put(json.dumps({"kind": "other"}), key="poison")
put("no json", key="poison")
put('{"kind":"wanted"}')
assert [word[1] for word in Follower("/aws/lambda/filtered").until(1)] == ['{"kind":"wanted"}']
kms.disable_key(KeyId=key)
error = get(filtered)["FilterCriteriaError"]
assert error["ErrorCode"] == "DisabledException" and key in error["Message"], error
try:
    lambda_.update_event_source_mapping(UUID=filtered["UUID"], FilterCriteria=filters)
except ClientError as refused:
    assert refused.response["Error"]["Code"] == "InvalidParameterValueException", refused
else:
    raise AssertionError("a disabled key keeps filters")
kms.enable_key(KeyId=key)
assert get(filtered)["FilterCriteria"] == filters

# A function that fails does not count as one that succeeded.
function("failing")
failing = mapping("failing", stream, StartingPosition="LATEST", BatchSize=1, MaximumRetryAttempts=1)
put("bad", key="poison")
put("good")
until("the problem", lambda: get(failing)["LastProcessingResult"] == "PROBLEM: Function call failed")
follower = Follower("/aws/lambda/failing")
assert [word[1] for word in follower.until(1)] == ["good"]
assert sum("[ERROR] ValueError" in line for line in follower.lines) == 2, follower.lines

print("boto3 is content")
