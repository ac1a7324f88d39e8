"""Between napari's layers and what is made of them."""
