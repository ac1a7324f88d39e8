"""What an anatomical prior adds on a brain whose labels it has not seen."""
