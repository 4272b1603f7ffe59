data "aws_kms_alias" "example" {
  name = "alias/aws/kinesis"
}

output "key" {
  value = data.aws_kms_alias.example.target_key_arn
}
