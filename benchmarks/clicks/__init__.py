"""What a few clicks reach, on regions and with a pixel classifier."""
