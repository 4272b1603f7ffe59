resource "aws_kinesis_stream" "example" {
  name        = "example"
  shard_count = 1
}

resource "aws_kinesis_stream_consumer" "example" {
  name       = "example"
  stream_arn = aws_kinesis_stream.example.arn
}
