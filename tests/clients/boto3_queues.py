"""Queues and topics through boto3. Fails loudly.

    session FOLDER   a tour through SQS and SNS, with a function and endpoints over HTTP and HTTPS behind a topic; for HTTPS, the
                     folder has cert.pem and key.pem
    send             sends and publishes until the emulator is gone, and says what was acknowledged, a line each
    check FILE       finds every line of FILE in the queues
"""

import hashlib
import http.server
import io
import json
import queue as queues
import ssl
import sys
import threading
import time
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=30)
sqs = boto3.client("sqs", config=ONCE)
sns = boto3.client("sns", config=ONCE)

PREFIX = "arn:aws:sqs:us-east-1:000000000000:"


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"{code} expected")


def receive(url, **arguments):
    arguments = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], "MessageAttributeNames": ["All"], **arguments}
    return sqs.receive_message(QueueUrl=url, **arguments).get("Messages", [])


def delete_all(url, messages):
    entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
    answer = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    assert len(answer["Successful"]) == len(messages), answer


def standard():
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "60"}, tags={"k": "v"})["QueueUrl"]
    assert sqs.create_queue(QueueName="q")["QueueUrl"] == url == sqs.get_queue_url(QueueName="q")["QueueUrl"]
    refused("QueueAlreadyExists", sqs.create_queue, QueueName="q", Attributes={"VisibilityTimeout": "61"})
    refused("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="absent")
    try:
        sqs.get_queue_url(QueueName="absent")
    except sqs.exceptions.QueueDoesNotExist:
        pass
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"k": "v"}
    assert sqs.list_queues(QueueNamePrefix="q")["QueueUrls"] == [url]

    # boto3 checks the MD5 of bodies and fails if it is wrong; that of attributes is checked here.
    attributes = {
        "text": {"DataType": "String", "StringValue": "ä"},
        "number": {"DataType": "Number.int", "StringValue": "5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\0\xff"},
    }
    sent = sqs.send_message(QueueUrl=url, MessageBody="hello, wörld", MessageAttributes=attributes)
    assert sent["MD5OfMessageAttributes"] == md5_of(attributes), sent
    batch = [{"Id": str(n), "MessageBody": f"b{n}"} for n in range(5)]
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=batch)["Successful"]) == 5
    got = receive(url)
    assert [message["Body"] for message in got] == ["hello, wörld", "b0", "b1", "b2", "b3", "b4"]
    assert got[0]["MessageAttributes"] == attributes and got[0]["MD5OfMessageAttributes"] == md5_of(attributes)
    assert receive(url) == []
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=0)
    again = receive(url)
    assert again[0]["Attributes"]["ApproximateReceiveCount"] == "2"
    delete_all(url, again + got[1:])

    # Somebody who waits has a message as soon as it is sent.
    waited = queues.Queue()

    def wait():
        other = boto3.client("sqs", config=ONCE)
        message = other.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
        waited.put((time.monotonic(), message))

    waiter = threading.Thread(target=wait)
    waiter.start()
    started = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="awaited")
    at, message = waited.get(timeout=30)
    assert message["Body"] == "awaited" and at - started < 10, at - started
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    waiter.join()
    return url


def md5_of(attributes):
    digest = hashlib.md5()
    for name, value in sorted(attributes.items()):
        text = value.get("StringValue")
        data = value["BinaryValue"] if text is None else text.encode()
        for mark, part in ((b"", name.encode()), (b"", value["DataType"].encode()), (b"\2" if text is None else b"\1", data)):
            digest.update(mark + len(part).to_bytes(4, "big") + part)
    return digest.hexdigest()


