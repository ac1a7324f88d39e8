"""The commands, one file each: its flags, what it does, and the table it prints."""
