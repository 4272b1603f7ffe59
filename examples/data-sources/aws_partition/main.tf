data "aws_partition" "example" {}

output "managed_policy" {
  value = "arn:${data.aws_partition.example.partition}:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole"
}
