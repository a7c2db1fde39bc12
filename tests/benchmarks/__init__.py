"""How long remedy takes from start to exit, as ratios to a Python that does nothing, and how fast it reads Corefiles, beside CoreDNS's own
parser, and a directory of manifests; run it with `make bench`.

These are no tests: figures from a busy machine are no verdict, so nothing here ever fails a run.
"""
