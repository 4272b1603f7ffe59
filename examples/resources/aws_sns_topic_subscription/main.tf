resource "aws_sns_topic" "example" {
  name = "example"
}

resource "aws_sqs_queue" "example" {
  name = "example"
}

resource "aws_sns_topic_subscription" "example" {
  topic_arn            = aws_sns_topic.example.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.example.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["order"] })
}
