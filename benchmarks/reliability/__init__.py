"""Reliability: what happens to files and projects when processes die, disks fill and bits flip. See `__main__`."""
