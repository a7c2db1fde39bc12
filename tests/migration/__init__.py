"""Migrations between releases, held against the releases' own programs."""
