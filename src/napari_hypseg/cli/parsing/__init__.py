"""What the words of a command line mean: flags, methods, specimens, boxes, names and places to write to."""
