"""The rules of remedy, one a file; the file's name is the rule's name.

A rule counts only when it stands in RULES.
"""

from remedy.rules import Rule
from rewrite_rules import aaaa_nxdomain

RULES: tuple[Rule, ...] = (aaaa_nxdomain.RULE,)
