"""Files and folders on disk, whatever they hold: replaced whole, locked, checked, and tidied up after a crash."""
