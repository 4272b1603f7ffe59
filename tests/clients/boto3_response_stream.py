"""Reads answers that a function writes piece by piece, and says in a file how many pieces have arrived."""

import os
import sys
import time

import boto3
from botocore.config import Config

ARRIVED = sys.argv[1]
MIB = 1024 * 1024
client = boto3.client("lambda", config=Config(read_timeout=30, retries={"total_max_attempts": 1}))


def invoke(event, on_length=lambda length: None):
    """The body of the answer, behind its prelude, and the last event."""
    answer = client.invoke_with_response_stream(FunctionName="f", Payload=event, LogType="Tail")
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST", answer
    data, complete, start = bytearray(), None, None
    for event in answer["EventStream"]:
        assert complete is None, "something comes behind the end"
        if "InvokeComplete" in event:
            complete = event["InvokeComplete"]
            continue
        data += event["PayloadChunk"]["Payload"]
        if start is None and bytes(8) in data:
            start = data.index(bytes(8)) + 8
        if start is not None:
            on_length(len(data) - start)
    return bytes(data[start:]), complete


def say_arrived(length):
    with open(ARRIVED, "wb") as file:
        file.write(b"x" * length)


body, complete = invoke('{"pieces": 5, "piece": "x", "after": "%s"}' % ARRIVED, say_arrived)
assert body == b"xxxxx", body
assert "ErrorCode" not in complete and complete["LogResult"], complete

os.remove(ARRIVED)
body, complete = invoke('{"pieces": 2, "piece": "y", "after": "%s", "fails": true}' % ARRIVED, say_arrived)
assert body == b"yy" and complete["ErrorCode"] == "Runtime.TruncatedResponse", (body, complete)

# More than anybody should keep. The function goes on writing while nobody reads.
pauses = iter([2])
body, complete = invoke(
    '{"pieces": 2048, "piece": "%s"}' % ("z" * 65536), lambda length: time.sleep(next(pauses, 0))
)
assert len(body) == 128 * MIB and "ErrorCode" not in complete, (len(body), complete)
