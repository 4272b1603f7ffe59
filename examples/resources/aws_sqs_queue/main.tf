resource "aws_sqs_queue" "dead" {
  name = "example-dead"
}

resource "aws_sqs_queue" "example" {
  name                       = "example"
  visibility_timeout_seconds = 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 3
  })
}
