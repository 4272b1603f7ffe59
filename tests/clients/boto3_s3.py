"""A session with S3 through boto3: buckets, objects, versions, parts, lists, tags, links. Fails loudly."""

import hashlib
import urllib.error
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3")


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["RequestId"], error
        return error.response
    raise AssertionError(f"not refused: {code}")


# Buckets.
s3.create_bucket(Bucket="bucket")
s3.head_bucket(Bucket="bucket")
assert s3.get_bucket_location(Bucket="bucket")["LocationConstraint"] is None
assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]
refused("404", s3.head_bucket, Bucket="none")
refused("NoSuchBucket", s3.list_objects_v2, Bucket="none")
refused("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="bucket")
refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket="bucket")
refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="bucket")
s3.put_bucket_tagging(Bucket="bucket", Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
assert s3.get_bucket_tagging(Bucket="bucket")["TagSet"] == [{"Key": "a", "Value": "1"}]
rules = s3.get_bucket_encryption(Bucket="bucket")["ServerSideEncryptionConfiguration"]["Rules"]
assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256", rules
assert s3.get_bucket_acl(Bucket="bucket")["Grants"][0]["Permission"] == "FULL_CONTROL"
assert all(s3.get_public_access_block(Bucket="bucket")["PublicAccessBlockConfiguration"].values())
lifecycle = {"Rules": [{"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}]}
s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration=lifecycle)
assert s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"] == lifecycle["Rules"]

# Objects, with every checksum that the client can make by itself. Bodies come in chunks.
for number, algorithm in enumerate(["CRC32", "SHA1", "SHA256"]):
    put = s3.put_object(Bucket="bucket", Key=f"k/{number}", Body=b"hello", ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket="bucket", Key=f"k/{number}", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello" and put[f"Checksum{algorithm}"] == got[f"Checksum{algorithm}"], got
strange = "a b/ü/%41/../+&?=<>\u2028"
s3.put_object(Bucket="bucket", Key=strange, Body=b"x", Metadata={"colour": "green"}, ContentType="text/plain", Tagging="t=1")
head = s3.head_object(Bucket="bucket", Key=strange)
assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (1, "text/plain", {"colour": "green"}), head
assert head["ETag"] == '"%s"' % hashlib.md5(b"x").hexdigest()
assert s3.get_object_tagging(Bucket="bucket", Key=strange)["TagSet"] == [{"Key": "t", "Value": "1"}]
assert s3.get_object(Bucket="bucket", Key="k/0", Range="bytes=1-2")["Body"].read() == b"el"
missing = refused("NoSuchKey", s3.get_object, Bucket="bucket", Key="none")
assert missing["Error"]["Key"] == "none", missing
refused("404", s3.head_object, Bucket="bucket", Key="none")
refused("304", s3.get_object, Bucket="bucket", Key=strange, IfNoneMatch=head["ETag"])
refused("PreconditionFailed", s3.put_object, Bucket="bucket", Key=strange, Body=b"y", IfNoneMatch="*")
refused("InvalidRange", s3.get_object, Bucket="bucket", Key="k/0", Range="bytes=5-")
s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": strange})
assert s3.head_object(Bucket="bucket", Key="copy")["Metadata"] == {"colour": "green"}

# Lists.
pages = s3.get_paginator("list_objects_v2").paginate(Bucket="bucket", PaginationConfig={"PageSize": 2})
keys = [entry["Key"] for page in pages for entry in page["Contents"]]
assert keys == sorted(["copy", "k/0", "k/1", "k/2", strange], key=str.encode), keys
listed = s3.list_objects_v2(Bucket="bucket", Delimiter="/")
assert [prefix["Prefix"] for prefix in listed["CommonPrefixes"]] == ["a b/", "k/"], listed
assert [entry["Key"] for entry in s3.list_objects(Bucket="bucket", Prefix="k/", MaxKeys=2)["Contents"]] == ["k/0", "k/1"]

# In parts, as the transfer manager does it, and back in ranges.
large = b"0123456789abcdef" * (12 * 1024 * 1024 // 16)
with open("large", "wb") as file:
    file.write(large)
transfer = TransferConfig(multipart_threshold=5 * 1024 * 1024, multipart_chunksize=5 * 1024 * 1024)
s3.upload_file("large", "bucket", "large", Config=transfer, ExtraArgs={"Metadata": {"size": "large"}})
head = s3.head_object(Bucket="bucket", Key="large")
assert head["ContentLength"] == len(large) and head["ETag"].endswith('-3"') and head["Metadata"] == {"size": "large"}, head
s3.download_file("bucket", "large", "again", Config=transfer)
with open("again", "rb") as file:
    assert file.read() == large
s3.copy({"Bucket": "bucket", "Key": "large"}, "bucket", "large copy", Config=transfer)
assert s3.get_object(Bucket="bucket", Key="large copy")["Body"].read() == large
upload = s3.create_multipart_upload(Bucket="bucket", Key="parts", ChecksumAlgorithm="CRC32")["UploadId"]
part = s3.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=7, Body=b"part")
assert [entry["PartNumber"] for entry in s3.list_parts(Bucket="bucket", Key="parts", UploadId=upload)["Parts"]] == [7]
assert [entry["UploadId"] for entry in s3.list_multipart_uploads(Bucket="bucket")["Uploads"]] == [upload]
entry = {"PartNumber": 7, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}
done = s3.complete_multipart_upload(Bucket="bucket", Key="parts", UploadId=upload, MultipartUpload={"Parts": [entry]})
assert done["ChecksumCRC32"].endswith("-1") and done["ChecksumType"] == "COMPOSITE", done
upload = s3.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
s3.abort_multipart_upload(Bucket="bucket", Key="parts", UploadId=upload)
refused("NoSuchUpload", s3.list_parts, Bucket="bucket", Key="parts", UploadId=upload)

# Links that anybody can follow, signed either way.
for version in ["s3v4", "s3"]:
    signer = boto3.client("s3", config=Config(signature_version=version))
    link = signer.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k/0"})
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"hello", link
    link = signer.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "by link"})
    with urllib.request.urlopen(urllib.request.Request(link, method="PUT", data=b"put")) as answer:
        assert answer.status == 200, link

# Versions.
s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
first = s3.put_object(Bucket="bucket", Key="v", Body=b"1")["VersionId"]
s3.put_object(Bucket="bucket", Key="v", Body=b"2")
marker = s3.delete_object(Bucket="bucket", Key="v")
assert marker["DeleteMarker"], marker
refused("NoSuchKey", s3.get_object, Bucket="bucket", Key="v")
assert s3.get_object(Bucket="bucket", Key="v", VersionId=first)["Body"].read() == b"1"
versions = s3.list_object_versions(Bucket="bucket", Prefix="v")
assert (len(versions["Versions"]), len(versions["DeleteMarkers"])) == (2, 1), versions
s3.delete_object(Bucket="bucket", Key="v", VersionId=marker["VersionId"])
assert s3.get_object(Bucket="bucket", Key="v")["Body"].read() == b"2"

# Encrypted with a key, an object is as readable as the key is usable.
kms = boto3.client("kms")
key = kms.create_key()["KeyMetadata"]["Arn"]
put = s3.put_object(Bucket="bucket", Key="sealed", Body=b"0123456789", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", key), put
assert s3.get_object(Bucket="bucket", Key="sealed", Range="bytes=3-5")["Body"].read() == b"345"
usual = s3.put_object(Bucket="bucket", Key="usual", Body=b"x", ServerSideEncryption="aws:kms")["SSEKMSKeyId"]
assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["Arn"] == usual, usual
kms.disable_key(KeyId=key)
refused("KMS.DisabledException", s3.get_object, Bucket="bucket", Key="sealed")
assert s3.head_object(Bucket="bucket", Key="sealed")["SSEKMSKeyId"] == key

# The end.
refused("BucketNotEmpty", s3.delete_bucket, Bucket="bucket")
boto3.resource("s3").Bucket("bucket").object_versions.delete()
s3.delete_bucket(Bucket="bucket")
assert s3.list_buckets()["Buckets"] == []
print("boto3 is content")
