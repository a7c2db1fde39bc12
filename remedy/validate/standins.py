"""Which edits make a Corefile one that can run on this machine, alone, with all that it would reach outside replaced. Pure.

A plugin is never run unless it stands on a list here: CoreDNS can start programs (`on`), read any file and dial any host. Where a stand-in
cannot answer as the real thing would, the block is *hollow*: its answers count only where the model shows that they do not depend on it.
"""

from __future__ import annotations

import re

from remedy.answers.plugins import ORDER, PASSIVE, SETUP
from remedy.answers.server import zones_of
from remedy.answers.words import is_name
from remedy.answers.zones import absolute, covers, origins, port_of_key, scheme_of_key, variable, zone_of_key
from remedy.corefile.edit import Edit, apply
from remedy.corefile.lexer import lex
from remedy.corefile.tree import Corefile, Directive, ServerBlock
from remedy.errors import UnavailableError
from remedy.validate.stage import Machine, Runnable
from remedy.validate.zonefile import zone_file

# What runs as it stands: answers from the text alone, and reaches nothing.
KEPT = frozenset((
    "template", "acl", "rewrite", "cache", "dns64", "view", "any", "whoami", "erratic", "local", "minimal", "header", "chaos", "nsid",
    "loadbalance", "bufsize", "cancel", "metadata", "errors", "log", "debug", "reload", "timeouts", "tsig",
))  # fmt: skip
# What is taken out, since it leaves the answers to plain questions alone and would listen, dial, read files or start programs.
DROPPED = frozenset((
    "bind", "loop", "trace", "dnstap", "transfer", "tls", "sign", "multisocket", "root", "dnssec",
    "on", "quic", "https", "https3", "grpc_server", "shed", "geoip",
))  # fmt: skip
# What listens beside DNS: on a free port of loopback, so that its options are still read.
LISTENING = frozenset(("health", "ready", "prometheus", "pprof"))
_UPSTREAMS = ("forward", "grpc", "proxy")
_ANSWERERS = frozenset((*_UPSTREAMS, "erratic", "whoami"))
# What of `forward` would read a file or not reach loopback.
_OUTSIDE = ("tls", "tls_servername", "source_address", "resolver")
# Functions of expressions that tell who asks, and how (plugin/pkg/expression); fields of templates that do.
_WHO = re.compile(r"\b(?:client_ip|server_ip|server_port|port|incidr|metadata|proto|size|bufsize|opcode|do|id)\b")
_FIELDS = re.compile(r"\.(?:Remote|Meta)\b")
_FALLS = (1, 12, 2)  # the first release whose `file` has `fallthrough`


def runnable(corefile: Corefile, machine: Machine) -> Runnable:
    """The text that runs on this machine. UnavailableError where none can be made."""
    if len(corefile.texts) > 1:
        raise UnavailableError("the sandbox cannot run a Corefile that imports files yet", "validate with the model or a canary")
    return _Making(corefile, machine).made()


