"""Tables, figures and records of measurements in the pages of the documentation."""
