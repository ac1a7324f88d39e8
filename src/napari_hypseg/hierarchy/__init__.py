"""The tree over the leaves: building it, cutting it, colouring, naming and scoring what comes out."""
