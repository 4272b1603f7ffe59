"""A session with CloudWatch Logs through boto3, and what `aws logs tail` does, which is not in every AWS CLI. Fails loudly."""

import time

import boto3
from botocore.exceptions import ClientError

logs = boto3.client("logs")
group, arn = "/aws/lambda/mine", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/mine"


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"not refused: {code}")


def tail(**arguments):
    """Every event of the group, the way that `aws logs tail` asks: from a time on, without what was seen."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupIdentifier=arn, interleaved=True, **arguments)
    return [event for page in pages for event in page["events"]]


logs.create_log_group(logGroupName=group, tags={"a": "1"})
refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=group)
refused("InvalidParameterException", logs.create_log_group, logGroupName="no spaces")
logs.put_retention_policy(logGroupName=group, retentionInDays=7)
described = logs.describe_log_groups(logGroupNamePrefix="/aws/")["logGroups"]
assert [(entry["logGroupName"], entry["retentionInDays"]) for entry in described] == [(group, 7)], described
assert described[0]["arn"] == arn + ":*" and described[0]["logGroupArn"] == arn, described
assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1"}
logs.tag_resource(resourceArn=arn, tags={"b": "2"})
logs.untag_resource(resourceArn=arn, tagKeys=["a"])
assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"b": "2"}

now = int(time.time() * 1000)
for stream in ["one", "two"]:
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    events = [{"timestamp": now - 500 + number, "message": f"{stream} {number}"} for number in range(250)]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
refused("ResourceNotFoundException", logs.put_log_events, logGroupName=group, logStreamName="x", logEvents=events)

seen = tail()
assert len(seen) == 500 and [event["timestamp"] for event in seen] == sorted(event["timestamp"] for event in seen)
assert len({event["eventId"] for event in seen}) == 500
assert [event["message"] for event in tail(filterPattern='"one 24" -249')] == ["one 24"] + [f"one {n}" for n in range(240, 249)]
assert len(tail(logStreamNamePrefix="tw", startTime=now - 500 + 200)) == 50
last = seen[-1]["timestamp"]
logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[{"timestamp": now, "message": "new"}])
assert [event["message"] for event in tail(startTime=last + 1)] == ["new"]

# A stream page by page, both ways.
found, token = [], {"startFromHead": True}
while True:
    page = logs.get_log_events(logGroupName=group, logStreamName="two", limit=100, **token)
    if page["nextForwardToken"] == token.get("nextToken"):
        break
    found += [event["message"] for event in page["events"]]
    token = {"nextToken": page["nextForwardToken"]}
assert found == [f"two {number}" for number in range(250)], found
page = logs.get_log_events(logGroupName=group, logStreamName="two", limit=2)
assert [event["message"] for event in page["events"]] == ["two 248", "two 249"], page

streams = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
assert [stream["logStreamName"] for stream in streams] == ["one", "two"], streams
logs.delete_log_stream(logGroupName=group, logStreamName="two")
assert len(tail()) == 251
logs.delete_log_group(logGroupName=group)
assert logs.describe_log_groups()["logGroups"] == []
print("boto3 is content")
