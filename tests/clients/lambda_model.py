"""Holds the emulator's Lambda against the service model in the installed botocore: every action that we have, every member,
each constraint at and just past its bounds, over HTTP as the model binds it. Fails loudly, with everything that differs.

The model is read where pip put it; it is not ours to keep.
"""

import base64
import http.client
import io
import json
import os
import re
import urllib.parse
import zipfile

import botocore
import botocore.session

OLDEST = (1, 44, 5)
ACCOUNT, REGION = "000000000000", "us-east-1"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/"
# Families of actions that are not here, as docs/fidelity.md says; everything else is.
MISSING = re.compile(
    "CapacityProvider|CodeSigningConfig$|CodeSigningConfigs$|DurableExecution|FunctionsByCodeSigning|FunctionUrlConfig"
    "|ProvisionedConcurrency|RecursionConfig|ScalingConfig|RuntimeManagementConfig|ResourcePolicy"
)
PRESENT = {"GetFunctionCodeSigningConfig"}
# What any action may answer beside the errors that the model lists for it.
COMMON = {"ValidationException", "SerializationException", "InvalidParameterValueException"}
# Members that are refused by name if they say anything, and so not looked into.
REFUSED = {
    "CreateEventSourceMapping": {
        "Topics", "Queues", "SourceAccessConfigurations", "SelfManagedEventSource", "AmazonManagedKafkaEventSourceConfig",
        "SelfManagedKafkaEventSourceConfig", "ScalingConfig", "DocumentDBEventSourceConfig", "LoggingConfig",
        "ProvisionedPollerConfig",
    },
    "CreateFunction": {
        "ImageConfig", "CodeSigningConfigArn", "FileSystemConfigs", "CapacityProviderConfig", "DurableConfig", "TenancyConfig",
        "RuntimeConfig", "AcceleratorConfig",
    },
}
REFUSED["UpdateEventSourceMapping"] = REFUSED["CreateEventSourceMapping"]
REFUSED["UpdateFunctionConfiguration"] = REFUSED["CreateFunction"]
# Where we differ on purpose. The model leaves room for sizes that only managed instances have; a function that is none is bounded
# as it always was. Invocations of durable executions and of tenants do not get as far as these names.
DIFFERENCES = {
    ("CreateFunction", "Timeout"), ("CreateFunction", "MemorySize"), ("CreateFunction", "EphemeralStorage"),
    ("UpdateFunctionConfiguration", "Timeout"), ("UpdateFunctionConfiguration", "MemorySize"),
    ("UpdateFunctionConfiguration", "EphemeralStorage"), ("Invoke", "DurableExecutionName"), ("Invoke", "TenantId"),
    ("InvokeWithResponseStream", "TenantId"),
}
# Where AWS itself answers otherwise than its model says.
ANSWERS = {("LastUpdateStatusReasonCode", "Creating"), ("GetFunctionCodeSigningConfigResponse", "CodeSigningConfigArn")}

assert tuple(map(int, botocore.__version__.split(".")[:3])) >= OLDEST, botocore.__version__
model = botocore.session.get_session().get_service_model("lambda")
endpoint = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port)
complaints, checked = [], 0

# How long a text of each pattern may be made, what it usually is, and a text that is not of it. A pattern that is not here is
# new: think of texts for it.
def padded(start, end=""):
    return lambda length: start + "x" * (length - len(start) - len(end)) + end


def function_name(length):
    """A bare name is 64 characters long at most; a longer text is an ARN with a long qualifier."""
    return "x" * length if length <= 64 else (ARN + "function:f:").ljust(length, "x")


