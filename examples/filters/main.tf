# A function that sees only what it asked for, and says which record it could not do: what is before it is done, what is from
# it on comes again.

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

resource "aws_kinesis_stream" "sensors" {
  name        = "sensors"
  shard_count = 2
}

resource "aws_lambda_event_source_mapping" "alarm" {
  event_source_arn        = aws_kinesis_stream.sensors.arn
  function_name           = aws_lambda_function.alarm.arn
  starting_position       = "TRIM_HORIZON"
  parallelization_factor  = 2
  function_response_types = ["ReportBatchItemFailures"]
  maximum_retry_attempts  = 5

  # One of them has to match.
  filter_criteria {
    # Hot rooms, but not the server room.
    filter {
      pattern = jsonencode({
        data = {
          room        = [{ anything-but = ["server"] }]
          temperature = [{ numeric = [">", 30] }]
        }
      })
    }
    # Anything that has burnt out, whatever it is called.
    filter {
      pattern = jsonencode({
        data = {
          state = [{ prefix = "burnt" }]
        }
      })
    }
  }
}

# function.zip is made from handler.py: python3 -m zipfile -c function.zip handler.py
resource "aws_lambda_function" "alarm" {
  function_name    = "alarm"
  role             = aws_iam_role.alarm.arn
  runtime          = "python3.13"
  handler          = "handler.handle"
  filename         = "${path.module}/function.zip"
  source_code_hash = filebase64sha256("${path.module}/function.zip")

  environment {
    variables = {
      # How often the siren doesn't hear.
      DEAF = 1
    }
  }
}

resource "aws_iam_role" "alarm" {
  name = "alarm"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "alarm" {
  role       = aws_iam_role.alarm.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}
