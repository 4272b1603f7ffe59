"""Holds the emulator's Kinesis against the service model in the installed botocore: every action, every member, each
constraint at and just past its bounds. Fails loudly, with everything that differs.

The model is read where pip put it; it is not ours to keep.
"""

import base64
import http.client
import json
import os
import re
import urllib.parse

import botocore
import botocore.session

OLDEST = (1, 44, 5)
ACCOUNT, REGION = "000000000000", "us-east-1"
ARN = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/"
# What any action may answer beside the errors that the model lists for it.
COMMON = {"ValidationException", "SerializationException"}
# Where we differ on purpose; `docs/fidelity.md` says why.
DIFFERENCES = {("StopStreamEncryption", "KeyId", "min")}

assert tuple(map(int, botocore.__version__.split(".")[:3])) >= OLDEST, botocore.__version__
model = botocore.session.get_session().get_service_model("kinesis")
endpoint = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port)
complaints, checked = [], 0


def call(action, document):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Kinesis_20131202.{action}"}
    connection.request("POST", "/", json.dumps(document), headers)
    answer = connection.getresponse()
    body = answer.read()
    if answer.getheader("Content-Type") == "application/vnd.amazon.eventstream":
        return answer.status, {}
    return answer.status, json.loads(body) if body else None


# Texts that have the form of a pattern, of any length that the pattern has. A pattern that is not here is new: think of a
# text for it.
def padded(start, end=""):
    return lambda length: start + "x" * (length - len(start) - len(end)) + end


FORMS = {
    None: (padded(""), None),
    r"[a-zA-Z0-9_.-]+": (padded(""), "a b"),
    r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+": (padded(ARN), "arn:aws:sqs:r:000000000000:stream/s"),
    r"arn:aws.*:kinesis:.*:\d{12}:.*(stream|channel|queue)/\S+": (padded(ARN), "arn:aws:kinesis:r:000000000000:s/s"),
    r"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+": (
        padded(ARN, "/consumer/c:1"),
        ARN + "s",
    ),
    r"[a-z0-9]{20}-[a-z0-9]{3}": (lambda length: "a" * 20 + "-" + "a" * (length - 21), "a-a"),
    r"^(0|([1-9]\d{0,38}))$": (lambda length: "1" * length, "01"),
    r"^(0|([1-9]\d{0,128}))$": (lambda length: "1" * length, "-1"),
}
FIXED_LENGTH = {r"[a-z0-9]{20}-[a-z0-9]{3}": 24}


def text(shape, length=None):
    pattern = shape.metadata.get("pattern")
    form, _ = FORMS[pattern]
    usual = FIXED_LENGTH.get(pattern) or max(shape.metadata.get("min", 1), len(form(0)) + 1)
    return form(usual if length is None else length)


