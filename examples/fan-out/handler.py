import base64
import json


def orders(event):
    for record in event["Records"]:
        yield json.loads(base64.b64decode(record["kinesis"]["data"]))


def bill(event, context):
    for order in orders(event):
        print("billed", order["id"])


def index(event, context):
    for order in orders(event):
        print("indexed", order["id"])
