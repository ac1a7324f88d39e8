"""The context of leaves: which leaves are found around each, and the linkage that uses it."""
