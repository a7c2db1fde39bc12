"""A review in Markdown shows what a Corefile holds and never obeys it."""

from __future__ import annotations

from remedy.plan import Change, Plan
from remedy.report import markdown
from remedy.sources.document import Target
from remedy.validate.verdict import Validation

TARGET = Target("file", "a|b`c.Corefile")


def test_a_fence_in_a_comment_does_not_end_the_diff() -> None:
    diff = "--- a/C\n+++ b/C\n@@ -1,2 +1,2 @@\n # ````\n-old\n+new\n"
    shown = markdown.review(Plan((Change(TARGET, "old", "new", diff=diff),)), None)
    assert shown.count("\n`````diff\n") == 1
    assert "\n`````\n" in shown


def test_a_name_with_a_pipe_or_a_backtick_stays_one_code_span_in_one_cell() -> None:
    shown = markdown.review(Plan((Change(TARGET, "old", "new"),)), None)
    assert "**`` a&#124;b`c.Corefile ``**" in shown


def test_words_that_quote_a_corefile_are_no_markup() -> None:
    shown = markdown.verdict(Validation("model", "failed", (), 0, ("<img src=x> # heading [link](url) *bold* \x1b[31m",)))
    assert "- \\<img src=x\\> \\# heading \\[link\\](url) \\*bold\\* \\\\027\\[31m\n" in shown


def test_a_review_with_nothing_to_change_says_so_in_one_line() -> None:
    assert markdown.review(Plan(()), None) == "### CoreDNS: 0 changes\n"
