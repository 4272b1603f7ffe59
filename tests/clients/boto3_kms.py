"""A session with KMS through boto3: keys, aliases, encrypting, rotation, deletion, and a stream under a key. Fails loudly."""

import time

import boto3
from botocore.exceptions import ClientError

kms = boto3.client("kms")
kinesis = boto3.client("kinesis")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"not refused: {code}")


def until_active(stream):
    while True:
        time.sleep(0.06)  # An account may ask 20 times a second.
        summary = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]
        if summary["StreamStatus"] == "ACTIVE":
            return


aliases = {alias["AliasName"] for page in kms.get_paginator("list_aliases").paginate() for alias in page["Aliases"]}
assert {"alias/aws/kinesis", "alias/aws/lambda", "alias/aws/s3"} <= aliases, aliases

key = kms.create_key(Description="mine", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
assert key["KeyManager"] == "CUSTOMER" and key["CreationDate"].year >= 2020, key
key_id = key["KeyId"]
kms.create_alias(AliasName="alias/mine", TargetKeyId=key_id)
assert kms.list_resource_tags(KeyId=key_id)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
listed = [entry["KeyId"] for page in kms.get_paginator("list_keys").paginate(Limit=1) for entry in page["Keys"]]
assert key_id in listed and len(listed) == 4, listed

context = {"purpose": "test"}
blob = kms.encrypt(KeyId="alias/mine", Plaintext=b"secret", EncryptionContext=context)["CiphertextBlob"]
assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"
refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=blob)
data_key = kms.generate_data_key(KeyId=key_id, KeySpec="AES_256")
assert kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"] == data_key["Plaintext"]

kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=100)
status = kms.get_key_rotation_status(KeyId=key_id)
assert status["KeyRotationEnabled"] and status["NextRotationDate"].year >= 2020, status
kms.rotate_key_on_demand(KeyId=key_id)
assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"

kinesis.create_stream(StreamName="s", ShardCount=1)
until_active("s")
kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId="alias/mine")
assert kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="k")["EncryptionType"] == "KMS"
kms.disable_key(KeyId=key_id)
refused("KMSDisabledException", kinesis.put_record, StreamName="s", Data=b"x", PartitionKey="k")
kms.enable_key(KeyId=key_id)
kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="k")

deletion = kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
assert deletion["KeyState"] == "PendingDeletion" and deletion["DeletionDate"].year >= 2020, deletion
refused("KMSInvalidStateException", kms.encrypt, KeyId=key_id, Plaintext=b"secret")
kms.cancel_key_deletion(KeyId=key_id)
refused("NotFoundException", kms.describe_key, KeyId="alias/other")
refused("NotAuthorizedException", kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key_id)

print("boto3 is content")
