"""The terminal interface of remedy, over the same service as the command line."""
