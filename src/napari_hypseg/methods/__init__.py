"""Methods: what can be learned, one file each, found by entry point."""
