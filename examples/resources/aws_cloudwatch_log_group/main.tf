resource "aws_cloudwatch_log_group" "example" {
  name              = "/aws/lambda/example"
  retention_in_days = 14

  tags = {
    team = "mill"
  }
}