def dead_letters(url):
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": PREFIX + "dead", "maxReceiveCount": 1})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    assert len(receive(url, VisibilityTimeout=0)) == 1
    assert receive(url) == []
    got = receive(dead)
    assert got[0]["Body"] == "poison" and got[0]["Attributes"]["DeadLetterQueueSourceArn"] == PREFIX + "q"
    sqs.purge_queue(QueueUrl=dead)
    refused("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=dead)
    sqs.delete_queue(QueueUrl=dead)


def fifo():
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName="q.fifo", Attributes=attributes)["QueueUrl"]
    for n in range(6):
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=str(n), MessageGroupId=str(n % 2))
    got = receive(url)
    assert [m["Body"] for m in got] == ["0", "2", "4", "1", "3", "5"], got
    numbers = [m["Attributes"]["SequenceNumber"] for m in got]
    assert numbers[:3] == sorted(numbers[:3])
    delete_all(url, got)
    return url


def topic(queue_url, fifo_url):
    arn = sns.create_topic(Name="t", Tags=[{"Key": "k", "Value": "v"}])["TopicArn"]
    assert sns.create_topic(Name="t")["TopicArn"] == arn
    assert [t["TopicArn"] for t in sns.list_topics()["Topics"]] == [arn]
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "l", "Value": "w"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["k"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "l", "Value": "w"}]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="shown")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "shown"
    refused("NotFound", sns.publish, TopicArn=arn + "x", Message="m")

    policy = json.dumps({"kind": [{"prefix": "a"}]})
    attributes = {"RawMessageDelivery": "true", "FilterPolicy": policy}
    subscribed = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=PREFIX + "q", Attributes=attributes)
    shown = sns.get_subscription_attributes(SubscriptionArn=subscribed["SubscriptionArn"])["Attributes"]
    assert shown["FilterPolicy"] == policy and shown["RawMessageDelivery"] == "true", shown
    kind = {"kind": {"DataType": "String", "StringValue": "ab"}}
    sns.publish(TopicArn=arn, Message="unwanted")
    sns.publish(TopicArn=arn, Message="wanted", MessageAttributes=kind)
    got = receive(queue_url, WaitTimeSeconds=5)
    assert [m["Body"] for m in got] == ["wanted"] and got[0]["MessageAttributes"] == kind, got
    delete_all(queue_url, got)
    for name, value in (("RawMessageDelivery", "false"), ("FilterPolicy", "{}")):
        sns.set_subscription_attributes(
            SubscriptionArn=subscribed["SubscriptionArn"], AttributeName=name, AttributeValue=value
        )
    entries = [{"Id": str(n), "Message": f"m{n}", "Subject": "s"} for n in range(3)]
    assert len(sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)["Successful"]) == 3
    envelopes = [json.loads(m["Body"]) for m in receive(queue_url, WaitTimeSeconds=5)]
    assert [e["Message"] for e in envelopes] == ["m0", "m1", "m2"] and envelopes[0]["Subject"] == "s", envelopes
    assert envelopes[0]["TopicArn"] == arn
    sns.unsubscribe(SubscriptionArn=subscribed["SubscriptionArn"])

    ordered = sns.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    sns.subscribe(TopicArn=ordered, Protocol="sqs", Endpoint=PREFIX + "q.fifo", Attributes={"RawMessageDelivery": "true"})
    for _ in range(2):
        sns.publish(TopicArn=ordered, Message="once", MessageGroupId="g", MessageDeduplicationId="d")
    assert [m["Body"] for m in receive(fifo_url, WaitTimeSeconds=5)] == ["once"]
    return arn


def endpoint(arn, certificate=None):
    """An endpoint that is asked, agrees, and is told."""
    posts = queues.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            posts.put((dict(self.headers.items()), json.loads(body)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    protocol = "https" if certificate else "http"
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certificate}/cert.pem", f"{certificate}/key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"{protocol}://127.0.0.1:{server.server_port}/hook"
    answer = sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=url)
    assert answer["SubscriptionArn"] == "pending confirmation", answer
    headers, asked = posts.get(timeout=30)
    assert headers["x-amz-sns-message-type"] == asked["Type"] == "SubscriptionConfirmation", asked
    confirmed = sns.confirm_subscription(TopicArn=arn, Token=asked["Token"])["SubscriptionArn"]
    listed = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [s["SubscriptionArn"] for s in listed] == [confirmed], listed
    sns.publish(TopicArn=arn, Message="told")
    headers, told = posts.get(timeout=30)
    assert headers["x-amz-sns-subscription-arn"] == confirmed and told["Message"] == "told", (headers, told)
    sns.unsubscribe(SubscriptionArn=confirmed)


