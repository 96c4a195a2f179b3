"""Targets: observed figures that the model is calibrated on and checked against, each with what is simulated."""
