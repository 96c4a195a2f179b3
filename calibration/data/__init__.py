"""Tables of figures; README.md names their sources."""