FUNCTION = """
import json, os, urllib.request

def handler(event, context):
    record = event["Records"][0]
    body = json.dumps({"QueueUrl": os.environ["TO"], "MessageBody": record["EventSource"] + " " + record["Sns"]["Message"]})
    headers = {"x-amz-target": "AmazonSQS.SendMessage", "content-type": "application/x-amz-json-1.0"}
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"], body.encode(), headers)
    urllib.request.urlopen(request).read()
"""


def function(arn, queue_url):
    functions = boto3.client("lambda")
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as folder:
        folder.writestr("f.py", FUNCTION)
    created = functions.create_function(
        FunctionName="f",
        Runtime="python3.12",
        Role="arn:aws:iam::000000000000:role/r",
        Handler="f.handler",
        Code={"ZipFile": package.getvalue()},
        Environment={"Variables": {"TO": queue_url}},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="f", WaiterConfig={"Delay": 1})
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=created["FunctionArn"])
    sns.publish(TopicArn=arn, Message="run")
    got = receive(queue_url, WaitTimeSeconds=20)
    assert [m["Body"] for m in got] == ["aws:sns run"], got
    delete_all(queue_url, got)
    sns.delete_topic(TopicArn=arn)


def session(certificate):
    queue_url = standard()
    fifo_url = fifo()
    arn = topic(queue_url, fifo_url)
    endpoint(arn)
    endpoint(arn, certificate)
    function(arn, queue_url)
    dead_letters(queue_url)
    print("boto3 is content")


def send():
    standard_url = sqs.create_queue(QueueName="sent")["QueueUrl"]
    fifo_url = sqs.create_queue(QueueName="sent.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    sqs.create_queue(QueueName="told")
    arn = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=PREFIX + "told", Attributes={"RawMessageDelivery": "true"})

    writing = threading.Lock()

    def until_gone(say):
        number = 0
        try:
            while True:
                for body in say(number):
                    # In one piece: several senders write.
                    with writing:
                        print(body, flush=True)
                number += 1
        except (BotoCoreError, ClientError, OSError):
            pass

    def one(number):
        sqs.send_message(QueueUrl=standard_url, MessageBody=f"sent {number}")
        yield f"sent {number}"

    def batch(number):
        bodies = [f"sent.fifo {number} {n}" for n in range(10)]
        entries = [
            {"Id": str(n), "MessageBody": body, "MessageGroupId": "g", "MessageDeduplicationId": body.replace(" ", "-")}
            for n, body in enumerate(bodies)
        ]
        assert len(sqs.send_message_batch(QueueUrl=fifo_url, Entries=entries)["Successful"]) == 10
        yield from bodies

    def publish(number):
        sns.publish(TopicArn=arn, Message=f"told {number}")
        yield f"told {number}"

    senders = [threading.Thread(target=until_gone, args=(say,)) for say in (one, batch, publish)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


def check(path):
    with open(path) as file:
        acknowledged = file.read().splitlines()
    found = []
    for name in ("sent", "sent.fifo", "told"):
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        while got := receive(url):
            found += [message["Body"] for message in got]
            delete_all(url, got)
    missing = sorted(set(acknowledged) - set(found))
    assert not missing, f"{len(missing)} of {len(acknowledged)} are lost: {missing[:5]}"
    assert len(set(found)) == len(found), "something is there twice"
    ordered = [tuple(map(int, body.split()[1:])) for body in found if body.startswith("sent.fifo")]
    assert ordered == sorted(ordered), "the group is out of order"
    print("boto3 is content")


if __name__ == "__main__":
    {"session": session, "send": send, "check": check}[sys.argv[1]](*sys.argv[2:])
