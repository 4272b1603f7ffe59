import base64


def handle(event, context):
    for record in event["Records"]:
        print(context.function_name, base64.b64decode(record["kinesis"]["data"]).decode())
