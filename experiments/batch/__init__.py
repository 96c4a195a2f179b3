"""Batches: experiments planned, run and kept in a store that survives whatever stops them."""
