"""Averages and mixes of weights, and the weights a checkpoint holds."""