AT = r"(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}"
FUNCTION = f"(arn:(aws[a-zA-Z-]*)?:lambda:)?({AT}:)?(\\d{{12}}:)?(function:)?"
FORMS = {
    None: (padded(""), "x", None),
    ".*": (padded(""), "x", None),
    r"[\s\S]*": (padded(""), '{"partitionKey":["a"]}', None),
    FUNCTION + r"([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?": (function_name, "f", "a b"),
    FUNCTION + r"([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?": (function_name, "f", "a b"),
    f"(arn:(aws[a-zA-Z-]*)?:lambda:{AT}:\\d{{12}}:layer:[a-zA-Z0-9-_]{{1,140}}|[a-zA-Z0-9-_]{{1,140}})": (None, "l", "a b"),
    f"((arn:(aws[a-zA-Z-]*)?:lambda:{AT}:\\d{{12}}:layer:[a-zA-Z0-9-_]+:[0-9]+)|(arn:[a-zA-Z0-9-]+:lambda:::awslayer:[a-zA-Z0-9-_]+))":
        (padded(ARN + "layer:", ":1"), ARN + "layer:l:1", ARN + "layer:l"),
    "([a-zA-Z0-9-_]+)": (padded(""), "s", "a.b"),
    "([a-zA-Z0-9-_.]+)": (padded(""), "s", "a+b"),
    "lambda:GetLayerVersion": (None, "lambda:GetLayerVersion", "lambda:Invoke"),
    r"\d{12}|\*|arn:(aws[a-zA-Z-]*):iam::\d{12}:root": (None, "*", "everybody"),
    "o-[a-z0-9]{10,32}": (lambda length: "o-" + "a" * (length - 2), "o-aaaaaaaaaa", "o-AAAAAAAAAA"),
    "(lambda:[*]|lambda:[a-zA-Z]+|[*])": (padded("lambda:"), "lambda:InvokeFunction", "lambda:1"),
    r"[^\s]+": (padded(""), "x", "a b"),
    f"arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:({AT})?:(\\d{{12}})?:(.*)": (padded("arn:aws:s3:::"), "arn:aws:s3:::b", "b"),
    r"\d{12}": (None, ACCOUNT, "1"),
    r"[a-zA-Z0-9._\-]+": (padded(""), "x", "a b"),
    r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+": (padded(""), "$LATEST", "a b"),
    "(?!^[0-9]+$)([a-zA-Z0-9-_]+)": (padded(""), "a", "12"),
    r"(\$LATEST(\.PUBLISHED)?|[0-9]+)": (lambda length: "1" * length, "1", "a"),
    "[0-9]+": (lambda length: "1" * length, "1", "a"),
    "(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()": (padded("arn:aws:x:"), "arn:aws:sqs:us-east-1:000000000000:q", "q"),
    f"$|kafka://([^.]([a-zA-Z0-9\\-_.]{{0,248}}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:({AT})?:(\\d{{12}})?:(.*)":
        (padded("arn:aws:s3:::"), "arn:aws:s3:::b", "b"),
    r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)": (padded(""), "k", "a{b"),
    r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+": (padded(ROLE), ROLE + "r", "r"),
    r"[0-9A-Za-z\.\-_]*(?<!\.)": (padded(""), "bucket", "bucket."),
    "subnet-[0-9a-z]*": (padded("subnet-"), "subnet-1", "net"),
    "sg-[0-9a-zA-Z]*": (padded("sg-"), "sg-1", "g"),
    "[a-zA-Z]([a-zA-Z0-9_])+": (padded(""), "KEY", "1"),
    r"[\.\-_/#A-Za-z0-9]+": (padded(""), "/g", "a b"),
    r"arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:runtime/.+": (padded(ARN + "runtime/"), ARN + "runtime/" + "a" * 9, "r"),
    r"[a-zA-Z0-9-_]+": (padded(""), "x", "a b"),
    r"[a-zA-Z0-9\._:\/=+\-@ ]+": (padded(""), "x", "a{b"),
    f"ALL|{AT}": (None, "ALL", "x"),
    f"arn:(aws[a-zA-Z-]*):lambda:{AT}:\\d{{12}}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
    "|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}"
    "-[0-9a-fA-F]{12}|(capacity-provider|network-connector):[a-zA-Z0-9-_]{1,64})":
        (padded(ARN + "function:"), ARN + "function:f", "f"),
}


def text(shape):
    _, usual, _ = FORMS[shape.metadata.get("pattern")]
    return usual if len(usual) >= shape.metadata.get("min", 0) else usual.ljust(shape.metadata["min"], "x")


