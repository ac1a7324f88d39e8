"""The localizers: methods that find the sample in a volume, and the image processing they are made of."""
