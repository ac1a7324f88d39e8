"""What a person makes of the leaves: named structures, edits of them, and what is measured on them."""
