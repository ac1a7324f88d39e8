"""What a person or a program sees: bar, lines, tables, figures, and the words for them."""