def valid(shape):
    """A value that satisfies every constraint of the shape."""
    if shape.type_name == "structure":
        return {name: valid(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [valid(shape.member)] * max(1, shape.metadata.get("min", 1))
    if shape.type_name == "map":
        return {valid(shape.key): valid(shape.value)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else text(shape)
    return {"blob": "", "boolean": False, "timestamp": 1.0, "double": 0.5}.get(shape.type_name, shape.metadata.get("min", 1))


def sized(shape, length):
    """A value of that length, or None if it cannot be made; for numbers, that value."""
    if shape.type_name == "string":
        make, usual, _ = FORMS[shape.metadata.get("pattern")]
        made = "" if length == 0 else make(length) if make else usual
        return made if len(made) == length else None
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


def plain(value):
    return str(value).lower() if isinstance(value, bool) else str(value)


class Action:
    def __init__(self, name):
        self.name = name
        self.operation = model.operation_model(name)
        self.input = self.operation.input_shape
        self.payload = self.input.serialization.get("payload")
        self.errors = {}
        for error in self.operation.error_shapes:
            facts = error.metadata.get("error", {})
            self.errors[facts.get("code", error.name)] = facts.get("httpStatusCode")

    def where(self, name):
        return self.input.members[name].serialization.get("location", "body")

    def call(self, document):
        """Sends the input where the model says that each member goes."""
        path, query, headers, body = self.operation.http["requestUri"], [], {"Content-Type": "application/json"}, {}
        path, _, fixed = path.partition("?")
        for name, value in document.items():
            member = self.input.members.get(name)
            location = member.serialization.get("location") if member else None
            wire = member.serialization.get("name", name) if member else name
            if location == "uri":
                path = path.replace("{" + wire + "}", urllib.parse.quote(plain(value), safe=""))
            elif location == "querystring":
                values = value if isinstance(value, list) else [value]
                query += [(wire, plain(value)) for value in values]
            elif location == "header":
                headers[wire] = plain(value)
            else:
                body[name] = value
        query = "&".join(part for part in (fixed, urllib.parse.urlencode(query)) if part)
        sent = base64.b64decode(body.get(self.payload, "")) if self.payload else json.dumps(body)
        method = self.operation.http["method"]
        sent = None if method == "GET" else sent
        connection.request(method, path + ("?" + query if query else ""), sent, headers)
        answer = connection.getresponse()
        content = answer.read()
        streams = answer.getheader("Content-Type") == "application/vnd.amazon.eventstream"
        is_output = answer.status < 300 and (streams or (self.payload and self.operation.output_shape.serialization.get("payload")))
        return answer, None if is_output or not content else json.loads(content)

    def complain(self, document, what):
        complaints.append(f"{self.name} {json.dumps(document)[:300]}: {what}"[:700])

    def ask(self, document):
        global checked
        checked += 1
        answer, content = self.call(document)
        if answer.status < 300:
            wanted = self.operation.http.get("responseCode", 200)
            if answer.status != wanted and self.name not in ("Invoke", "InvokeWithResponseStream"):
                self.complain(document, f"answers {answer.status} and not {wanted}")
            output = self.operation.output_shape
            if output is None and content is not None:
                self.complain(document, f"answers {content} where the model has no output")
            elif output is not None and content is not None:
                self.compare(document, output, content)
            return None, ""
        code = (answer.getheader("x-amzn-errortype") or "").split(":")[0]
        if code not in self.errors.keys() | COMMON:
            self.complain(document, f"{answer.status} {code} is not an error of this action: {content}")
        status = self.errors.get(code) or 400
        if answer.status != status:
            self.complain(document, f"{code} comes with {answer.status} and not {status}")
        return code, (content or {}).get("message") or (content or {}).get("Message") or ""

    def compare(self, document, shape, value):
        """Every member that is answered is in the model, with its type; every required one is there."""
        if shape.type_name == "structure":
            members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            for name in value.keys() - members.keys():
                self.complain(document, f"answers {name}, which {shape.name} does not have")
            for name in set(shape.required_members) - value.keys():
                if (shape.name, name) not in ANSWERS:
                    self.complain(document, f"does not answer {name} of {shape.name}")
            for name in value.keys() & members.keys():
                self.compare(document, members[name], value[name])
        elif shape.type_name == "list":
            for element in value:
                self.compare(document, shape.member, element)
        elif value is not None:
            types = {
                "string": str, "blob": str, "map": dict, "boolean": bool, "timestamp": (int, float), "double": (int, float)
            }
            if not isinstance(value, types.get(shape.type_name, int)):
                self.complain(document, f"answers {value!r} for a {shape.type_name}")
            if getattr(shape, "enum", None) and value not in shape.enum and (shape.name, value) not in ANSWERS:
                self.complain(document, f"answers {value!r}, which is not in {shape.enum}")

    def accepts(self, document):
        code, message = self.ask(document)
        if code == "SerializationException" or (code == "ValidationException" and "failed to satisfy" in message):
            self.complain(document, f"refused with {code}: {message}")

    def refuses(self, document, path, rule, value=None):
        code, message = self.ask(document)
        where = f" at '{spelled(path)}' failed to satisfy constraint: "
        one = "1 validation error detected: Value "
        if value is not None and not message.removeprefix(one).startswith(f"'{value}'{where}"):
            rule = f"the value {value} and {rule}"
        if code != "ValidationException" or where not in message or rule not in message:
            self.complain(document, f"wanted{where}{rule}, got {code}: {message[:300]}")
        if not message.startswith(one) and path and "satisfy regular" not in message:
            self.complain(document, f"more than one violation: {message[:300]}")

    def patiently(self, document):
        """The answer once no change is under way any more."""
        for _ in range(1000):
            code, message = self.ask(document)
            if code not in ("ResourceConflictException", "ResourceInUseException"):
                break
        return code, message

    def refuses_by_name(self, name, member):
        """Everything else about the call is well, so that nothing else is refused."""
        asked = {**COMPLETE[self.name], name: valid_and_full(member)}
        code, message = self.patiently(asked)
        if (code, "does not support" in message) != ("InvalidParameterValueException", True):
            self.complain({name: "…"}, f"not refused by name: {code}: {message}")

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
            at, location = (*path, name), "body" if path else self.where(name)
            if not path and (name == self.payload or (self.name, name) in DIFFERENCES):
                continue
            if name in shape.required_members:
                if location == "body":
                    self.refuses(put(document, at, None), at, "Member must not be null")
                elif location == "querystring":
                    self.refuses(put(document, at, None), at, "Member must not be null")
            if not path and name in REFUSED.get(self.name, ()):
                self.refuses_by_name(name, member)
                continue
            self.member(member, document, at, location)

    def member(self, shape, document, path, location):
        self.bounds(shape, document, path, location)
        kind, in_body = shape.type_name, location == "body"
        mistyped = lambda value: self.mistyped(put(document, path, value)) if in_body else None
        if kind == "string":
            _, _, wrong = FORMS[shape.metadata.get("pattern")]
            if wrong is not None and not shape.enum:
                rule = f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"
                self.refuses(put(document, path, wrong), path, rule, wrong)
            self.enumeration(shape, document, path)
            mistyped(True)
            mistyped(7)
        elif kind in ("integer", "long", "double"):
            self.accepts(put(document, path, valid(shape)))
            self.mistyped(put(document, path, "text"))
        elif kind == "boolean":
            self.accepts(put(document, path, True))
            self.mistyped(put(document, path, "maybe"))
        elif kind == "timestamp":
            self.accepts(put(document, path, 1.5))
            self.mistyped(put(document, path, "yesterday"))
        elif kind == "blob":
            mistyped("A")
        elif kind == "structure":
            mistyped("text")
            self.structure(shape, put(document, path, valid(shape)), path)
        elif kind == "list":
            mistyped("text")
            if shape.member.type_name == "structure":
                self.structure(shape.member, put(document, path, valid(shape)), (*path, 0))
            else:
                self.element(shape.member, document, path, lambda value: [value])
        elif kind == "map":
            mistyped("text")
            self.element(shape.key, document, path, lambda value: {value: valid(shape.value)})
            if shape.value.type_name in ("string", "double"):
                self.element(shape.value, document, path, lambda value: {valid(shape.key): value})
        else:
            raise AssertionError(f"the model has a {kind} now")

    def element(self, shape, document, path, around):
        """A scalar in a list or a map: what it breaks is said of the whole."""
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        ask = lambda value: put(document, path, around(value))
        for bound in (low, high):
            if bound and (value := sized(shape, bound)) is not None:
                self.accepts(ask(value))
        if low and shape.type_name == "string":
            self.refuses(ask(sized(shape, 0)), path, f"greater than or equal to {low}")
        if high is not None and (value := sized(shape, high + 1)) is not None:
            self.refuses(ask(value), path, f"less than or equal to {high:g}")
        if shape.type_name == "string" and shape.enum:
            for value in shape.enum:
                self.accepts(ask(value))
            self.refuses(ask("NO_SUCH"), path, "enum value set")
        elif shape.type_name == "string":
            _, _, wrong = FORMS[shape.metadata.get("pattern")]
            if wrong is not None:
                self.refuses(ask(wrong), path, f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}")

    def enumeration(self, shape, document, path):
        if not shape.enum:
            return
        for value in shape.enum:
            self.accepts(put(document, path, value))
        wrong = put(document, path, "NO_SUCH")
        if path == ("Runtime",):
            # The service says it where the other settings are looked at, not where constraints are.
            wrong = {**COMPLETE[self.name], "Runtime": "NO_SUCH"}
        code, message = self.patiently(wrong)
        values = re.search(r"set: \[(.*?)\]", message)
        if not values or set(values[1].split(", ")) != set(shape.enum):
            self.complain(wrong, f"wanted {shape.enum}, got {code}: {message}")

    def bounds(self, shape, document, path, location):
        unit = "value" if shape.type_name in ("integer", "long", "double") else "length"
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        can_be_empty = location == "body"
        ask = lambda value: put(document, path, value)
        for bound in (low, high):
            if bound is not None and (bound or unit == "value") and (value := sized(shape, bound)) is not None:
                self.accepts(ask(value))
        if low is not None and (unit == "value" or low > 0):
            value = sized(shape, low - 1)
            if value is not None and (low > 1 or unit == "value" or can_be_empty):
                self.refuses(ask(value), path, f"Member must have {unit} greater than or equal to {low}")
        if high is not None and (value := sized(shape, high + 1)) is not None:
            self.refuses(ask(value), path, f"Member must have {unit} less than or equal to {high}")


def valid_and_full(shape):
    """A value that says something in every member, as far as members are scalars."""
    if shape.type_name == "structure":
        return {name: valid_and_full(member) for name, member in shape.members.items()}
    if shape.type_name == "list":
        return [valid_and_full(shape.member)]
    if shape.type_name == "map":
        return {"KAFKA_BOOTSTRAP_SERVERS": valid_and_full(shape.value)}
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "x" * max(1, shape.metadata.get("min", 1))
    return True if shape.type_name == "boolean" else shape.metadata.get("min", 1) or 1


actions = {name: Action(name) for name in model.operation_names}
emulated = [action for name, action in actions.items() if name in PRESENT or not MISSING.search(name)]
assert len(emulated) >= 45, len(emulated)
for action in actions.values():
    if action not in emulated:
        answer, content = action.call({name: "x" for name in action.input.required_members})
        if answer.status not in (404, 405) or answer.getheader("x-amzn-errortype") is None:
            action.complain({}, f"is not here and answers {answer.status} {content}")

# Something to ask about: most calls find nothing, but answers have shapes too.
archive = io.BytesIO()
with zipfile.ZipFile(archive, "w") as code:
    code.writestr("index.py", "def handler(event, context):\n    return event\n")
code = base64.b64encode(archive.getvalue()).decode()


def given(name, **document):
    answer, content = actions[name].call(document)
    assert answer.status < 300, (name, answer.status, content)
    actions[name].compare(document, actions[name].operation.output_shape, content or {})
    return content


given("CreateFunction", FunctionName="full", Runtime="python3.12", Handler="index.handler", Role=ROLE + "r",
      Code={"ZipFile": code}, Publish=True, Environment={"Variables": {"KEY": "v"}}, Tags={"a": "b"},
      DeadLetterConfig={"TargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}, KMSKeyArn="arn:aws:kms:us-east-1:000000000000:key/k",
      VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}, LoggingConfig={"LogFormat": "JSON"})
for _ in range(1000):
    if given("GetFunctionConfiguration", FunctionName="full")["State"] == "Active":
        break
given("CreateAlias", FunctionName="full", Name="live", FunctionVersion="1")
given("PutFunctionConcurrency", FunctionName="full", ReservedConcurrentExecutions=1)
given("PutFunctionEventInvokeConfig", FunctionName="full", MaximumRetryAttempts=0,
      DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"}})
given("AddPermission", FunctionName="full", StatementId="s", Action="lambda:InvokeFunction", Principal="*")
given("PublishLayerVersion", LayerName="layer", Content={"ZipFile": code}, CompatibleRuntimes=["python3.12"],
      CompatibleArchitectures=["x86_64"], LicenseInfo="MIT", Description="d")
given("AddLayerVersionPermission", LayerName="layer", VersionNumber=1, StatementId="s", Action="lambda:GetLayerVersion",
      Principal="*")
given("UpdateFunctionConfiguration", FunctionName="full", Layers=[ARN + "layer:layer:1"])
scope = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0"
kinesis = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.CreateStream", "Authorization": scope}
connection.request("POST", "/", json.dumps({"StreamName": "s", "ShardCount": 1}), kinesis)
answer = connection.getresponse()
assert answer.read() == b"" and answer.status == 200, answer.status
stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/s"
feeding = {
    "FunctionName": "full", "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON", "MetricsConfig": {"Metrics": ["EventCount"]},
    "FilterCriteria": {"Filters": [{"Pattern": '{"partitionKey":["a"]}'}]}, "Tags": {"a": "b"},
    "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}},
}
# A stream that is still CREATING cannot be read.
for _ in range(1000):
    answer, content = actions["CreateEventSourceMapping"].call({**feeding, "FunctionName": "full:1"})
    if "Stream not found" not in str(content):
        break
mapping = given("CreateEventSourceMapping", **feeding)["UUID"]
# Calls that have nothing wrong with them but what is put beside.
COMPLETE = {
    "CreateFunction": {
        "FunctionName": "refused", "Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE + "r", "Code": {"ZipFile": code}
    },
    "UpdateFunctionConfiguration": {"FunctionName": "full"},
    "CreateEventSourceMapping": {**feeding, "FunctionName": "full:live"},
    "UpdateEventSourceMapping": {"UUID": mapping},
}
for name, document in {
    "GetFunction": {"FunctionName": "full"},
    "GetFunctionConfiguration": {"FunctionName": "full", "Qualifier": "1"},
    "GetFunctionConcurrency": {"FunctionName": "full"},
    "GetFunctionCodeSigningConfig": {"FunctionName": "full"},
    "GetFunctionEventInvokeConfig": {"FunctionName": "full"},
    "GetAlias": {"FunctionName": "full", "Name": "live"},
    "GetPolicy": {"FunctionName": "full"},
    "GetAccountSettings": {},
    "GetLayerVersion": {"LayerName": "layer", "VersionNumber": 1},
    "GetLayerVersionByArn": {"Arn": ARN + "layer:layer:1"},
    "GetLayerVersionPolicy": {"LayerName": "layer", "VersionNumber": 1},
    "ListFunctions": {},
    "ListAliases": {"FunctionName": "full"},
    "ListVersionsByFunction": {"FunctionName": "full"},
    "ListFunctionEventInvokeConfigs": {"FunctionName": "full"},
    "ListLayers": {},
    "ListLayerVersions": {"LayerName": "layer"},
    "ListTags": {"Resource": ARN + "function:full"},
    "UpdateAlias": {"FunctionName": "full", "Name": "live", "RoutingConfig": {"AdditionalVersionWeights": {}}},
    "ListEventSourceMappings": {},
    "GetEventSourceMapping": {"UUID": mapping},
    "InvokeAsync": {"FunctionName": "full", "InvokeArgs": ""},
}.items():
    error, message = actions[name].ask(document)
    if error is not None:
        actions[name].complain(document, f"failed with {error}: {message}")

for action in emulated:
    if action.input.members:
        action.check()

assert not complaints, f"{len(complaints)} differences from the model of botocore {botocore.__version__}:\n" + "\n".join(complaints)
assert checked > 1000, checked
print("the model is content")
