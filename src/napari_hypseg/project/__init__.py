"""The project: one folder on disk and the one object that changes."""
