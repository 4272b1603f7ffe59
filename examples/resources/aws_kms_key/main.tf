resource "aws_kms_key" "example" {
  description         = "Seals streams."
  enable_key_rotation = true
}
