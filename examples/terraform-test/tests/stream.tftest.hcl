provider "aws" {
  region = "eu-central-1"
}

variables {
  name               = "tested"
  records_per_second = 2500
}

run "is_sized_by_what_is_put" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 3
    error_message = "2,500 records a second need three shards."
  }

  assert {
    condition     = endswith(aws_kinesis_stream.this.arn, ":stream/tested")
    error_message = "The ARN is known before there is a stream."
  }
}

run "is_made" {
  assert {
    condition     = startswith(output.arn, "arn:aws:kinesis:eu-central-1:")
    error_message = "It is in the wrong region: ${output.arn}"
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "KMS"
    error_message = "It is not encrypted."
  }
}

run "grows_in_place" {
  variables {
    records_per_second = 4000
    retention_days     = 7
  }

  assert {
    condition     = output.arn == run.is_made.arn && output.shards == 4
    error_message = "It was made anew or did not grow."
  }

  assert {
    condition     = aws_kinesis_stream.this.retention_period == 168
    error_message = "It does not keep a week."
  }
}

run "refuses_a_stream_for_nobody" {
  command = plan

  variables {
    records_per_second = 0
  }

  expect_failures = [var.records_per_second]
}
