resource "aws_s3_bucket" "example" {
  bucket        = "example-of-a-bucket"
  force_destroy = false

  tags = {
    team = "mill"
  }
}
