"""Synthesis: persons, households and firms that match the margins of a region exactly."""
