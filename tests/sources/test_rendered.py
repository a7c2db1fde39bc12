"""Lists of plugins in Helm values and add-on parameters: a fix changes the entry it is about and no other byte, in any way of writing YAML.

PyYAML is the second opinion on what the list says afterwards.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remedy import service
from remedy.corefile.edit import Edit, apply
from remedy.errors import ManifestError
from remedy.rules import Choices
from remedy.sources.document import Document, Target
from remedy.sources.manifest import parts

yaml: Any = pytest.importorskip("yaml")

OTHERS = [
    {"name": "errors"},
    {"name": "health", "configBlock": "lameduck 10s"},
    {"name": "kubernetes", "parameters": "cluster.local in-addr.arpa ip6.arpa", "configBlock": "pods insecure\nttl 30"},
    {"name": "cache", "parameters": "30"},
    {"name": "prometheus", "parameters": ":9153"},
    {"name": "template", "parameters": "ANY HINFO .", "configBlock": "rcode NXDOMAIN"},
    {"name": "template", "parameters": "IN AAAA v6.example"},
    {"name": "forward", "parameters": ". /etc/resolv.conf", "configBlock": "max_concurrent 1000"},
]
BROKEN = {"name": "template", "parameters": "ANY AAAA", "configBlock": "rcode NXDOMAIN"}
HEALED = {"name": "template", "parameters": "IN AAAA ."}


def document(text: str, name: str = "values.yaml") -> Document:
    return Document(Target("manifest", name), text, parts(text, name))


def fixed(text: str, *, style: Any = "documented") -> str:
    """The text with every safe fix; nothing is left to be found."""
    plan = service.plan([document(text)], Choices(style))
    after = plan.changes[0].after if plan.changes else text
    (scanned,) = service.scan([document(after)], Choices(style))
    assert [finding for finding in scanned.findings if finding.severity != "info"] == []
    return after


@st.composite
def written(draw: st.DrawFn, entry: dict[str, str], indent: str) -> str:
    """An entry as somebody may have written it: keys in any order, any style of scalar, comments; every line ends in one."""
    if draw(st.booleans()) and draw(st.booleans()):
        quote = draw(st.sampled_from(["'", '"']))
        pairs = [f"{key}: {_quoted(said, quote)}" for key, said in draw(st.permutations(list(entry.items())))]
        return f"{indent}- {{{', '.join(pairs)}}}\n"
    lines: list[str] = []
    for key, said in draw(st.permutations(list(entry.items()))):
        style = draw(st.sampled_from(["|", "|-", "plain", '"'] if key == "configBlock" else ["plain", "'", '"']))
        if style in ("|", "|-"):
            lines += [f"{key}: {style}", *(f"  {line}" for line in said.split("\n"))]
        elif style == "plain" and "\n" not in said and said[0].isalnum():
            lines.append(f"{key}: {said}" + draw(st.sampled_from(["", "  # why"])))
        else:
            lines.append(f"{key}: {_quoted(said, style if style != 'plain' else chr(34))}")
    head = draw(st.sampled_from(["", f"{indent}# about {entry['name']}\n", "\n"]))
    return head + "".join(f"{indent}{'- ' if place == 0 else '  '}{line}\n" for place, line in enumerate(lines))


def _quoted(said: str, quote: str) -> str:
    return '"' + said.replace("\n", "\\n") + '"' if "\n" in said or quote == '"' else f"'{said}'"


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[str], list[dict[str, str]]]:
    entries = draw(st.lists(st.sampled_from(OTHERS), min_size=1, max_size=5))
    entries.insert(draw(st.integers(0, len(entries))), BROKEN)
    return [draw(written(entry, "  ")) for entry in entries], entries


def indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


@settings(deadline=None, max_examples=300)
@given(lists(), st.booleans())
def test_the_fix_changes_its_entry_and_no_other_byte(drawn: tuple[list[str], list[dict[str, str]]], wrapped: bool) -> None:
    texts, entries = drawn
    head, tail = "# values\nservers:\n- zones: [{zone: .}]\n  port: 53\n  plugins:\n", "# the end\nreplicas: 2\n"
    place = entries.index(BROKEN)
    before, behind = head + "".join(texts[:place]), "".join(texts[place + 1 :]) + tail
    text = before + texts[place] + behind
    if wrapped:
        before, behind = "kind: HelmChartConfig\nspec:\n  valuesContent: |\n" + indented(before), indented(behind)
        text = before + indented(texts[place]) + behind
    after = fixed(text)
    assert after.startswith(before)
    assert after.endswith(behind)
    values = yaml.safe_load(after)
    values = yaml.safe_load(values["spec"]["valuesContent"]) if wrapped else values
    expected = copy.deepcopy(entries)
    expected[place] = HEALED
    plain = [{key: str(said).rstrip("\n") for key, said in entry.items()} for entry in values["servers"][0]["plugins"]]
    assert plain == expected
    assert values["replicas"] == 2
    assert after.count("#") == text.count("#") or "why" in texts[place]


@pytest.mark.parametrize(
    ("style", "parameters", "block"),
    [("documented", "IN AAAA .", None), ("explicit", "ANY AAAA", "rcode NOERROR"), ("minimal", "ANY AAAA", "rcode NOERROR")],
)
def test_every_style_has_its_form_in_a_list(style: str, parameters: str, block: str | None) -> None:
    text = (
        "servers:\n- plugins:\n  - name: template\n    parameters: ANY AAAA\n    configBlock: |-\n      rcode NXDOMAIN\n  - name: errors\n"
    )
    entry = yaml.safe_load(fixed(text, style=style))["servers"][0]["plugins"][0]
    assert (entry["parameters"], entry.get("configBlock")) == (parameters, block)


def test_a_list_renders_as_the_chart_does() -> None:
    text = (
        "servers:\n- zones:\n  - zone: example.org.\n    scheme: tls://\n  - zone: a.example.\n  port: 853\n  plugins:\n"
        "  - name: errors\n  - name: hosts\n    configBlock: |-\n      192.0.2.1 a\n      fallthrough\n"
        "- plugins:\n  - {name: forward, parameters: . 192.0.2.53}\n"
    )
    (part,) = parts(text, "values.yaml")
    assert part.text == (
        "tls://example.org. a.example.:853 {\n    errors\n    hosts {\n        192.0.2.1 a\n        fallthrough\n    }\n}\n"
        ". {\n    forward . 192.0.2.53\n}\n"
    )
    for word in ("example.org.", "errors", "192.0.2.1 a", "fallthrough", "forward", "192.0.2.53"):
        if word != "example.org.":  # a server block's own line is shown where the block begins
            assert text[part.locate(part.text.index(word)) :].startswith(word)


def test_an_entry_can_be_taken_out_and_the_last_one_cannot() -> None:
    for text in (
        "servers:\n- plugins:\n  - name: errors\n  # gone\n  - name: log\n    configBlock: x\n  - name: cache\n    parameters: 30\n",
        '{"servers": [{"plugins": [{"name": "errors"}, {"name": "log", "configBlock": "x"}, {"name": "cache", "parameters": 30}]}]}',
    ):
        (part,) = parts(text, "values.yaml")
        start = part.text.index("    log")
        after = apply(text, part.edits([Edit(start, part.text.index("    cache"), "")]))
        assert [entry["name"] for entry in yaml.safe_load(after)["servers"][0]["plugins"]] == ["errors", "cache"]
    (part,) = parts("servers:\n- plugins:\n  - name: cache\n    parameters: 30\n", "values.yaml")
    with pytest.raises(ManifestError, match="no other entry is left"):
        part.edits([Edit(part.text.index("    cache"), part.text.index("}"), "")])


@pytest.mark.parametrize(
    "new", ["    log\n    cache 30\n", "    # a comment\n    cache 30\n", "    cache 30 {\n      success 1\n    }\n", "    loop\n"]
)
def test_what_an_entry_cannot_say_is_an_obstacle_and_is_not_written(new: str) -> None:
    (part,) = parts("servers:\n- plugins:\n  - name: cache\n    parameters: 30\n  - name: errors\n", "values.yaml")
    start = part.text.index("    cache")
    edits = [Edit(start, start + len("    cache 30\n"), new)]
    assert "has to be made by hand" in part.obstacle(edits)
    with pytest.raises(ManifestError, match=r"values.yaml:\d+:\d+: this change cannot be written in a list of plugins"):
        part.edits(edits)


def test_a_finding_whose_fix_has_no_form_here_is_shown_without_a_fix() -> None:
    block = "configBlock: |-\n      # to save queries\n      rcode NXDOMAIN\n"
    text = f"servers:\n- plugins:\n  - name: template\n    parameters: ANY AAAA\n    {block}  - name: errors\n"
    (scanned,) = service.scan([document(text)], Choices())
    (finding,) = scanned.findings
    assert finding.fix is None
    assert "so it has to be made by hand" in finding.message
    assert service.pending(service.plan([document(text)], Choices())).changes == ()
    assert "rcode NOERROR" in fixed(text, style="minimal")  # and there is one that has


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n- name: template\n  version: 3\n",
        "servers:\n- plugins: [a, b]\n",
        "servers: []\n",
        "plugins:\n- name: errors\n- parameters: x\n",
        "servers:\n- name: web\n  parameters: x\n",
    ],
)
def test_other_lists_of_plugins_and_servers_are_none(text: str) -> None:
    assert parts(text + "# parameters configBlock name: cache plugins\n", "values.yaml") == ()
