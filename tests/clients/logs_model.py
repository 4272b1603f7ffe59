"""Holds the constraints of CloudWatch Logs against the service model in the installed botocore: every action that we have,
every member of its input, just at and just past its bounds. Fails loudly, with everything that differs.
"""

import http.client
import json
import os
import urllib.parse

import botocore.session

ACTIONS = """CreateLogGroup CreateLogStream DeleteLogGroup DeleteLogStream DeleteRetentionPolicy DescribeLogGroups
DescribeLogStreams FilterLogEvents GetLogEvents ListTagsForResource ListTagsLogGroup PutLogEvents
PutLogGroupDeletionProtection PutRetentionPolicy TagLogGroup TagResource UntagLogGroup UntagResource""".split()

model = botocore.session.get_session().get_service_model("logs")
endpoint = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port)
complaints, checked = [], 0


def call(action, document):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Logs_20140328.{action}"}
    connection.request("POST", "/", json.dumps(document), headers)
    answer = connection.getresponse()
    body = answer.read()
    return answer.status, json.loads(body) if body else {}


def valid(shape):
    """A value that satisfies every constraint of the shape."""
    if shape.type_name == "structure":
        return {name: valid(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [valid(shape.member)]
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    return {"map": {"a": "b"}, "boolean": False}.get(shape.type_name, 1)


def sized(shape, length):
    """A value of that length; for numbers, that value."""
    if shape.type_name == "string":
        return "x" * length
    if shape.type_name == "list":
        return [valid(shape.member)] * length
    if shape.type_name == "map":
        return {f"k{number}": "v" for number in range(length)}
    return length


def check(action, document, accepted):
    """Whatever else comes of it, the input breaks a constraint or it does not."""
    global checked
    checked += 1
    status, answer = call(action, document)
    refused = "validation error" in answer.get("message", "")
    if status == 500 or refused == accepted or refused and answer["__type"] != "InvalidParameterException":
        complaints.append(f"{action} {json.dumps(document)[:200]}: {status} {json.dumps(answer)[:300]}")


for action in ACTIONS:
    shape = model.operation_model(action).input_shape
    usual = valid(shape)
    check(action, usual, True)
    for name, member in shape.members.items():
        with_value = lambda value: {**usual, name: value}
        if name in shape.required_members:
            check(action, {key: value for key, value in usual.items() if key != name}, False)
        if getattr(member, "enum", None):
            for value in member.enum:
                check(action, with_value(value), True)
            check(action, with_value("NO_SUCH"), False)
            continue
        low, high = member.metadata.get("min"), member.metadata.get("max")
        if high is not None:
            check(action, with_value(sized(member, high)), True)
            check(action, with_value(sized(member, high + 1)), False)
        if low:
            check(action, with_value(sized(member, low - 1)), False)
        if member.type_name == "string" and "pattern" in member.metadata:
            check(action, with_value('*:"{'), False)

assert not complaints, f"{len(complaints)} differences from the model:\n" + "\n".join(complaints)
assert checked > 150, checked
print("the model is content")
