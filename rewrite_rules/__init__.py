"""The rules of remedy, one a file; the file's name is the rule's name.

A rule counts only when it stands in RULES.
"""

from remedy.rules import Rule
from rewrite_rules import aaaa_nxdomain, suppression_without_reason

RULES: tuple[Rule, ...] = (aaaa_nxdomain.RULE, suppression_without_reason.RULE)
