"""Generated CT scans of a specimen whose box is known."""
