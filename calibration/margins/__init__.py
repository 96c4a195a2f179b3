"""margins."""
