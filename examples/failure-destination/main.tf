# A record that its function can't digest is tried three times, cut out of its batch by halving, and reported to a queue; what
# is behind it in the shard goes on.

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

resource "aws_kinesis_stream" "payments" {
  name        = "payments"
  shard_count = 1
}

# Where the reports go. They say which records of which shard it was, not what was in them: the stream still has that.
resource "aws_sqs_queue" "failed" {
  name                      = "payments-failed"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.forgotten.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "forgotten" {
  name = "payments-forgotten"
}

resource "aws_lambda_event_source_mapping" "payments" {
  event_source_arn                   = aws_kinesis_stream.payments.arn
  function_name                      = aws_lambda_function.payments.arn
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 100
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 2
  maximum_record_age_in_seconds      = 3600
  maximum_batching_window_in_seconds = 1

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failed.arn
    }
  }
}

# function.zip is made from handler.py: python3 -m zipfile -c function.zip handler.py
resource "aws_lambda_function" "payments" {
  function_name    = "payments"
  role             = aws_iam_role.payments.arn
  runtime          = "python3.13"
  handler          = "handler.handle"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")
  timeout          = 10
}

resource "aws_iam_role" "payments" {
  name = "payments"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_policy" "report" {
  name = "payments-report"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = aws_sqs_queue.failed.arn
    }]
  })
}

resource "aws_iam_role_policy_attachment" "payments" {
  for_each = {
    read   = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
    report = aws_iam_policy.report.arn
  }

  role       = aws_iam_role.payments.name
  policy_arn = each.value
}

output "failed" {
  value = aws_sqs_queue.failed.url
}
