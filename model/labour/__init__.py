"""labour."""
