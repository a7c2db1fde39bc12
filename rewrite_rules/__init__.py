"""The rules of remedy, one a file; the file's name is the rule's name. A module with an underscore is no rule, but what several share.

A rule counts only when it stands in RULES.
"""

from remedy.rules import Rule
from rewrite_rules import aaaa_error, aaaa_nxdomain

RULES: tuple[Rule, ...] = (aaaa_nxdomain.RULE, aaaa_error.RULE)
