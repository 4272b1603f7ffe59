import base64
import json
import os

deaf = int(os.environ["DEAF"])


def alarm(sensor):
    global deaf
    if deaf > 0:
        deaf -= 1
        raise ConnectionError("the siren doesn't hear")
    print("alarm", sensor["id"])


def handle(event, context):
    for record in event["Records"]:
        try:
            alarm(json.loads(base64.b64decode(record["kinesis"]["data"])))
        except ConnectionError:
            # Order counts here, so nothing behind it is tried.
            return {"batchItemFailures": [{"itemIdentifier": record["kinesis"]["sequenceNumber"]}]}
    return {"batchItemFailures": []}
