"""Corefiles out of a seed: server blocks of what stands in the fixtures of all rules, look-alikes included, and of other plugins.

Every text loads in a real CoreDNS, before and after: each has a loopback address of its own, and what binds elsewhere or opens files is
left out. Only `kubernetes`, on which the scope of many rules rests, stands in the texts and is taken out when they are loaded: it waits for
a cluster.
"""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from remedy.answers.plugins import ORDER
from remedy.corefile.edit import apply
from remedy.corefile.lexer import lex
from remedy.corefile.lines import without
from remedy.corefile.parse import parse
from remedy.corefile.tree import Corefile, Directive
from remedy.errors import ParseError
from tests.coredns_answers.real import Refused, running
from tests.testbed.build import coredns

FOLDER = Path(__file__).parents[2] / "fixtures" / "rules"
HERE = "127.0.0.1"
# They bind ports, open files, ask others when they start, or allow one in a process.
_LEFT_OUT = frozenset((
    "bind", "root", "tls", "health", "ready", "pprof", "prometheus", "loop", "autopath", "file", "auto", "secondary", "sign",
    "dnssec", "k8s_external", "route53", "azure", "clouddns", "etcd", "nomad", "grpc", "trace", "dnstap", "geoip", "tsig", "transfer",
    "quic", "https", "https3", "grpc_server", "dynupdate",
    "proxyproto", "on", "debug", "multisocket", "timeouts",
))  # fmt: skip
_SEVERAL = frozenset(("template", "rewrite", "acl"))
_OTHERS = ("errors", "log", "loadbalance", "cache 30", "forward . 192.0.2.53", "reload", "whoami", "minimal", "nsid", "bufsize 1232", "any")
_CLUSTER = (
    "kubernetes cluster.local in-addr.arpa ip6.arpa {\n        pods insecure\n        fallthrough in-addr.arpa ip6.arpa\n    }",
    "kubernetes corp.example",
)
_ZONES = (".", "corp.example", "example.org", "cluster.local in-addr.arpa ip6.arpa")
_COMMENTS = ("# off", "# template ANY AAAA {", '# "quoted" }', "#")


@cache
def pieces() -> tuple[tuple[str, str], ...]:
    """Every plugin of the fixtures that CoreDNS loads on its own, by its name and with its comments."""
    found = {text: name for path in sorted(FOLDER.glob("*/*.Corefile")) for name, text in _plugins(path)}
    alone = {f".:5300 {{\nbind {HERE}\n{text}\n}}\n": text for text in found}
    refused = dict(refusals(list(alone)))
    return tuple((found[text], text) for block, text in alone.items() if block not in refused)


def compositions(count: int, seed: int) -> Iterator[str]:
    """So many texts; the same for the same seed and the same fixtures."""
    draw = random.Random(seed)
    for _ in range(count):
        yield _composed(draw)


def refusals(texts: Sequence[str], *, at_once: int = 150) -> Iterator[tuple[str, str]]:
    """The texts that the newest CoreDNS does not start with, and what it says; they are tried many at once, and a bad batch is halved."""
    with tempfile.TemporaryDirectory() as folder:
        todo = [list(texts[start : start + at_once]) for start in range(0, len(texts), at_once)]
        while todo:
            batch = todo.pop()
            try:
                with running(coredns(), "".join(_at(text, number) for number, text in enumerate(batch)), Path(folder)):
                    continue
            except Refused as said:
                if len(batch) == 1:
                    yield batch[0], str(said)
                else:
                    todo += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]


def _at(text: str, number: int) -> str:
    """On an address of its own, 127.0.0.0/8 is loopback as a whole, and with snippets of its own."""
    if "kubernetes" in text:
        corefile = parse(text)
        text = apply(text, [without(corefile, plugin) for _, plugin in corefile.walk() if plugin.name.text == "kubernetes"])
    address = f"127.{64 + os.getpid() % 128}.{number // 250 + 1}.{number % 250 + 1}"
    return text.replace(HERE, address).replace("(shared)", f"(s{number})").replace("import shared", f"import s{number}") + "\n"


def _plugins(path: Path) -> Iterator[tuple[str, str]]:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    try:
        corefile = parse(text)
    except ParseError:
        return
    if corefile.unread or corefile.unknown or "\ufffd" in text or HERE in text:
        return
    for _, plugin in corefile.walk():
        source = _source(corefile, plugin)
        if plugin.name.text not in _LEFT_OUT and plugin.name.text in ORDER and source:
            yield plugin.name.text, source.replace("/etc/resolv.conf", "192.0.2.53")


def _source(corefile: Corefile, plugin: Directive) -> str:
    """The plugin's lines, with the comments that belong to it; "" where it shares them, or has words from elsewhere."""
    near, text = corefile.comments_of(plugin), corefile.text
    start = text.rfind("\n", 0, (*near.above, plugin.span)[0].start) + 1
    end = (plugin.span, *near.behind)[-1].end
    own = {token.start for token in plugin.tokens() if not token.file}
    there = {token.start for token in lex(text).tokens if start <= token.start < end}
    return text[start:end].strip("\n") if own == there and not text[end : text.find("\n", end)].strip() else ""


def _composed(draw: random.Random) -> str:
    snippet = _lines(draw, draw.randint(1, 2)) if draw.random() < 0.15 else []
    text = "".join(("(shared) {\n", *snippet, "}\n")) if snippet else ""
    for port in range(5300, 5300 + draw.choice((1, 1, 2, 3))):
        keys = " ".join(f"{zone}:{port}" for zone in draw.choice(_ZONES).split())
        body = [*_lines(draw, draw.randint(1, 5), [_name(line) for line in snippet]), *(["    import shared\n"] if snippet else [])]
        text += f"{keys} {{\n    bind {HERE}\n{''.join(body)}}}\n"
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if draw.random() < 0.1 else text


def _lines(draw: random.Random, count: int, taken: Iterable[str] = ()) -> list[str]:
    """Plugins, each with its lines; of most no server block may hold two."""
    names, lines = set(taken), []
    for _ in range(count):
        name, text = draw.choice(pieces())
        if draw.random() < 0.4:
            text = draw.choice((*_OTHERS, *_CLUSTER * 2))
            name = _name(text)
        if name in _SEVERAL or name not in names:
            names.add(name)
            comment = f"    {draw.choice(_COMMENTS)}\n" if draw.random() < 0.15 else ""
            indent = "" if text[0] in " \t#" else "    "
            lines.append(f"{comment}{indent}{text}\n")
    return lines


def _name(lines: str) -> str:
    """The plugin's name in its lines."""
    return next((line.split()[0] for line in lines.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
