resource "aws_kinesis_stream" "example" {
  name        = "example"
  shard_count = 1
}

data "aws_kinesis_stream" "example" {
  name = aws_kinesis_stream.example.name
}

output "open_shards" {
  value = data.aws_kinesis_stream.example.open_shards
}
