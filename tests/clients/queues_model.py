"""Holds the emulator's SQS and SNS against the service models in the installed botocore: every action, every member, types and
enums, and what is answered: members, their types, codes of errors. The bounds of SQS are not in its model but in its API
reference, so they stand here. Fails loudly, with everything that differs.

The models are read where pip put them; they are not ours to keep.
"""

import hashlib
import http.client
import json
import os
import urllib.parse
import xml.etree.ElementTree as xml

import botocore
import botocore.session

OLDEST = (1, 44, 5)
ACCOUNT, REGION = "000000000000", "us-east-1"
# Of a batch's answer, AWS leaves out the list that is empty, whatever the model says.
LEFT_OUT = {"Successful", "Failed"}
# A batch of nothing has an error of its own.
EMPTY_BATCH = {"Entries", "PublishBatchRequestEntries"}
# Where the model has one of several members, and one has to be there.
NEEDED = {("Publish", "TopicArn"), ("Subscribe", "Endpoint")}
# Errors that actions have beside those of the model.
BESIDE = {("ReceiveMessage", "InvalidAttributeName")}
# Older codes that are not the name with the service's before it.
OLDER = {"QueueDoesNotExist": "NonExistentQueue", "QueueNameExists": "QueueAlreadyExists"}

assert tuple(map(int, botocore.__version__.split(".")[:3])) >= OLDEST, botocore.__version__
session = botocore.session.get_session()
endpoint = urllib.parse.urlparse(os.environ["AWS_ENDPOINT_URL"])
connection = http.client.HTTPConnection(endpoint.hostname, endpoint.port)
complaints, checked = [], 0


def post(body, headers):
    global checked
    checked += 1
    connection.request("POST", "/", body, headers)
    answer = connection.getresponse()
    return answer, answer.read()


class Refusal:
    def __init__(self, status, code, older, message):
        self.status, self.code, self.older, self.message = status, code, older, message

    def __str__(self):
        return f"{self.status} {self.code} ({self.older}): {self.message}"


class Sqs:
    """JSON 1.0. An error names its shape in the document and its older code in a header."""

    model = session.get_service_model("sqs")
    common = {"MissingRequiredParameterException", "InvalidParameterValueException", "SerializationException"}
    missing_code = "MissingRequiredParameterException"
    absent_code = "UnknownOperationException"

    def call(self, action, document):
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{action}"}
        answer, body = post(json.dumps(document), headers)
        if answer.status == 200:
            return json.loads(body)
        said = json.loads(body)
        return Refusal(answer.status, said["__type"], answer.getheader("x-amzn-query-error"), said.get("message") or "")

    def known(self, action, refusal):
        """Whether the code is one of the action's, or one that every action has."""
        space, code = refusal.code.split("#")
        if code in self.common:
            return space == "com.amazon.coral.service"
        is_listed = code in action.errors or (action.name, code) in BESIDE
        older = refusal.older.removeprefix("AWS.SimpleQueueService.")
        return is_listed and space == "com.amazonaws.sqs" and older == f"{OLDER.get(code, code)};Sender"

    def spelled(self, member):
        return member


