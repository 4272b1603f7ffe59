# Two functions and a program read the same stream, each through a consumer of its own: each gets 2 MB per second and shard
# for itself, and none waits for another.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  # What each function is for, by its name.
  readers = {
    billing = "handler.bill"
    search  = "handler.index"
  }
}

resource "aws_kinesis_stream" "orders" {
  name        = "orders"
  shard_count = 2

  # Without this a stream that somebody still reads is not destroyed.
  enforce_consumer_deletion = true
}

resource "aws_kinesis_stream_consumer" "reader" {
  for_each = local.readers

  name       = each.key
  stream_arn = aws_kinesis_stream.orders.arn
}

# Read with SubscribeToShard by a program that is not Terraform's business.
resource "aws_kinesis_stream_consumer" "dashboard" {
  name       = "dashboard"
  stream_arn = aws_kinesis_stream.orders.arn
}

resource "aws_lambda_event_source_mapping" "reader" {
  for_each = local.readers

  event_source_arn  = aws_kinesis_stream_consumer.reader[each.key].arn
  function_name     = aws_lambda_function.reader[each.key].arn
  starting_position = "TRIM_HORIZON"
  batch_size        = 500

  depends_on = [aws_iam_role_policy.read]
}

# function.zip is made from handler.py: python3 -m zipfile -c function.zip handler.py
resource "aws_lambda_function" "reader" {
  for_each = local.readers

  function_name    = each.key
  role             = aws_iam_role.reader.arn
  runtime          = "python3.13"
  handler          = each.value
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:ListShards"]
    resources = [aws_kinesis_stream.orders.arn]
  }
  statement {
    actions   = ["kinesis:SubscribeToShard"]
    resources = [for consumer in aws_kinesis_stream_consumer.reader : consumer.arn]
  }
}

resource "aws_iam_role" "reader" {
  name               = "orders-reader"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy" "read" {
  name   = "read"
  role   = aws_iam_role.reader.id
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_iam_role_policy_attachment" "logs" {
  role       = aws_iam_role.reader.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

output "dashboard" {
  value = aws_kinesis_stream_consumer.dashboard.arn
}
