"""Analysis of stores: what the runs of a batch say about designs under uncertainty."""
