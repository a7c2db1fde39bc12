"""The rules of remedy, one a file; the file's name is the rule's name. A module with an underscore is no rule, but what several share.

A rule counts only when it stands in RULES.
"""

from remedy.rules import Rule
from rewrite_rules import (
    a_nxdomain,
    a_template_alone,
    a_template_before_catch_all,
    aaaa_error,
    aaaa_nxdomain,
    acl_denies_aaaa,
    empty_record,
    erratic,
    fallthrough_without_match,
    forward_except,
    glued_comment,
    hosts_without_fallthrough,
    invalid_record,
    match_without_fallthrough,
    next_on_nodata,
    no_reload,
    no_server_block,
    nobody_answers,
    plugin_as_zone,
    rewrite_rcode,
    rewrite_type_aaaa,
    unknown_word,
    view_denies_aaaa,
    zones_in_one_word,
)

RULES: tuple[Rule, ...] = (
    aaaa_nxdomain.RULE,
    aaaa_error.RULE,
    a_template_alone.RULE,
    a_template_before_catch_all.RULE,
    acl_denies_aaaa.RULE,
    rewrite_type_aaaa.RULE,
    rewrite_rcode.RULE,
    view_denies_aaaa.RULE,
    a_nxdomain.RULE,
    next_on_nodata.RULE,
    match_without_fallthrough.RULE,
    fallthrough_without_match.RULE,
    invalid_record.RULE,
    empty_record.RULE,
    unknown_word.RULE,
    no_server_block.RULE,
    zones_in_one_word.RULE,
    plugin_as_zone.RULE,
    glued_comment.RULE,
    no_reload.RULE,
    hosts_without_fallthrough.RULE,
    forward_except.RULE,
    nobody_answers.RULE,
    erratic.RULE,
)
