"""A review as an HTML page loads nothing, runs nothing, and holds no secret."""

from __future__ import annotations

from html.parser import HTMLParser

from remedy import service
from remedy.plan import Change, Plan
from remedy.report import html
from remedy.rules import Choices
from remedy.sources.document import Target
from remedy.sources.find import Search
from tests.command import REPOSITORY

TARGET = Target("file", "Corefile")
COREFILE = REPOSITORY / "tests" / "golden" / "corefile" / "Corefile"


class Elements(HTMLParser):
    """What a browser would make of the page: the elements with their attributes, and the text without the style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def reviewed() -> tuple[Plan, str]:
    plan = service.plan(Search([str(COREFILE)]), Choices())
    return plan, html.review(plan, service.validate(plan))


def test_the_page_holds_the_diff_the_answers_the_verdict_and_the_fingerprint() -> None:
    plan, page = reviewed()
    read = Elements(page).text
    for line in plan.changes[0].diff.splitlines():
        assert line in read
    for words in ("NXDOMAIN", "NODATA", "musl&gt;=1.2.4", "validation passed", plan.fingerprint):
        assert words in page


def test_nothing_in_it_runs_or_is_loaded_from_elsewhere() -> None:
    _, page = reviewed()
    elements = Elements(page).seen
    assert {tag for tag, _ in elements}.isdisjoint({"script", "img", "link", "iframe", "object", "form", "a"})
    assert not [name for _, attributes in elements for name in attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert "default-src 'none'" in page


def test_markup_in_a_corefile_is_text_on_the_page() -> None:
    target = Target("file", "<img src=x>")
    diff = "--- a/C\n+++ b/C\n@@ -1 +1 @@\n-# </pre><script>alert(1)</script>\n+# \x1b[31m\u202egnihton\n"
    page = html.review(Plan((Change(target, "old", "new", diff=diff),)), None)
    assert "script" not in {tag for tag, _ in Elements(page).seen}
    assert "-# </pre><script>alert(1)</script>" in Elements(page).text
    assert "\\x1b[31m\\u202e" in page


def test_a_secret_in_the_diff_is_masked() -> None:
    diff = "--- a/C\n+++ b/C\n@@ -1,3 +1,3 @@\n tsig {\n     secret key. Zm9vYmFyc2VjcmV0\n-old\n+new\n"
    page = html.review(Plan((Change(TARGET, "old", "new", diff=diff),)), None)
    assert "Zm9vYmFyc2VjcmV0" not in page
    assert "secret key. ****" in page


def test_bytes_that_are_no_text_are_spelled_out_so_that_the_page_can_be_written() -> None:
    diff = "--- a/C\n+++ b/C\n@@ -1 +1 @@\n-\udcff\n+new\n"
    assert "-\\udcff" in html.review(Plan((Change(TARGET, "old", "new", diff=diff),)), None).encode("utf-8").decode()


def test_a_line_that_is_taken_away_keeps_its_sign_beside_its_colour() -> None:
    _, page = reviewed()
    assert '<span class="del">-' in page
    assert '<span class="add">+' in page
    assert '<span class="at">--- a/' in page
