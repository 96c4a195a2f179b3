"""Scenarios of historical closures and declines."""
