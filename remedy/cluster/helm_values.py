"""A Corefile as the values of the coredns chart, which RKE2 uses too: `servers`, with every plugin's parameters and block.

The chart replaces its default list by the one it is given, so the list has to be whole. It writes a server's port behind the last zone only
(coredns/helm: charts/coredns/templates/_helpers.tpl).
"""

from __future__ import annotations

import json
import re
import textwrap

from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, Directive, ServerBlock

_KEY = re.compile(r"(?P<scheme>[a-z]+://)?(?P<zone>.*?)(?::(?P<port>\d+))?")
_PLAIN = re.compile(r"[A-Za-z/][-A-Za-z0-9_./ ]*(?<! )")  # needs no quotes in YAML, as a value
# What a YAML text may not hold (1.2, section 5.1).
_STRANGE = re.compile("[^\t\n\r -~\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def values(text: str) -> str | None:
    """YAML, two spaces a level; None where the Corefile has what the values cannot say. ParseError as parse().

    Those are snippets, imports, variables, words behind a plugin's block, and bytes that are not UTF-8.
    """
    corefile = parse(text)
    spliced = corefile.unread or corefile.followed or corefile.unknown
    if spliced or not corefile.blocks or not all(block.plugins for block in corefile.blocks) or _STRANGE.search(text):
        return None
    if any(each.rest for _, plugin in corefile.walk() for each in plugin.walk()):
        return None
    servers = [line for block in corefile.blocks for line in _server(corefile, block)]
    return "".join(f"{line}\n" for line in ("servers:", *servers))


def _server(corefile: Corefile, block: ServerBlock) -> list[str]:
    keys = [match.groupdict() for key in block.keys if (match := _KEY.fullmatch(key.text.rstrip(",")))]
    port = keys[-1]["port"] or "53"
    lines = ["  - zones:"]
    for place, key in enumerate(keys):
        last = place == len(keys) - 1
        zone = (key["zone"] or ".") + (f":{key['port']}" if key["port"] and not last else "")
        lines.append(f"      - zone: {_scalar(zone)}")
        if key["scheme"]:
            lines.append(f"        scheme: {_scalar(key['scheme'])}")
    return [*lines, f"    port: {port}", "    plugins:", *(line for plugin in block.plugins for line in _plugin(corefile, plugin))]


def _plugin(corefile: Corefile, plugin: Directive) -> list[str]:
    lines = [f"      - name: {_scalar(plugin.name.text)}"]
    if plugin.arguments:
        lines.append(f"        parameters: {_scalar(corefile.text[plugin.arguments[0].start : plugin.arguments[-1].end])}")
    if plugin.opening is not None and plugin.closing is not None:
        written = corefile.text[plugin.opening.end : plugin.closing.start].strip("\r\n").rstrip()
        inside = textwrap.dedent("\n".join(_spaced(line.rstrip()) for line in written.split("\n")))
        if inside.strip():
            lines += ["        configBlock: |-", *(f"          {line}" if line else "" for line in inside.lstrip().split("\n"))]
    return lines


def _spaced(line: str) -> str:
    """The same with spaces for the tabs that it is indented with."""
    content = line.lstrip()
    return line[: len(line) - len(content)].expandtabs() + content


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and text.lower() not in _WORDS else json.dumps(text)
