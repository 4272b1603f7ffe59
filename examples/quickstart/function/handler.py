"""Reads departures from New York's airports out of a Kinesis stream and says, per batch, what it saw."""

import base64
import json
import time


def handle(event, context):
    records = event["Records"]
    now = time.time()
    departures = [json.loads(base64.b64decode(record["kinesis"]["data"])) for record in records]
    # A flight that was cancelled never left; its delay is NA.
    late = [d for d in departures if d["dep_delay"] != "NA" and float(d["dep_delay"]) > 15]
    print(
        json.dumps(
            {
                "shard": records[0]["eventID"].split(":")[0],
                "records": len(records),
                "late": len(late),
                "first": records[0]["kinesis"]["sequenceNumber"],
                "last": records[-1]["kinesis"]["sequenceNumber"],
                "sample": departures[0],
                # How long each record was on its way, from its arrival in the stream to here.
                "latency_ms": [round((now - r["kinesis"]["approximateArrivalTimestamp"]) * 1000) for r in records],
            }
        )
    )
