"""Work beside the window: processes, threads and pieces between two events."""
