// A session with the emulator through the AWS SDK for JavaScript, which subscribes over HTTP/2, and through the aggregation
// library for Node.js: create, put, get, page, subscribe, reshard, delete. Fails loudly.

const assert = require("node:assert");
const sdk = require("@aws-sdk/client-kinesis");
const aggregation = require("aws-kinesis-agg");

const kinesis = new sdk.KinesisClient({});

async function untilActive(StreamName) {
  for (;;) {
    const { StreamDescriptionSummary: summary } = await kinesis.send(new sdk.DescribeStreamSummaryCommand({ StreamName }));
    if (summary.StreamStatus === "ACTIVE") return summary;
  }
}

async function read(StreamName, ShardId) {
  const position = { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" };
  let { ShardIterator } = await kinesis.send(new sdk.GetShardIteratorCommand(position));
  const records = [];
  while (ShardIterator) {
    const page = await kinesis.send(new sdk.GetRecordsCommand({ ShardIterator, Limit: 15 }));
    if (page.Records.length === 0 && !page.ChildShards) break;
    records.push(...page.Records);
    ShardIterator = page.NextShardIterator;
  }
  return records;
}

function aggregated(texts) {
  const records = texts.map((text) => ({ partitionKey: `key ${text}`, data: Buffer.from(text) }));
  return new Promise((resolve, reject) => {
    const encoded = [];
    const keep = (record, done) => done(null, encoded.push(record));
    aggregation.aggregate(records, keep, () => resolve(encoded), reject);
  });
}

function disaggregated(record) {
  const outer = {
    kinesisSchemaVersion: "1.0",
    partitionKey: record.PartitionKey,
    sequenceNumber: record.SequenceNumber,
    data: Buffer.from(record.Data).toString("base64"),
  };
  return new Promise((resolve, reject) => {
    aggregation.deaggregateSync(outer, true, (error, inner) => (error ? reject(error) : resolve(inner)));
  });
}

async function session() {
  await kinesis.send(new sdk.CreateStreamCommand({ StreamName: "s", ShardCount: 1 }));
  const summary = await untilActive("s");
  assert(Math.abs(Date.now() - summary.StreamCreationTimestamp) < 60_000, summary.StreamCreationTimestamp);
  const StreamARN = summary.StreamARN;

  const Records = [...Array(20).keys()].map((i) => ({ PartitionKey: `k${i}`, Data: Buffer.from([i, 255]) }));
  const put = await kinesis.send(new sdk.PutRecordsCommand({ StreamARN, Records }));
  assert.strictEqual(put.FailedRecordCount, 0);
  const ShardId = put.Records[0].ShardId;
  const got = await read("s", ShardId);
  assert.deepStrictEqual(got.map((r) => r.SequenceNumber), put.Records.map((r) => r.SequenceNumber));
  assert.deepStrictEqual(got.map((r) => [...r.Data]), Records.map((r) => [...r.Data]));

  const texts = [...Array(50).keys()].map((i) => `inner ${i}`);
  const outer = await aggregated(texts);
  for (const record of outer) {
    const input = { StreamName: "s", PartitionKey: record.partitionKey, Data: record.data };
    await kinesis.send(new sdk.PutRecordCommand(input));
  }

  const registered = await kinesis.send(new sdk.RegisterStreamConsumerCommand({ StreamARN, ConsumerName: "c" }));
  const ConsumerARN = registered.Consumer.ConsumerARN;
  let state;
  do {
    state = (await kinesis.send(new sdk.DescribeStreamConsumerCommand({ ConsumerARN }))).ConsumerDescription;
  } while (state.ConsumerStatus !== "ACTIVE");
  const StartingPosition = { Type: "TRIM_HORIZON" };
  const subscription = await kinesis.send(new sdk.SubscribeToShardCommand({ ConsumerARN, ShardId, StartingPosition }));
  const pushed = [];
  for await (const { SubscribeToShardEvent: event } of subscription.EventStream) {
    assert(event.ContinuationSequenceNumber);
    pushed.push(...event.Records);
    if (pushed.length === Records.length + outer.length) break;
  }
  assert.deepStrictEqual(pushed.slice(0, 20).map((r) => r.SequenceNumber), put.Records.map((r) => r.SequenceNumber));
  const inner = (await Promise.all(pushed.slice(20).map(disaggregated))).flat();
  assert.deepStrictEqual(inner.map((r) => Buffer.from(r.data, "base64").toString()), texts);

  const split = { StreamName: "s", ShardToSplit: ShardId, NewStartingHashKey: (1n << 127n).toString() };
  await kinesis.send(new sdk.SplitShardCommand(split));
  assert.strictEqual((await untilActive("s")).OpenShardCount, 2);
  const { Shards } = await kinesis.send(new sdk.ListShardsCommand({ StreamName: "s" }));
  assert.deepStrictEqual(Shards.map((shard) => shard.ParentShardId), [undefined, ShardId, ShardId]);
  assert.strictEqual((await read("s", ShardId)).length, Records.length + outer.length);

  await assert.rejects(kinesis.send(new sdk.DescribeStreamCommand({ StreamName: "gone" })), (error) => {
    const message = "Stream gone under account 000000000000 not found.";
    return error instanceof sdk.ResourceNotFoundException && error.message === message && error.$metadata.requestId !== undefined;
  });
  await kinesis.send(new sdk.DeleteStreamCommand({ StreamName: "s", EnforceConsumerDeletion: true }));
  kinesis.destroy();
  console.log("the SDK for JavaScript is content");
}

session().catch((error) => {
  console.error(error);
  process.exit(1);
});