class Sns:
    """The query protocol: forms in, XML out."""

    model = session.get_service_model("sns")
    common = {"ValidationError"}
    missing_code = "ValidationError"
    absent_code = "InvalidAction"

    def flat(self, shape, value, path, form):
        if value is None:
            return
        if shape.type_name == "structure" and isinstance(value, dict):
            for name, inner in value.items():
                self.flat(shape.members[name], inner, f"{path}.{name}" if path else name, form)
        elif shape.type_name == "list" and isinstance(value, list):
            for number, inner in enumerate(value):
                self.flat(shape.member, inner, f"{path}.member.{number + 1}", form)
        elif shape.type_name == "map" and isinstance(value, dict):
            key = shape.key.serialization.get("name", "key")
            held = shape.value.serialization.get("name", "value")
            for number, (name, inner) in enumerate(value.items()):
                form[f"{path}.entry.{number + 1}.{key}"] = name
                self.flat(shape.value, inner, f"{path}.entry.{number + 1}.{held}", form)
        else:
            form[path] = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value

    def call(self, action, document):
        form = {"Action": action, "Version": self.model.api_version}
        self.flat(self.model.operation_model(action).input_shape, document, "", form)
        answer, body = post(urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"})
        space = "{" + self.model.metadata["xmlNamespace"] + "}"
        root = xml.fromstring(body)
        if answer.status == 200:
            result = root.find(f"{space}{action}Result")
            output = self.model.operation_model(action).output_shape
            return {} if result is None or output is None else self.read(output, result)
        error = root.find(f"{space}Error")
        return Refusal(answer.status, error.findtext(f"{space}Code"), "", error.findtext(f"{space}Message"))

    def read(self, shape, element):
        name = lambda child: child.tag.split("}")[1]
        if shape.type_name == "structure":
            read = lambda child: self.read(shape.members[name(child)], child) if name(child) in shape.members else child
            return {name(child): read(child) for child in element}
        if shape.type_name == "list":
            return [self.read(shape.member, child) for child in element if name(child) == "member"]
        if shape.type_name == "map":
            pairs = [{name(part): part.text or "" for part in child} for child in element if name(child) == "entry"]
            return {pair["key"]: pair["value"] for pair in pairs}
        text = element.text or ""
        return text == "true" if shape.type_name == "boolean" and text in ("true", "false") else text

    def known(self, action, refusal):
        return refusal.code in self.common | set(action.errors.values())

    def spelled(self, member):
        return f"at '{member[0].lower()}{member[1:]}'"


class Action:
    def __init__(self, service, name, usual):
        self.service, self.name, self.usual = service, name, usual
        operation = service.model.operation_model(name)
        self.input, self.output = operation.input_shape, operation.output_shape
        self.errors = {shape.name: shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}

    def complain(self, document, what):
        complaints.append(f"{self.name} {json.dumps(document)[:200]}: {what}"[:500])

    def ask(self, document):
        answer = self.service.call(self.name, document)
        if isinstance(answer, Refusal):
            if answer.status not in (400, 403, 404) or not self.service.known(self, answer):
                self.complain(document, f"{answer} is not an error of this action")
        elif self.output is not None:
            self.compare(document, self.output, answer)
        elif answer != {}:
            self.complain(document, f"answers {answer} where the model has no output")
        return answer

    def accepts(self, document):
        answer = self.ask(document)
        if isinstance(answer, Refusal):
            self.complain(document, f"is refused: {answer}")

    def refuses(self, document, code, words=""):
        answer = self.ask(document)
        if not isinstance(answer, Refusal):
            self.complain(document, f"wanted {code}, is accepted")
        elif answer.code.split("#")[-1] != code or words not in answer.message:
            self.complain(document, f"wanted {code} {words}, got {answer}")

    def compare(self, document, shape, value):
        """Every member that is answered is in the model, with its type; every required one is there."""
        if shape.type_name == "structure":
            for name in value.keys() - shape.members.keys():
                self.complain(document, f"answers {name}, which {shape.name} does not have")
            for name in set(shape.required_members) - value.keys() - LEFT_OUT:
                self.complain(document, f"does not answer {name} of {shape.name}")
            for name in value.keys() & shape.members.keys():
                self.compare(document, shape.members[name], value[name])
        elif shape.type_name == "list":
            for element in value:
                self.compare(document, shape.member, element)
        elif shape.type_name == "map":
            for name, element in value.items():
                self.compare(document, shape.key, name)
                self.compare(document, shape.value, element)
        else:
            types = {"string": str, "blob": str, "boolean": bool}
            if not isinstance(value, types.get(shape.type_name, int)):
                self.complain(document, f"answers {value!r} for a {shape.type_name}")
            if getattr(shape, "enum", None) and value not in shape.enum:
                self.complain(document, f"answers {value!r}, which is not in {shape.enum}")

    def check(self):
        self.accepts(self.usual())
        for name, member in self.input.members.items():
            usual = self.usual()
            without = {key: value for key, value in usual.items() if key != name}
            if name in EMPTY_BATCH:
                self.refuses(without, "EmptyBatchRequest")
            elif name in self.input.required_members:
                self.refuses(without, self.service.missing_code, self.service.spelled(name))
                self.refuses({**usual, name: None}, self.service.missing_code, self.service.spelled(name))
            elif (self.name, name) in NEEDED:
                self.refuses(without, "InvalidParameter")
            else:
                self.accepts({**usual, name: None})
            # A form is text from end to end.
            if self.service is sqs:
                self.types(name, member)
            self.enums(name, member)

    def types(self, name, member):
        wrong = {"string": [7, True, []], "integer": ["text"], "boolean": ["maybe"], "list": ["text"], "map": ["text"]}
        for value in wrong.get(member.type_name, []):
            self.refuses({**self.usual(), name: value}, "SerializationException")

    def enums(self, name, member):
        if member.type_name == "list" and getattr(member.member, "enum", None):
            for value in member.member.enum:
                self.accepts({**self.usual(), name: [value]})
            answer = self.ask({**self.usual(), name: ["NoSuch"]})
            if not isinstance(answer, Refusal):
                self.complain([name, "NoSuch"], "is accepted")


def given(service, action, **document):
    answer = service.call(action, document)
    assert not isinstance(answer, Refusal), (action, str(answer))
    return answer


sqs, sns = Sqs(), Sns()
url = given(sqs, "CreateQueue", QueueName="q", tags={"a": "b"})["QueueUrl"]
dead = given(sqs, "CreateQueue", QueueName="dead")["QueueUrl"]
arn = lambda name: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
redrive = json.dumps({"deadLetterTargetArn": arn("dead"), "maxReceiveCount": 3})
given(sqs, "SetQueueAttributes", QueueUrl=url, Attributes={"RedrivePolicy": redrive})


def receipt():
    given(sqs, "SendMessage", QueueUrl=dead, MessageBody="m")
    return given(sqs, "ReceiveMessage", QueueUrl=dead)["Messages"][0]["ReceiptHandle"]


def purged():
    """A queue is purged once a minute."""
    fresh = given(sqs, "CreateQueue", QueueName=f"q{checked}")["QueueUrl"]
    return {"QueueUrl": fresh}


# A document that succeeds, made anew for each call: some of them work once.
SQS = {
    "ChangeMessageVisibility": lambda: {"QueueUrl": dead, "ReceiptHandle": receipt(), "VisibilityTimeout": 5},
    "ChangeMessageVisibilityBatch": lambda: {
        "QueueUrl": dead,
        "Entries": [{"Id": "a", "ReceiptHandle": receipt(), "VisibilityTimeout": 5}, {"Id": "b", "ReceiptHandle": "x"}],
    },
    "CreateQueue": lambda: {"QueueName": "q"},
    "DeleteMessage": lambda: {"QueueUrl": dead, "ReceiptHandle": receipt()},
    "DeleteMessageBatch": lambda: {
        "QueueUrl": dead, "Entries": [{"Id": "a", "ReceiptHandle": receipt()}, {"Id": "b", "ReceiptHandle": "x"}]
    },
    "DeleteQueue": purged,
    "GetQueueAttributes": lambda: {"QueueUrl": url, "AttributeNames": ["All"]},
    "GetQueueUrl": lambda: {"QueueName": "q"},
    "ListDeadLetterSourceQueues": lambda: {"QueueUrl": dead},
    "ListQueueTags": lambda: {"QueueUrl": url},
    "ListQueues": lambda: {"QueueNamePrefix": "q"},
    "PurgeQueue": purged,
    "ReceiveMessage": lambda: {"QueueUrl": url, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]},
    "SendMessage": lambda: {
        "QueueUrl": url, "MessageBody": "m", "MessageAttributes": {"a": {"DataType": "String", "StringValue": "v"}}
    },
    "SendMessageBatch": lambda: {
        "QueueUrl": url, "Entries": [{"Id": "a", "MessageBody": "m"}, {"Id": "b", "MessageBody": ""}]
    },
    "SetQueueAttributes": lambda: {"QueueUrl": url, "Attributes": {"DelaySeconds": "0"}},
    "TagQueue": lambda: {"QueueUrl": url, "Tags": {"a": "b"}},
    "UntagQueue": lambda: {"QueueUrl": url, "TagKeys": ["x"]},
}
topic = given(sns, "CreateTopic", Name="t")["TopicArn"]


