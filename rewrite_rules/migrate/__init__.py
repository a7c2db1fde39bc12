"""The steps of a version migration, a rule each: what the release that reads a text does not know, ignores, or understands otherwise.

They run wherever that release is known, without a migration too: then they tell whether a Corefile fits the release that it runs on.
"""
