"""Inference: which parameters fit the targets, by approximate Bayesian computation in stages."""
