resource "aws_iam_policy" "example" {
  name        = "example"
  description = "Reads one stream."

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
      Resource = "arn:aws:kinesis:*:*:stream/example"
    }]
  })
}
