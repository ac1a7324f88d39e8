"""Windows of their own: writing files, and questions before something is lost."""
