"""Finding the sample: exactness, certainty, time and memory."""
