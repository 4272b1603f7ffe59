import base64
import json


def handle(event, context):
    for record in event["Records"]:
        payment = json.loads(base64.b64decode(record["kinesis"]["data"]))
        if payment["amount"] < 0:
            raise ValueError(f"payment {payment['id']} is negative")
        print("paid", payment["id"])
