data "aws_caller_identity" "example" {}

output "account" {
  value = data.aws_caller_identity.example.account_id
}
