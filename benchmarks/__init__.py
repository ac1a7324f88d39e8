"""The project's published measurements, made again: ``python -m benchmarks`` from the repository's root."""
