resource "aws_sns_topic" "example" {
  name         = "example"
  display_name = "An example"
}
