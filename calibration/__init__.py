"""What is known: tables of figures, the margins of a region, what was observed."""
