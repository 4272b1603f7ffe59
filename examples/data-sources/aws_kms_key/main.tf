resource "aws_kms_key" "example" {
  description = "Seals streams."
}

data "aws_kms_key" "example" {
  key_id = aws_kms_key.example.key_id
}

output "state" {
  value = data.aws_kms_key.example.key_state
}