class _Making:
    """The edits and notes of one text, as they are found."""

    def __init__(self, corefile: Corefile, machine: Machine) -> None:
        self.corefile, self.machine = corefile, machine
        self.edits: dict[Edit, None] = {}
        self.files: dict[str, str] = {"empty": ""}
        self.groups: dict[tuple[str, str, tuple[str, ...]], int] = {}
        self.hollow: dict[int, ServerBlock] = {}
        self.blind: dict[str, str] = {}
        self.clusters: dict[str, bool] = {}
        self.out: dict[str, None] = {}
        self.notes: dict[str, None] = {}
        self.zones: dict[int, dict[str, None]] = {}  # of each `kubernetes`, by its place: a snippet may serve several blocks

    def made(self) -> Runnable:
        corefile = self.corefile
        self._imports()
        for block in corefile.blocks:
            for plugin in block.plugin("kubernetes"):
                words = [word.text for word in plugin.arguments]
                self.zones.setdefault(plugin.name.start, {}).update(dict.fromkeys(origins(words) if words else zones_of(block)))
        for block in corefile.blocks:
            self._block(block)
        if self.out:
            self.notes[f"taken out, and not read: {', '.join(sorted(self.out))}"] = None
        asked = self._asked()
        self._edit(1 if corefile.text.startswith("\ufeff") else 0, None, self._first(asked))
        try:
            text = apply(corefile.text, self.edits)
        except ValueError as error:
            raise UnavailableError(f"the sandbox cannot replace what this text shares between server blocks: {error}") from None
        shown = {number: port.rpartition(":")[2] for (_, port, _), number in self.groups.items()}
        return Runnable(
            text, tuple(self.edits), self.files, asked, shown, tuple(self.hollow.values()), self.blind, self.clusters, tuple(self.notes)
        )

    def _asked(self) -> tuple[int, ...]:
        """The ports that clients may be sent to: 53, or all with plain DNS if it is not among them; several where `bind` differs."""
        if not self.corefile.blocks:
            return (self._port("dns", "53", ()),)
        plain = {key: number for key, number in self.groups.items() if key[0] == "dns"}
        return tuple([number for (_, port, _), number in plain.items() if port == "53"] or plain.values())

    def _first(self, asked: tuple[int, ...]) -> str:
        """A block of our own before all others: behind the last one there may be a brace that counts for two only where the text ends."""
        token, answer = self.machine.token, f'"{{{{ .Name }}}} 0 IN TXT {self.machine.token}"'
        keys = " ".join(f"{token}.invalid:{port}" for port in asked)
        own = f"{keys} {{\nbind 127.0.0.1\ntemplate IN TXT {{\nanswer {answer}\n}}\n}}\n" if asked else ""
        if not self.corefile.blocks:
            own += "".join(f".:{port} {{\nbind 127.0.0.1\nwhoami\n}}\n" for port in asked)  # CoreDNS's own default
        return own

    def _edit(self, start: int, end: int | None, new: str) -> None:
        self.edits[Edit(start, start if end is None else end, new)] = None

    def _port(self, scheme: str, port: str, binds: tuple[str, ...]) -> int:
        group = (scheme, port, binds)
        if group not in self.groups:
            self.groups[group] = self.machine.free()
        return self.groups[group]

    def _imports(self) -> None:
        if self.corefile.unread:
            self.hollow = {id(block): block for block in self.corefile.blocks}
        for token in self.corefile.unread:
            self.notes[f"import {token.text}: not at hand, taken for empty"] = None
            self._edit(token.start, token.end, f'"{self.machine.folder}/empty"')

    def _hollow(self, block: ServerBlock) -> None:
        self.hollow[id(block)] = block

    def _block(self, block: ServerBlock) -> None:
        text, words = self.corefile.text, lex(self.corefile.text).tokens
        binds = tuple(word.text for plugin in block.plugin("bind") for word in plugin.words())
        for key in block.keys:
            zone = zone_of_key(key.text)
            if variable(zone):
                self._hollow(block)
                self.notes[f"{key.text}: an environment variable that is not known"] = None
                host = f"variable-{key.start}.invalid"
            else:
                host = re.sub(r":(?:\d+|\{\$[^{}]*\}|\{%[^{}]*%\})$", "", re.sub(r"^(?:dns|tls|quic|grpc|https3?|unix)://", "", key.text))
            original = port_of_key(key.text)
            if original.isdecimal() and int(original) > 65535:
                continue  # it is refused, in CoreDNS's words
            port = self._port(scheme_of_key(key.text), original, binds)
            plain = re.fullmatch(r'[^\s"#{},]+', host)  # behind a closing quote a comma would be a word of its own
            self._edit(key.start, key.end, f"{host}:{port}" if plain else f'"{host}:{port}"')
        runs = {plugin.name.text for plugin in block.plugins if self._plugin(block, plugin)}
        more = ["bind 127.0.0.1"]
        if not runs - SETUP and {each.name.text for each in block.plugins} - SETUP:  # a block without any plugin answers REFUSED
            more.append("errors")
        chain = sorted({plugin.name.text for plugin in block.plugins}.intersection(ORDER) - SETUP, key=ORDER.index)
        if block.plugin("file"):  # what it holds is not here; that it is there matters where it is the last of a chain: it refuses
            self.files["nothing"] = zone_file("nothing.invalid.", {}, pods=False)
            more.append(f'file "{self.machine.folder}/nothing" nothing.invalid')
        if (block.plugin("kubernetes") or block.plugin("file")) and chain[-1] != "file" and not runs & _ANSWERERS:
            more.append(f"forward nobody.invalid 127.0.0.1:{self.machine.upstream}")
        opening = next((word for word in words if word.start >= block.keys[-1].end and word.text != ","), None)
        added = "\n" + "\n".join(more)
        if opening is not None and opening.text == "{":
            self._edit(opening.end, None, added + "\n")
        else:
            self._edit(block.keys[-1].end, None, " {" + added)
            if block.closing is None:
                self._edit(len(text), None, "\n}")

    def _plugin(self, block: ServerBlock, plugin: Directive) -> bool:
        """Make the edits of one plugin; does one of its name, or its stand-in, run?"""
        word = plugin.name.text
        unknown = any(variable(token.text) for token in plugin.words())
        weighted = word == "loadbalance" and any(argument.text == "weighted" for argument in plugin.arguments)  # by a file
        if word in DROPPED or weighted or (unknown and word in (PASSIVE | LISTENING) - {"view"}):
            self.out[word] = None
            return self._out(block, plugin)
        if word in LISTENING:
            return self._listening(plugin)
        if word in _UPSTREAMS and (word == "forward" or self._alone(block, plugin)):
            return self._upstream(block, plugin)
        if word == "kubernetes":
            return self._kubernetes(block, plugin)
        if word == "hosts" and not unknown:
            return self._hosts(block, plugin)
        if word in KEPT and not unknown and not (word == "tsig" and plugin.option("secrets")):  # a file
            if self._depends(plugin):
                self._hollow(block)
            return True
        if word not in ORDER and word not in self.machine.foreign:
            return True  # no CoreDNS has it, and the one here says so
        self._hollow(block)
        why = "its environment variables are not known" if unknown else "what it answers from is not here"
        self.notes[f"{word}: taken out, {why}; what reaches it is unknown"] = None
        return self._out(block, plugin)

    def _listening(self, plugin: Directive) -> bool:
        word, own = plugin.name.text, plugin.arguments[0] if plugin.arguments else None
        here = f"127.0.0.1:{self._port(word, own.text if own else '', ())}"
        if own:
            self._edit(own.start, own.end, here)
        else:
            self._edit(plugin.name.end, None, f" {here}")
        return True

    def _out(self, block: ServerBlock, plugin: Directive, new: str = "") -> bool:
        last = plugin.rest[-1] if plugin.rest else plugin.closing
        shared = last is not None and block.closing is last  # CoreDNS allows that at the end of a text
        self._edit(plugin.span.start, plugin.span.end, new + "\n}" * shared)
        inside = [edit for edit in self.edits if plugin.span.start < edit.start and edit.end <= plugin.span.end and edit.end > edit.start]
        for edit in inside:
            if edit != Edit(plugin.span.start, plugin.span.end, new + "\n}" * shared):
                del self.edits[edit]
        return bool(new)

    @staticmethod
    def _depends(plugin: Directive) -> bool:
        """Does it decide by who asks, or by chance?"""
        word = plugin.name.text
        if word == "dns64":
            return not plugin.option("allow_ipv4")
        if word == "acl":
            return any(token.text.lower() == "net" for token in plugin.words())
        expressions = [token.text for option in plugin.options if option.name.text in ("expr", "var") for token in option.words()]
        if any(_WHO.search(text) for text in expressions):
            return True
        return word in ("erratic", "tsig", "autopath") or any(_FIELDS.search(token.text) for token in plugin.words())

    def _alone(self, block: ServerBlock, plugin: Directive) -> bool:
        """Can `forward` stand in its place? It comes before `grpc` in a chain."""
        known = plugin.name.text == "grpc" or plugin.name.text in self.machine.foreign
        return known and {each.name.text for each in block.plugins if each.name.text in _UPSTREAMS} == {plugin.name.text}

    def _upstream(self, block: ServerBlock, plugin: Directive) -> bool:
        word, here = plugin.name.text, f"127.0.0.1:{self.machine.upstream}"
        names = [*plugin.arguments[:1], *(token for option in plugin.option("except") for token in option.arguments)]
        to = plugin.arguments[1:]
        if any(variable(token.text) for token in names) or any(variable(option.name.text) for option in plugin.options):
            self._hollow(block)
            self.notes[f"{word}: taken out, its environment variables are not known; what reaches it is unknown"] = None
            return self._out(block, plugin)
        if not to:
            return True  # it is refused, in CoreDNS's words
        self.notes[f"{word} {names[0].text}: its upstreams are played by one that holds only the names asked for"] = None
        if word != "forward":
            but = f" {{\nexcept {' '.join(token.text for token in names[1:])}\n}}" if names[1:] else ""
            return self._out(block, plugin, f"forward {names[0].text} {here}{but}")
        self._edit(to[0].start, to[-1].end, here)
        for option in plugin.options:
            limit = option.arguments[0] if option.name.text == "max_concurrent" and option.arguments else None
            if option.name.text in _OUTSIDE or any(variable(token.text) for token in option.words()):
                self.out[f"{option.name.text} of forward"] = None
                self._edit(option.span.start, option.span.end, "")
            elif limit is not None and limit.text.isdecimal() and 0 < int(limit.text) < 1000:
                self._edit(limit.start, limit.end, "1000")  # all questions are asked at once
        return True

    def _hosts(self, block: ServerBlock, plugin: Directive) -> bool:
        """Its own entries stay; the file is an empty one."""
        self._hollow(block)
        path = plugin.arguments[0] if plugin.arguments else None
        self.notes[f"hosts: {path.text if path else '/etc/hosts'} is not at hand, taken for empty"] = None
        empty = f'"{self.machine.folder}/empty"'
        if path is None:
            self._edit(plugin.name.end, None, f" {empty}")
        else:
            self._edit(path.start, path.end, empty)
        return True

    def _kubernetes(self, block: ServerBlock, plugin: Directive) -> bool:
        if plugin.rest or any(variable(token.text) or not is_name(absolute(token.text)) for token in plugin.arguments):
            self._hollow(block)
            self.notes["kubernetes: taken out; what reaches it is unknown"] = None
            return self._out(block, plugin)
        zones = tuple(self.zones[plugin.name.start])
        pods = [word.text for option in plugin.option("pods") for word in option.arguments]
        through = [
            origins(word.text for word in option.arguments) if option.arguments else (".",) for option in plugin.option("fallthrough")
        ]
        falls = [zone for zone in (through[-1] if through else ()) if not zone.endswith("arpa.")]
        if any(variable(word.text) for option in plugin.option("fallthrough") for word in option.arguments):
            self.blind |= dict.fromkeys(zones, "the zones of `fallthrough` are an environment variable")
            falls = []
        if self.machine.version < _FALLS:
            old = "the stand-in for `kubernetes` has no `fallthrough` in this CoreDNS"
            self.blind |= {zone: old for zone in zones if any(covers(each, zone) or covers(zone, each) for each in falls)}
            falls = []
        option = f" {{\nfallthrough {' '.join(falls)}\n}}" if falls else ""
        lines: list[str] = []
        for zone in zones:
            name = f"zone-{plugin.name.start}-{len(lines)}"
            self.clusters[zone] = self.clusters.get(zone, False) or pods[-1:] not in ([], ["disabled"])
            self.files[name] = zone_file(zone, self.machine.world, pods=pods[-1:] not in ([], ["disabled"]))
            lines.append(f'file "{self.machine.folder}/{name}" {zone}{option}')
        shown = " ".join(zone.rstrip(".") or "." for zone in zones)
        self.notes[f"kubernetes {shown}: played by a zone that holds only the names asked for; its options were not read"] = None
        return self._out(block, plugin, "\n".join(lines))