def subscribed(protocol="sqs", endpoint=arn("q")):
    given(sns, "Subscribe", TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    return given(sns, "ListSubscriptionsByTopic", TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]


SNS = {
    "CreateTopic": lambda: {"Name": "t"},
    "DeleteTopic": lambda: {"TopicArn": given(sns, "CreateTopic", Name="gone")["TopicArn"]},
    "GetSubscriptionAttributes": lambda: {"SubscriptionArn": subscribed()},
    "GetTopicAttributes": lambda: {"TopicArn": topic},
    "ListSubscriptions": dict,
    "ListSubscriptionsByTopic": lambda: {"TopicArn": topic},
    "ListTagsForResource": lambda: {"ResourceArn": topic},
    "ListTopics": dict,
    "Publish": lambda: {"TopicArn": topic, "Message": "m"},
    "PublishBatch": lambda: {
        "TopicArn": topic, "PublishBatchRequestEntries": [{"Id": "a", "Message": "m"}, {"Id": "b", "Message": ""}]
    },
    "SetSubscriptionAttributes": lambda: {
        "SubscriptionArn": subscribed(), "AttributeName": "RawMessageDelivery", "AttributeValue": "false"
    },
    "SetTopicAttributes": lambda: {"TopicArn": topic, "AttributeName": "DisplayName", "AttributeValue": "d"},
    "Subscribe": lambda: {"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn("q")},
    "TagResource": lambda: {"ResourceArn": topic, "Tags": [{"Key": "a", "Value": "b"}]},
    "Unsubscribe": lambda: {"SubscriptionArn": subscribed()},
    "UntagResource": lambda: {"ResourceArn": topic, "TagKeys": ["x"]},
}
# These cannot succeed here: nobody has the token that was sent.
UNANSWERABLE = {"ConfirmSubscription": {"TopicArn": topic, "Token": "x"}}

for service, documents in ((sqs, SQS), (sns, SNS)):
    for name in set(service.model.operation_names) - documents.keys() - UNANSWERABLE.keys():
        refusal = service.call(name, {})
        if not isinstance(refusal, Refusal) or refusal.code.split("#")[-1] != service.absent_code:
            complaints.append(f"{name} is not emulated and answers {refusal}")
    for name, usual in documents.items():
        Action(service, name, usual).check()
for name, document in UNANSWERABLE.items():
    action = Action(sns, name, lambda: document)
    action.refuses(document, "InvalidParameter", "Token")
    for member in document:
        without = {key: value for key, value in document.items() if key != member}
        action.refuses(without, sns.missing_code, sns.spelled(member))

# What the API reference says of attributes: both bounds, and what is just past them.
setting = Action(sqs, "SetQueueAttributes", SQS["SetQueueAttributes"])
set_one = lambda name, value: {"QueueUrl": dead, "Attributes": {name: value}}
BOUNDS = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
for name, (low, high) in BOUNDS.items():
    for value in (low, high):
        setting.accepts(set_one(name, str(value)))
    for value in (low - 1, high + 1, "text", ""):
        setting.refuses(set_one(name, str(value)), "InvalidAttributeValue", name)
given(sqs, "SetQueueAttributes", QueueUrl=dead, Attributes={"DelaySeconds": "0", "VisibilityTimeout": "30"})
# Every attribute is one that is shown, that can be set, or both.
settable = {*BOUNDS, "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "SqsManagedSseEnabled"}
only_fifo = {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}
for name in set(sqs.model.shape_for("QueueAttributeName").enum) - settable - only_fifo:
    setting.refuses(set_one(name, "1"), "InvalidAttributeName", name)
for name, value in (
    ("FifoQueue", "true"),
    ("ContentBasedDeduplication", "true"),
    ("DeduplicationScope", "queue"),
    ("FifoThroughputLimit", "perQueue"),
    ("NoSuch", "1"),
):
    setting.refuses(set_one(name, value), "InvalidAttributeName", name)
creating = Action(sqs, "CreateQueue", SQS["CreateQueue"])
fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true", "DeduplicationScope": "messageGroup"}
creating.accepts({"QueueName": "f.fifo", "Attributes": {**fifo, "FifoThroughputLimit": "perMessageGroupId"}})
shown = given(sqs, "GetQueueAttributes", QueueUrl=url.replace("/q", "/f.fifo"), AttributeNames=["All"])["Attributes"]
assert only_fifo <= shown.keys(), shown
for member, low, high, action, document in (
    ("MaxNumberOfMessages", 1, 10, "ReceiveMessage", {"QueueUrl": url}),
    ("VisibilityTimeout", 0, 43_200, "ReceiveMessage", {"QueueUrl": url}),
    ("DelaySeconds", 0, 900, "SendMessage", {"QueueUrl": url, "MessageBody": "m"}),
    ("MaxResults", 1, 1000, "ListQueues", {}),
    ("MaxResults", 1, 1000, "ListDeadLetterSourceQueues", {"QueueUrl": dead}),
):
    bounded = Action(sqs, action, SQS[action])
    for value in (low, high):
        bounded.accepts({**document, member: value})
    for value in (low - 1, high + 1):
        bounded.refuses({**document, member: value}, "InvalidParameterValueException", member)
Action(sqs, "ReceiveMessage", SQS["ReceiveMessage"]).refuses(
    {"QueueUrl": url, "WaitTimeSeconds": 21}, "InvalidParameterValueException", "WaitTimeSeconds"
)
for name in ("a" * 80, "A-b_9"):
    creating.accepts({"QueueName": name})
for name in ("a" * 81, "a b", "é", ""):
    creating.refuses({"QueueName": name}, "InvalidParameterValueException")
for action, entry in (
    ("SendMessageBatch", {"MessageBody": "m"}),
    ("DeleteMessageBatch", {"ReceiptHandle": "x"}),
    ("ChangeMessageVisibilityBatch", {"ReceiptHandle": "x", "VisibilityTimeout": 1}),
):
    batch = Action(sqs, action, SQS[action])
    entries = lambda *ids: {"QueueUrl": url, "Entries": [{"Id": id, **entry} for id in ids]}
    batch.accepts(entries(*map(str, range(10))))
    batch.refuses(entries(*map(str, range(11))), "TooManyEntriesInBatchRequest")
    batch.refuses(entries(), "EmptyBatchRequest")
    batch.refuses(entries("a", "a"), "BatchEntryIdsNotDistinct")
    batch.refuses(entries("a b"), "InvalidBatchEntryId")

# What a message's MD5 sums are made of is in no model.
sent = given(sqs, "SendMessage", **SQS["SendMessage"]())
assert sent["MD5OfMessageBody"] == hashlib.md5(b"m").hexdigest()

# The bounds that the model of SNS has.
tagging = Action(sns, "TagResource", SNS["TagResource"])
tag = lambda key, value: {"ResourceArn": topic, "Tags": [{"Key": key, "Value": value}]}
for key, value in (("k", ""), ("k" * 128, "v" * 256)):
    tagging.accepts(tag(key, value))
tagging.refuses(tag("", "v"), "ValidationError", "greater than or equal to 1")
tagging.refuses(tag("k" * 129, "v"), "ValidationError", "less than or equal to 128")
tagging.refuses(tag("k", "v" * 257), "ValidationError", "less than or equal to 256")
tagging.refuses({**tag("k", "v"), "ResourceArn": ""}, "ValidationError", "greater than or equal to 1")
tagging.refuses({**tag("k", "v"), "ResourceArn": "a" * 1012}, "ValidationError", "less than or equal to 1011")
naming = Action(sns, "CreateTopic", SNS["CreateTopic"])
for name in ("a" * 256, "A-b_9"):
    naming.accepts({"Name": name})
for name in ("a" * 257, "a b", "é", "a.fifo"):
    naming.refuses({"Name": name}, "InvalidParameter")
batch = Action(sns, "PublishBatch", SNS["PublishBatch"])
entries = lambda *ids: {"TopicArn": topic, "PublishBatchRequestEntries": [{"Id": id, "Message": "m"} for id in ids]}
batch.accepts(entries(*map(str, range(10))))
batch.refuses(entries(*map(str, range(11))), "TooManyEntriesInBatchRequest")
batch.refuses(entries("a", "a"), "BatchEntryIdsNotDistinct")
batch.refuses(entries("a b"), "InvalidBatchEntryId")

assert not complaints, f"{len(complaints)} differences from the models of botocore {botocore.__version__}:\n" + "\n".join(complaints)
assert checked > 500, checked
print("the model is content")
