resource "aws_kinesis_stream" "example" {
  name        = "example"
  shard_count = 1
}

resource "aws_kinesis_resource_policy" "example" {
  resource_arn = aws_kinesis_stream.example.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "writers"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["kinesis:DescribeStreamSummary", "kinesis:PutRecord", "kinesis:PutRecords"]
      Resource  = aws_kinesis_stream.example.arn
    }]
  })
}
