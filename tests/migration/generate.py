"""Corefiles out of a seed that a given release loads: its own plugins and options, in every layout that people write them in.

The tables know for each word from which release on it is valid and from which on it is not any more. They are written from the releases'
setup code and held against their programs, never made from releases.toml: what is generated has to be able to prove that data wrong.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from remedy.answers.plugins import version_of

OLDEST, NEWEST = (1, 1, 3), (1, 15, 0)
SEVERAL_FORWARDS = (1, 9, 4)  # before, `forward` may stand only once in a server block


class Line(NamedTuple):
    """A line of a Corefile, from one release (`since`) to the one that refuses it (`until`, "" if none does)."""

    text: str
    since: str = "1.1.3"
    until: str = ""

    def known(self, version: tuple[int, ...]) -> bool:
        return version_of(self.since) <= version and (not self.until or version < version_of(self.until))


class Plugin(NamedTuple):
    """Heads to choose one from, options of which none or some stand in its block, and those that it cannot do without (`needs`)."""

    heads: tuple[Line, ...]
    options: tuple[Line, ...] = ()
    needs: tuple[Line, ...] = ()


def _lines(*rows: str | tuple[str, ...]) -> tuple[Line, ...]:
    return tuple(Line(row) if isinstance(row, str) else Line(*row) for row in rows)


KUBERNETES = Plugin(
    _lines(
        *("kubernetes cluster.local in-addr.arpa ip6.arpa", "kubernetes cluster.local") * 3,
        "kubernetes cluster.local 10.0.0.0/24", "kubernetes",
    ),
    _lines(
        "pods insecure", "pods verified", "endpoint_pod_names", "ttl 30", "noendpoints", "ignore empty_service",
        "fallthrough in-addr.arpa ip6.arpa", "fallthrough", "namespaces default shop", "labels app in (a, b)",
        ("upstream", "1.1.3", "1.7.0"), ("upstream /etc/resolv.conf", "1.1.3", "1.7.0"),
        ("resyncperiod 5m", "1.1.3", "1.6.0"),
        ("transfer to *", "1.1.3", "1.8.0"), ("transfer to 192.0.2.9 192.0.2.10", "1.1.3", "1.8.0"),
        "endpoint https://192.0.2.2:6443", ("endpoint https://192.0.2.2:6443 https://192.0.2.3:6443", "1.1.3", ""),
        ("namespace_labels env in (prod)", "1.5.0"), ("multicluster clusterset.local", "1.12.2"),
        ("startup_timeout 2s", "1.12.3"), ("apiserver_qps 50", "1.14.0"),
    ),
)  # fmt: skip
PROXY = Plugin(
    tuple(Line(f"proxy . {to}", "1.1.3", "1.5.0") for to in ("/etc/resolv.conf", "192.0.2.53 192.0.2.54:53", "192.0.2.53")),
    _lines(
        "policy random", "policy least_conn", "policy round_robin", "fail_timeout 10s", "max_fails 3", "health_check /health:8080",
        "except a.example b.example", "spray", "protocol dns", "protocol dns force_tcp",
        ("protocol https_google", "1.1.3", "1.2.0"), "protocol grpc insecure",
    ),
)  # fmt: skip
FORWARD = Plugin(
    _lines("forward . /etc/resolv.conf", "forward . 192.0.2.53 192.0.2.54:53", "forward . tls://192.0.2.53", "forward . 192.0.2.53"),
    _lines(
        "except a.example b.example", "force_tcp", "expire 10s", "max_fails 3", "tls_servername dns.example", "policy random",
        "policy round_robin", ("policy sequential", "1.2.0"), "health_check 5s", ("prefer_udp", "1.2.0"),
        ("max_concurrent 1000", "1.6.8"), ("health_check 5s no_rec", "1.6.8"), ("health_check 5s domain example.org", "1.9.2"),
        ("next NXDOMAIN", "1.11.4"), ("failfast_all_unhealthy_upstreams", "1.12.1"), ("failover SERVFAIL", "1.13.0"),
        ("max_connect_attempts 3", "1.13.2"), ("max_idle_conns 10", "1.14.1"), ("max_age 10m", "1.14.3"), ("next_on_nodata", "1.14.4"),
    ),
)  # fmt: skip
OTHERS: dict[str, Plugin] = {
    "errors": Plugin(_lines("errors"), _lines(('consolidate 5m ".* i/o timeout$"', "1.5.0"), ("stacktrace", "1.9.3"))),
    "log": Plugin(
        _lines("log", "log . {combined}", 'log . "{remote} {name} # {rcode}"', 'log . "#{name}"', 'log . ""'),
        _lines("class denial error"),
    ),
    "health": Plugin(_lines("health", "health :8080"), _lines("lameduck 5s")),
    "ready": Plugin((Line("ready", "1.5.0"), Line("ready :8181", "1.5.0"))),
    "prometheus": Plugin(_lines("prometheus :9153", "prometheus")),
    "cache": Plugin(
        _lines("cache 30", "cache", "cache 60 example.org"),
        _lines(
            "success 9984 30", "denial 9984 5", "prefetch 10 1m 10%", ("serve_stale", "1.6.6"), ("serve_stale 1h", "1.6.6"),
            ("disable success cluster.local", "1.9.4"), ("servfail 5s", "1.9.4"), ("keepttl", "1.11.1"),
        ),
    ),
    "loop": Plugin((Line("loop", "1.2.1"),)),
    "reload": Plugin(_lines("reload", "reload 10s 5s")),
    "loadbalance": Plugin((*_lines("loadbalance", "loadbalance round_robin"),)),
    "hosts": Plugin(
        _lines("hosts"),
        _lines("10.0.0.1 a.example b.example", "::1 c.example", "fallthrough", "fallthrough a.example", ("ttl 60", "1.4.0"),
               ("no_reverse", "1.4.0"), ("reload 30s", "1.4.0")),
    ),
    "rewrite": Plugin((
        Line("rewrite name a.example b.example"), Line("rewrite stop type ANY HINFO"), Line("rewrite name suffix .a.example .b.example"),
        Line(r"rewrite name regex (.*)\.x\.example {1}.y.example answer name (.*)\.y\.example {1}.x.example"),
        Line(r'rewrite stop name regex "(.*)\.q\.example" "{1}.y.example"'), Line("rewrite edns0 local set 0xffee 0x61"),
        Line("rewrite ttl exact a.example 60", "1.2.3"), Line("rewrite rcode exact a.example NXDOMAIN NOERROR", "1.11.3"),
        Line("rewrite cname exact a.example b.example", "1.11.0"), Line("rewrite name exact c.example d.example answer auto", "1.8.4"),
        Line("rewrite ttl suffix b.example 30-60", "1.9.4"), Line("rewrite edns0 local set 0xffed 0x61 revert", "1.11.4"),
        Line("rewrite stop edns0 local unset 0xffee", "1.12.3"),
    )),
    "template": Plugin(
        _lines("template IN AAAA example.net", 'template ANY "AAAA"', "template IN A example.net"),
        _lines(r"match ^[^.]+\.example\.net\.$", 'answer "{{ .Name }} 60 IN TXT \\"a # b\\""', "fallthrough",
               ("ederror 15 blocked", "1.10.1"), ("upstream", "1.2.0")),
        needs=_lines("rcode NXDOMAIN"),
    ),
    "acl": Plugin(
        (Line("acl", "1.6.4"), Line("acl example.net", "1.6.4")),
        _lines("allow net 10.0.0.0/8", "block net 192.0.2.0/24", ("filter type AAAA", "1.8.2"), ("drop", "1.10.1")),
        needs=_lines("block type ANY"),
    ),
    "any": Plugin((Line("any", "1.5.1"),)),
    "bufsize": Plugin((Line("bufsize 1232", "1.6.6"),)),
    "cancel": Plugin((Line("cancel", "1.5.0"),)),
    "chaos": Plugin(_lines('chaos "CoreDNS # one" a@example.org')),
    "debug": Plugin(_lines("debug")),
    "dns64": Plugin((Line("dns64", "1.7.0"), Line("dns64 64:ff9b::/96", "1.7.0")), _lines("translate_all", ("allow_ipv4", "1.8.7"))),
    "header": Plugin((Line("header", "1.10.1"),), needs=_lines("response set ra")),
    "local": Plugin((Line("local", "1.8.1"),)),
    "minimal": Plugin((Line("minimal", "1.8.4"),)),
    "metadata": Plugin((Line("metadata", "1.2.0"),)),
    "nsid": Plugin(_lines("nsid", "nsid here")),
    "erratic": Plugin(_lines("erratic"), _lines("drop 0", "delay 0")),
    "multisocket": Plugin((Line("multisocket 2", "1.12.0"),)),
    "file": Plugin(
        _lines("file db.example example.net"),
        _lines(("transfer to *", "1.1.3", "1.8.0"), ("upstream", "1.1.3"), ("reload 1m", "1.2.3"), ("no_reload", "1.1.3", "1.5.0"),
               ("fallthrough", "1.12.2")),
    ),
    "secondary": Plugin(
        _lines("secondary example.info"),
        _lines(("transfer to *", "1.1.3", "1.8.0"), ("upstream", "1.1.3", "1.8.0")),
        needs=_lines("transfer from 192.0.2.7"),
    ),
    "reverse": Plugin((Line("reverse 10.1.0.0/24", "1.1.3", "1.1.4"),), _lines("hostname ip-{ip}.example.", "ttl 60", "fallthrough")),
}  # fmt: skip
WITH_KUBERNETES: dict[str, Plugin] = {
    "autopath": Plugin(_lines("autopath @kubernetes")),
    "k8s_external": Plugin((Line("k8s_external example.com", "1.3.0"),), _lines("apex dns", "ttl 5", ("headless", "1.9.4"),
                                                                              ("fallthrough", "1.11.0"))),
    "federation": Plugin(
        (Line("federation cluster.local", "1.1.3", "1.7.0"),), _lines(("upstream", "1.2.3")), _lines("prod prod.example.com")
    ),
    "transfer": Plugin((Line("transfer cluster.local", "1.8.0"),), _lines("to 192.0.2.9"), _lines("to *")),
}  # fmt: skip
EVERY = {**OTHERS, **WITH_KUBERNETES, "kubernetes": KUBERNETES, "proxy": PROXY, "forward": FORWARD}
_ONCE = ("kubernetes", "forward", "proxy", "cache", "hosts", "errors", "reverse")
_EXCLUSIVE = {"prefer_udp": "force_tcp", "namespace_labels": "namespaces"}
_FIRST = ("10.0.0.1", "::1")  # hosts' own entries
_STUBS = ("corp.example", "10.in-addr.arpa", "consul", "lab.example")
_KEYS = (".:53", ".:53", ".", ".", ".:1053", ". cluster.local", ".:53 example.org:53", "dns://.:53")
_MORE = ("corp.example:53", "example.org", "a.example:53, b.example:53", "a.example:53,\n    b.example:53", "10.0.0.0/8", "b.example:5353")
_COMMENTS = ("# the office", '# "quoted" { }', "#", "# proxy . 192.0.2.1", "#\ttab")


def corefiles(count: int, version: str, seed: int) -> Iterator[str]:
    """So many texts that this release loads; the same ones for the same seed."""
    for number in range(count):
        yield corefile(random.Random(f"{seed}/{version}/{number}"), version)


def corefile(dice: random.Random, version: str) -> str:
    """One text that this release loads."""
    return _Maker(dice, version_of(version)).text()


class _Maker:
    def __init__(self, dice: random.Random, version: tuple[int, ...]) -> None:
        self.dice, self.version = dice, version
        self.indent = dice.choice(["    ", "    ", "  ", "\t"])
        self.snippet = ""

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def known(self, lines: tuple[Line, ...]) -> list[str]:
        return [line.text for line in lines if line.known(self.version)]

    def text(self) -> str:
        blocks = []
        taken: set[str] = set()
        if self.maybe(0.2):
            self.snippet = self.dice.choice(["errors", "log", "cache", "loadbalance", "forward", *["proxy"] * (self.version < (1, 5, 0))])
            taken = {self.snippet}
            held = EVERY[self.snippet]
            blocks.append(f"(shared) {{\n{''.join(self.plugin(self.snippet, held))}}}\n")
        served: set[str] = set()
        keys = [self.dice.choice(_KEYS), *self.dice.sample(_MORE, self.dice.choice([0, 0, 1, 1, 2]))]
        for place, key in enumerate(keys):
            zones = {word.rpartition(":")[0] or word for word in key.replace(",", "").split()}
            if not zones & served:
                blocks.append(self.block(key, taken, main=place == 0))
            served |= zones
        text = self.dice.choice(["", "", "\n"]).join(blocks)
        if self.maybe(0.15):
            text = f"{self.dice.choice(_COMMENTS)}\n{text}"
        if self.maybe(0.1):
            text = text.rstrip("\n")
        return text.replace("\n", "\r\n") if self.maybe(0.06) else text

    def block(self, keys: str, taken: set[str], *, main: bool) -> str:
        """A server block; what is used once in a process, or reads the cluster, stands in the first alone."""
        shares = bool(self.snippet) and self.maybe(0.7)
        if not main and not shares and self.maybe(0.05):
            return f"{keys} {{\n}}\n"
        names = [name for name in OTHERS if name not in taken and (main or name not in ("health", "ready", "prometheus", "multisocket"))]
        if " " in keys and self.version < (1, 5, 0) and "health" in names:
            names.remove("health")  # one for each key, on the same port
        parts = [self.plugin(name, OTHERS[name]) for name in self.dice.sample(names, self.dice.randint(0, 7 if main else 3))]
        if main and self.maybe(0.75):
            parts.append(self.plugin("kubernetes", KUBERNETES))
            parts += [self.plugin(name, WITH_KUBERNETES[name]) for name in WITH_KUBERNETES if self.maybe(0.15)]
        if self.maybe(0.9) and not (shares and self.snippet in ("forward", "proxy")):
            parts += self.upstreams(main=main)
        self.dice.shuffle(parts)
        lines = [line for part in parts for line in part]
        if shares:
            lines.insert(0, f"{self.indent}import shared\n")
        if not lines:
            lines = [f"{self.indent}whoami\n"]
        space = self.dice.choice([" "] * 16 + ["  ", "\t", "\n"])
        behind = f" {self.dice.choice(_COMMENTS)}" if self.maybe(0.05) else ""
        return f"{keys}{space}{{{behind}\n{''.join(lines)}}}\n"

    def upstreams(self, *, main: bool) -> list[list[str]]:
        proxies = self.version < (1, 5, 0)
        plugin, name = (PROXY, "proxy") if proxies and self.maybe(0.7) else (FORWARD, "forward")
        several = name == "proxy" or self.version >= SEVERAL_FORWARDS
        found = [self.plugin(name, plugin)] if main or self.maybe(0.8) else []
        if several and main:
            for stub in self.dice.sample(_STUBS, self.dice.choice([0, 0, 0, 1, 2, 3])):
                heads = (Line(f"{name} {stub} 192.0.2.{self.dice.randint(60, 99)}"),)
                found.append(self.plugin(name, Plugin(heads, plugin.options if self.maybe(0.3) else ())))
            if self.maybe(0.5):  # one right behind the other
                return [[line for part in found for line in part]]
        return found

    def plugin(self, name: str, plugin: Plugin) -> list[str]:
        """Its lines; none where the release does not have it."""
        heads, options = self.known(plugin.heads), self.known(plugin.options)
        if not heads:
            return []
        few = [] if self.maybe(0.4) else self.dice.sample(options, self.dice.randint(0, min(4, len(options))))
        few = _together(name, [*self.known(plugin.needs), *few])
        lines = [f"{self.indent}{self.dice.choice(_COMMENTS)}\n"] if self.maybe(0.08) else []
        if self.maybe(0.06):
            lines.append("\n")
        head = self.spelled(_fitting(self.dice.choice(heads), few))
        if not few:
            return [*lines, f"{self.indent}{head}{self.end()}\n"]
        inner = [f"{self.indent * 2}{self.spelled(option)}{self.end()}\n" for option in few]
        if self.maybe(0.04):
            inner.insert(self.dice.randrange(len(inner) + 1), f"{self.indent * 2}{self.dice.choice(_COMMENTS)}\n")
        return [*lines, f"{self.indent}{head} {{{self.end()}\n", *inner, f"{self.indent}}}{self.end()}\n"]

    def end(self) -> str:
        return f" {self.dice.choice(_COMMENTS)}" if self.maybe(0.04) else ""

    def spelled(self, line: str) -> str:
        """The words with odd spaces between them, or a word in quotes."""
        if self.maybe(0.08) and '"' not in line:
            *words, last = line.split(" ")
            return " ".join([*words, f'"{last}"']) if words else line
        return line.replace(" ", "  ", 1) if self.maybe(0.05) else line


def _together(name: str, options: list[str]) -> list[str]:
    """Of what cannot stand together only the first; what has to come first at the start."""
    seen: set[str] = set()
    kept = []
    for option in options:
        word = option.split()[0]
        group = _EXCLUSIVE.get(word, word)
        if name in _ONCE and group in seen:
            continue
        seen.add(group)
        kept.append(option)
    return sorted(kept, key=lambda option: option.split()[0] not in _FIRST)


def _fitting(head: str, options: list[str]) -> str:
    """The head with what an option asks of it."""
    return f"{head} clusterset.local" if "multicluster clusterset.local" in options else head
