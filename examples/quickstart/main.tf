# A stream, a function that is called with its records, and a fan-out consumer beside it: the smallest thing that shows
# the whole road. Nothing in here is special to Millrace but the provider's source.

terraform {
  required_providers {
    aws = {
      source = "millrace/aws"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_kinesis_stream" "demo" {
  name             = "demo-stream"
  shard_count      = 2
  retention_period = 48
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"
}

resource "aws_lambda_event_source_mapping" "kinesis_lambda" {
  event_source_arn  = aws_kinesis_stream.demo.arn
  function_name     = aws_lambda_function.processor.arn
  starting_position = "LATEST"
  batch_size        = 100
  enabled           = true
}

resource "aws_kinesis_stream_consumer" "efo" {
  name       = "efo-consumer"
  stream_arn = aws_kinesis_stream.demo.arn
}

# processor.zip is made from function/: python3 -m zipfile -c processor.zip function/handler.py
resource "aws_lambda_function" "processor" {
  function_name    = "processor"
  role             = aws_iam_role.processor.arn
  runtime          = "python3.12"
  handler          = "handler.handle"
  filename         = "${path.module}/processor.zip"
  source_code_hash = filebase64sha256("${path.module}/processor.zip")
  timeout          = 30
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

resource "aws_iam_role" "processor" {
  name               = "processor"
  assume_role_policy = data.aws_iam_policy_document.assume.json
}

resource "aws_iam_role_policy_attachment" "kinesis" {
  role       = aws_iam_role.processor.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}

output "stream_arn" {
  value = aws_kinesis_stream.demo.arn
}

output "consumer_arn" {
  value = aws_kinesis_stream_consumer.efo.arn
}
