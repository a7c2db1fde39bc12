"""What would this Corefile answer to (name, type)? Pure functions over its tree; what they cannot judge is unknown, never a guess."""
