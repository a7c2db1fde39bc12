"""`hosts`: addresses from lines in the Corefile and from a file, /etc/hosts if none is named (plugin/hosts/hosts.go).

A name that it has under the other family only is NODATA without an SOA; one that it does not have at all is SERVFAIL, unless it falls
through. The file may hold any name, but none that is reserved for documentation and tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from remedy.answers.message import SERVFAIL, Message, Outcome, Query, Record, sent
from remedy.answers.reasons import Unknown
from remedy.answers.server import Next, check, falls_through, file_text, normal, own_zones
from remedy.answers.zones import covers, variable
from remedy.corefile.tree import Directive

_OPTIONS = ("fallthrough", "fallthrough_unsupported", "no_reverse", "ttl", "reload")
_NOBODYS = ("example.", "example.org.", "example.com.", "example.net.", "invalid.", "test.")  # RFC 2606, RFC 6761


def serve(plugins: Sequence[Directive], query: Query, onward: Next) -> Outcome:
    plugin = plugins[-1]  # one a server block
    check(plugin)
    name, type_ = query
    if type_ == "PTR":
        raise Unknown("type", type_)
    zones = own_zones(plugin, onward, skip=1)
    if not any(covers(zone, name) for zone in zones):
        return onward(query)
    path = plugin.arguments[0].text if plugin.arguments else "/etc/hosts"
    if variable(path):
        raise Unknown("variable", "hosts")
    text = file_text(path, onward)
    families = {family for family, each in _entries(plugin, text or "", zones) if _is(each, name, onward)}
    through = falls_through(plugins, name)
    if text is None and not families >= {"A", "AAAA"} and not any(covers(zone, name) for zone in _NOBODYS):
        raise Unknown("hosts-file", path)
    if type_ not in ("A", "AAAA") and through and plugin.option("fallthrough_unsupported"):
        return onward(query)
    if not families:
        return onward(query) if through else SERVFAIL
    return sent(Message("NOERROR", (Record(type_),) if type_ in families else ()), "hosts")


def _entries(plugin: Directive, text: str, zones: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Family and name of every entry in one of the zones."""
    inline = [" ".join(word.text for word in option.words()) for option in plugin.options if option.name.text not in _OPTIONS]
    for line in [line for entry in inline for line in entry.split("\n")] + text.split("\n"):
        address, *names = line.partition("#")[0].split() or [""]
        try:
            parsed = ip_address(address.partition("%")[0])
        except ValueError:
            continue
        family = "A" if parsed.version == 4 or parsed.ipv4_mapped else "AAAA"
        for each in map(normal, names):
            if any(covers(zone, each) for zone in zones):
                yield family, each


def _is(entry: str, name: str, onward: Next) -> bool:
    if entry == name:
        return True
    if entry.startswith("*.") and covers(entry[2:], name) and name.partition(".")[2] == entry[2:]:
        if onward.context.version < (1, 15):
            raise Unknown("words", "hosts")
        return True
    return False
