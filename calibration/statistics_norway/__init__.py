"""statistics_norway."""
