"""What a person asks for, carried out on model, layers and jobs."""
