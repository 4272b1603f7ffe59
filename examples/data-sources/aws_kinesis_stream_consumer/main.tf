resource "aws_kinesis_stream" "example" {
  name        = "example"
  shard_count = 1
}

resource "aws_kinesis_stream_consumer" "example" {
  name       = "example"
  stream_arn = aws_kinesis_stream.example.arn
}

data "aws_kinesis_stream_consumer" "example" {
  name       = aws_kinesis_stream_consumer.example.name
  stream_arn = aws_kinesis_stream_consumer.example.stream_arn
}

output "status" {
  value = data.aws_kinesis_stream_consumer.example.status
}
