data "aws_availability_zones" "example" {
  state = "available"
}

output "names" {
  value = data.aws_availability_zones.example.names
}
