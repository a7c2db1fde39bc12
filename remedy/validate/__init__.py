"""Provers: what would every client get, before and after a change? Each takes the two texts and gives a Validation."""
