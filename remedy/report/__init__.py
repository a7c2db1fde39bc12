"""Renderers: pure functions from the nouns to text. What they return goes to stdout as it is."""
