"""Building blocks: a few keys that change any design."""
