"""A review as one HTML page that can be mailed or attached to a ticket: the diff, the table of answers, the verdict.

Nothing in it runs or is loaded from elsewhere, and its policy says so to the browser: a Corefile is quoted in it, and whoever may edit that
could write a script there. Signs carry the meaning, colours repeat it; secrets are masked, since a page is made to be passed on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from remedy.mask import visible
from remedy.report import fates
from remedy.report.text import count, how

if TYPE_CHECKING:
    from remedy.finding import Finding
    from remedy.plan import Answer, Change, Plan
    from remedy.validate.verdict import Validation

_STYLE = """\
:root { color-scheme: light dark; --add: #1a7f37; --del: #b3261e; --rule: #8884; }
@media (prefers-color-scheme: dark) { :root { --add: #56d364; --del: #ff8f87; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
pre, code { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; border: 1px solid var(--rule); padding: .75rem; }
.add { color: var(--add); } .del { color: var(--del); } .at { opacity: .7; }
table { border-collapse: collapse; } th, td { border: 1px solid var(--rule); padding: .25rem .6rem; text-align: left; vertical-align: top; }
"""
_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""


def review(plan: Plan, validation: Validation | None) -> str:
    """A whole plan as a page: what changes and why, what it does to the answers, and the verdict."""
    changed = [change for change in plan.changes if change.before != change.after]
    judged = f", validation {validation.verdict}" if validation else ""
    way = f", {plan.releases}" if plan.releases else ""
    title = f"CoreDNS: {count(len(changed), 'change')}{way}{judged}"
    pieces = [_HEAD.format(title=_words(title), style=_STYLE), f"<h1>{_words(title)}</h1>\n"]
    pieces += [piece for change in plan.shown for piece in _change(change)]
    pieces += list(_verdict(validation)) if validation else []
    pieces += [f"<p>fingerprint <code>{plan.fingerprint}</code></p>\n"] if changed else []
    return "".join((*pieces, "</body>\n</html>\n"))


def _change(change: Change) -> Iterator[str]:
    yield f"<h2><code>{_words(change.target.shown)}</code></h2>\n"
    if change.fixed or change.left:
        yield "<ul>\n"
        for each in change.fixed:
            yield f"<li>fixed: {_finding(each)}</li>\n"
        for each in change.left:
            reason = f"; {_words(each.suppressed)}" if each.suppressed is not None else ""
            yield f"<li>{'suppressed' if reason else 'left'}: {_finding(each)}{reason}</li>\n"
        yield "</ul>\n"
    if change.diff:
        yield f"<pre>{''.join(_lines(change.diff))}</pre>\n"


def _finding(found: Finding) -> str:
    return f"{found.code} {_words(found.name)} (line {found.line}): {_words(found.message)}"


def _lines(diff: str) -> Iterator[str]:
    """Each line of a diff with its sign; masked as a whole, since a secret is known by its line."""
    head = True
    for line in visible(diff).splitlines():
        head = head and not line.startswith("@@")
        kind = "at" if head or line.startswith("@@") else {"+": "add", "-": "del"}.get(line[:1], "")
        yield f'<span class="{kind}">{escape(line)}</span>\n' if kind else f"{escape(line)}\n"


def _verdict(validation: Validation) -> Iterator[str]:
    yield f"<h2>Validation ({_words(how(validation))}): {validation.verdict}</h2>\n"
    if validation.transcript:
        yield f"<ul>\n{''.join(f'<li>{_words(each)}</li>{chr(10)}' for each in validation.transcript)}</ul>\n"
    shown = [answer for answer in validation.answers if answer.differs]
    if shown:
        yield "<table>\n<tr><th>name</th><th>who asks</th><th>before</th><th>after</th></tr>\n"
        for answer in shown:
            yield from _rows(answer)
        yield "</table>\n"
        yield from _logs(validation.answers)
    if rest := len(validation.answers) - len(shown):
        yield f"<p>{count(rest, 'other name')} answered as before.</p>\n"


def _rows(answer: Answer) -> Iterator[str]:
    rows = (*fates.replies(answer), *fates.clients(answer))
    name = f'<td rowspan="{len(rows)}"><code>{_words(answer.shown)}</code> ({answer.kind})</td>'
    for fate in rows:
        who = ", ".join(f"<code>{_words(each)}</code>" for each in fate.who)
        after = _words(fate.after) if fate.before == fate.after else f"<strong>{_words(fate.after)}</strong>"
        yield f"<tr>{name}<td>{who}</td><td>{_words(fate.before)}</td><td>{after}</td></tr>\n"
        name = ""


def _logs(table: Sequence[Answer]) -> Iterator[str]:
    for each in fates.printed(table):
        yield f"<p>In the logs of {_words(', '.join(each.who))}: <code>{_words(each.before)}</code></p>\n"
    for words in fates.cached(table):
        yield f"<p>{_words(words[0].upper() + words[1:])}.</p>\n"


def _words(words: str) -> str:
    return escape(visible(words))
