"""A session through async-kinesis, which aggregates what it produces and follows a stream over a reshard. Fails loudly."""

import asyncio
import os

from kinesis import Consumer, Producer
from kinesis.processors import KPLJsonProcessor

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]


async def produce(numbers, **more):
    async with Producer(
        stream_name="s", endpoint_url=ENDPOINT, region_name="us-east-1", processor=KPLJsonProcessor(), **more
    ) as producer:
        for number in numbers:
            await producer.put({"number": number})
        await producer.flush()
        return producer


async def reshard(producer):
    async with producer.session.create_client("kinesis", endpoint_url=ENDPOINT, region_name="us-east-1") as kinesis:
        await kinesis.update_shard_count(StreamName="s", TargetShardCount=4, ScalingType="UNIFORM_SCALING")
        while (await kinesis.describe_stream_summary(StreamName="s"))["StreamDescriptionSummary"]["OpenShardCount"] != 4:
            pass


async def consume():
    found = []
    async with Consumer(
        stream_name="s",
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        processor=KPLJsonProcessor(),
        sleep_time_no_records=0.05,
        shard_fetch_rate=5,
    ) as consumer:
        while len(found) < 300:
            async for item in consumer:
                found.append(item["number"])
    return found


async def session():
    producer = await produce(range(150), create_stream=True, create_stream_shards=2, buffer_time=0.05)
    await reshard(producer)
    await produce(range(150, 300), buffer_time=0.05)
    found = await asyncio.wait_for(consume(), timeout=60)
    assert sorted(found) == list(range(300)), found


asyncio.run(session())
print("async-kinesis is content")
