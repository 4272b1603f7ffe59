resource "aws_s3_bucket" "settings" {
  bucket = "example-of-settings"
}

resource "aws_s3_object" "example" {
  bucket       = aws_s3_bucket.settings.bucket
  key          = "functions/settings.json"
  content      = jsonencode({ batch = 100 })
  content_type = "application/json"
}
