"""What is carried to a volume that was not there when its structures were named."""
