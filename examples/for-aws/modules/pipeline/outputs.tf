output "stream_arn" {
  value = aws_kinesis_stream.this.arn
}

output "dead_letters" {
  value = one(aws_sqs_queue.dead_letters[*].url)
}
