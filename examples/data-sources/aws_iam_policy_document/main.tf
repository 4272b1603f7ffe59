data "aws_iam_policy_document" "example" {
  statement {
    actions   = ["kinesis:GetRecords", "kinesis:GetShardIterator"]
    resources = ["arn:aws:kinesis:*:*:stream/example"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestedRegion"
      values   = ["eu-central-1"]
    }
  }
}

resource "aws_iam_policy" "example" {
  name   = "example"
  policy = data.aws_iam_policy_document.example.json
}
