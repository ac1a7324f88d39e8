"""The steps of the dock, and the parts each is put together from."""
