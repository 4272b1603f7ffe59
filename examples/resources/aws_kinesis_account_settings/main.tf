resource "aws_kinesis_account_settings" "example" {
  minimum_throughput_billing_commitment {
    status = "ENABLED"
  }
}
