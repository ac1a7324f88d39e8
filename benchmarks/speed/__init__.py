"""How fast each stage is, how near its floor, and beside what a person would run instead."""