def valid(shape, path=()):
    """A value that satisfies every constraint of the shape."""
    if shape.type_name == "structure":
        return {name: valid(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [valid(shape.member)] * max(1, shape.metadata.get("min", 1))
    if shape.type_name == "map":
        return {valid(shape.key): valid(shape.value)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else text(shape)
    return {"blob": "", "boolean": False, "timestamp": 1.0}.get(shape.type_name, shape.metadata.get("min", 1))


def sized(shape, length):
    """A value of that length; for numbers, that value."""
    if shape.type_name == "string":
        return text(shape, length)
    if shape.type_name == "blob":
        return base64.b64encode(bytes(length)).decode()
    if shape.type_name == "list":
        return [valid(shape.member)] * length
    if shape.type_name == "map":
        return {f"k{number}": valid(shape.value) for number in range(length)}
    return length


def spelled(path):
    """The path as messages spell it."""
    names = [part if isinstance(part, str) else f"{part + 1}.member" for part in path]
    return ".".join(name if name[0].isdigit() else name[0].lower() + name[1:] for name in names)


def put(document, path, value):
    copy = json.loads(json.dumps(document))
    place = copy
    for part in path[:-1]:
        place = place[part]
    if value is None:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return copy


class Action:
    def __init__(self, name):
        self.name = name
        self.operation = model.operation_model(name)
        self.input = self.operation.input_shape
        self.errors = {error.metadata.get("error", {}).get("code", error.name) for error in self.operation.error_shapes}

    def complain(self, document, what):
        complaints.append(f"{self.name} {json.dumps(document)[:300]}: {what}"[:700])

    def ask(self, document):
        global checked
        checked += 1
        status, answer = call(self.name, document)
        if status == 200:
            output = self.operation.output_shape
            if output is None and answer is not None:
                self.complain(document, f"answers {answer} where the model has no output")
            elif output is not None and not self.operation.has_event_stream_output:
                self.compare(document, output, answer)
            return None, ""
        code = answer["__type"]
        if code not in self.errors | COMMON and not (code == "InternalFailure" and "InternalFailureException" in self.errors):
            self.complain(document, f"{code} is not an error of this action")
        return code, answer.get("message") or answer.get("Message") or ""

    def compare(self, document, shape, value):
        """Every member that is answered is in the model, with its type; every required one is there."""
        if shape.type_name == "structure":
            for name in value.keys() - shape.members.keys():
                self.complain(document, f"answers {name}, which {shape.name} does not have")
            for name in set(shape.required_members) - value.keys():
                self.complain(document, f"does not answer {name} of {shape.name}")
            for name in value.keys() & shape.members.keys():
                self.compare(document, shape.members[name], value[name])
        elif shape.type_name == "list":
            for element in value:
                self.compare(document, shape.member, element)
        else:
            types = {"string": str, "blob": str, "map": dict, "boolean": bool, "timestamp": (int, float)}
            if not isinstance(value, types.get(shape.type_name, int)):
                self.complain(document, f"answers {value!r} for a {shape.type_name}")
            if getattr(shape, "enum", None) and value not in shape.enum:
                self.complain(document, f"answers {value!r}, which is not in {shape.enum}")

    def accepts(self, document):
        code, message = self.ask(document)
        if code == "SerializationException" or (code == "ValidationException" and "failed to satisfy" in message):
            self.complain(document, f"refused with {code}: {message}")

    def refuses(self, document, path, rules, value=None):
        code, message = self.ask(document)
        where = f" at '{spelled(path)}' failed to satisfy constraint: "
        one = "1 validation error detected: Value "
        said = message.removeprefix(one)
        if value is not None and not said.startswith(f"'{value}'{where}"):
            rules = [f"the value {value}"]
        if code != "ValidationException" or where not in message or not any(rule in message for rule in rules):
            self.complain(document, f"wanted{where}{' or '.join(rules)}, got {code}: {message[:300]}")
        if not message.startswith(one) and path and "satisfy regular" not in message:
            self.complain(document, f"more than one violation: {message[:300]}")

    def mistyped(self, document):
        code, message = self.ask(document)
        if code != "SerializationException":
            self.complain(document, f"wanted SerializationException, got {code}: {message}")

    def check(self):
        base = valid(self.input)
        self.accepts(base)
        self.structure(self.input, base, ())

    def structure(self, shape, document, path):
        for name, member in shape.members.items():
            at = (*path, name)
            if name in shape.required_members:
                self.refuses(put(document, at, None), at, ["Member must not be null"])
                self.refuses({**document, name: None} if not path else put(document, at, None), at, ["Member must not be null"])
            elif not path:
                self.accepts({**document, name: None})
            self.member(member, document, at)

    def member(self, shape, document, path):
        self.bounds(shape, document, path)
        kind = shape.type_name
        if kind == "string":
            _, wrong = FORMS[shape.metadata.get("pattern")]
            if wrong is not None:
                rule = f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"
                self.refuses(put(document, path, wrong), path, [rule], wrong)
            self.enumeration(shape, document, path)
            self.mistyped(put(document, path, True))
            self.mistyped(put(document, path, 7))
        elif kind in ("integer", "long"):
            self.accepts(put(document, path, valid(shape)))
            self.mistyped(put(document, path, "text"))
        elif kind == "boolean":
            self.accepts(put(document, path, True))
            self.mistyped(put(document, path, "maybe"))
        elif kind == "timestamp":
            self.accepts(put(document, path, 1.5))
            self.mistyped(put(document, path, "yesterday"))
        elif kind == "blob":
            self.mistyped(put(document, path, "A"))
        elif kind == "structure":
            self.mistyped(put(document, path, "text"))
            self.structure(shape, put(document, path, valid(shape)), path)
        elif kind == "list":
            self.mistyped(put(document, path, "text"))
            filled = put(document, path, valid(shape))
            if shape.member.type_name == "structure":
                self.structure(shape.member, filled, (*path, 0))
            else:
                self.element(shape.member, filled, path, lambda value: [value])
        elif kind == "map":
            self.mistyped(put(document, path, "text"))
            self.element(shape.key, document, path, lambda value: {value: valid(shape.value)})
            self.element(shape.value, document, path, lambda value: {"key": value})
        else:
            raise AssertionError(f"the model has a {kind} now")

    def element(self, shape, document, path, around):
        """A scalar in a list or a map: what it breaks is said of the whole."""
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if low is not None:
            self.accepts(put(document, path, around(sized(shape, low))))
        if low:
            self.refuses(put(document, path, around(sized(shape, low - 1))), path, [f"greater than or equal to {low}"])
        if high is not None:
            self.accepts(put(document, path, around(sized(shape, high))))
            self.refuses(put(document, path, around(sized(shape, high + 1))), path, [f"less than or equal to {high}"])
        for value in shape.enum if shape.type_name == "string" else []:
            self.accepts(put(document, path, around(value)))
        if shape.type_name == "string" and shape.enum:
            self.refuses(put(document, path, around("NO_SUCH")), path, ["enum value set"])

    def enumeration(self, shape, document, path):
        if not shape.enum:
            return
        for value in shape.enum:
            self.accepts(put(document, path, value))
        wrong = put(document, path, "NO_SUCH")
        self.refuses(wrong, path, ["Member must satisfy enum value set: ["], "NO_SUCH")
        _, message = self.ask(wrong)
        values = re.search(r"set: \[(.*)\]$", message)
        if not values or set(values[1].split(", ")) != set(shape.enum):
            self.complain(wrong, f"wanted {shape.enum}, got {message}")

    def bounds(self, shape, document, path):
        unit = "value" if shape.type_name in ("integer", "long") else "length"
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        pattern = shape.metadata.get("pattern")
        shortest = len(FORMS[pattern][0](0)) if pattern else 0
        differs = lambda bound: (self.name, path[-1], bound) in DIFFERENCES
        if low is not None and low >= shortest and pattern not in FIXED_LENGTH:
            self.accepts(put(document, path, sized(shape, low)))
        if low is not None and not differs("min") and (unit == "value" or low > 0):
            past = low - 1 if unit == "value" or shortest == 0 else 0
            if past == 0 and shape.type_name == "string":
                value = ""
            else:
                value = sized(shape, past)
            self.refuses(put(document, path, value), path, [f"Member must have {unit} greater than or equal to {low}"])
        if high is not None:
            self.accepts(put(document, path, sized(shape, high)))
            rule = f"Member must have {unit} less than or equal to {high}"
            self.refuses(put(document, path, sized(shape, high + 1)), path, [rule])
        # The longest that a pattern takes, where it has an end of its own.
        longest = re.search(r"\\d\{0,(\d+)\}", pattern or "")
        if longest:
            most = int(longest[1]) + 1
            self.accepts(put(document, path, text(shape, most)))
            value = text(shape, most + 1)
            self.refuses(put(document, path, value), path, ["regular expression pattern"], value)


# Something to ask about: most actions find nothing else than what constraints are about, but answers have shapes too.
def given(action, **document):
    status, answer = call(action, document)
    assert status == 200, (action, answer)
    return answer


given("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": "ENABLED"})
given("CreateStream", StreamName="full", StreamModeDetails={"StreamMode": "ON_DEMAND"}, WarmThroughputMiBps=5)
given("CreateStream", StreamName="plain", ShardCount=2, Tags={"a": "b"})
for stream in ("full", "plain"):
    while given("DescribeStreamSummary", StreamName=stream)["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        pass
consumer = given("RegisterStreamConsumer", StreamARN=ARN + "plain", ConsumerName="c")["Consumer"]["ConsumerARN"]
given("PutRecords", StreamName="plain", Records=[{"PartitionKey": "k", "Data": "AA=="}] * 3)
iterator = given("GetShardIterator", StreamName="plain", ShardId="0", ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
given("PutResourcePolicy", ResourceARN=ARN + "plain", Policy=json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kinesis:GetRecords", "Resource": ARN + "plain"}]}
))

actions = {name: Action(name) for name in model.operation_names}
missing = re.compile("Channel|Queue")
emulated = [action for name, action in actions.items() if not missing.search(name)]
assert len(emulated) >= 40, len(emulated)
for action in actions.values():
    if missing.search(action.name):
        status, answer = call(action.name, {})
        if status != 400 or "does not emulate" not in answer.get("message", ""):
            action.complain({}, f"answers {status} {answer}")

for name, document in {
    "DescribeAccountSettings": {},
    "DescribeLimits": {},
    "ListStreams": {},
    "DescribeStream": {"StreamName": "plain"},
    "DescribeStreamSummary": {"StreamName": "full"},
    "DescribeStreamConsumer": {"ConsumerARN": consumer},
    "ListStreamConsumers": {"StreamARN": ARN + "plain"},
    "ListShards": {"StreamName": "plain"},
    "ListTagsForStream": {"StreamName": "plain"},
    "ListTagsForResource": {"ResourceARN": ARN + "plain"},
    "GetResourcePolicy": {"ResourceARN": ARN + "plain"},
    "GetRecords": {"ShardIterator": iterator},
    "PutRecord": {"StreamName": "plain", "PartitionKey": "k", "Data": "AA=="},
    "EnableEnhancedMonitoring": {"StreamName": "plain", "ShardLevelMetrics": ["ALL"]},
    "DisableEnhancedMonitoring": {"StreamName": "plain", "ShardLevelMetrics": ["ALL"]},
    "UpdateShardCount": {"StreamName": "plain", "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"},
    "UpdateStreamWarmThroughput": {"StreamName": "full", "WarmThroughputMiBps": 6},
}.items():
    code, message = actions[name].ask(document)
    if code is not None:
        actions[name].complain(document, f"failed with {code}: {message}")

for action in emulated:
    if action.input.members:
        action.check()

assert not complaints, f"{len(complaints)} differences from the model of botocore {botocore.__version__}:\n" + "\n".join(complaints)
assert checked > 1000, checked
print("the model is content")
