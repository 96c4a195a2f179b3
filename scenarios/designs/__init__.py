"""Shipped support designs."""
