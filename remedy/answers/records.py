"""Records that a template writes, read from their text as miekg/dns does; for the usual types, anything unusual is unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address

from remedy.answers.gotext import Failed, render
from remedy.answers.message import Message, Record
from remedy.answers.reasons import Unknown
from remedy.answers.regex import Found
from remedy.answers.words import is_name, plain
from remedy.answers.zones import absolute
from remedy.corefile.tree import Directive

_NAMES = {"CNAME": (0,), "NS": (0,), "PTR": (0,), "MX": (1,), "SRV": (3,), "SOA": (0, 1)}
_WORDS = {"CNAME": 1, "NS": 1, "PTR": 1, "MX": 2, "SRV": 4, "SOA": 7, "A": 1, "AAAA": 1, "HINFO": 2}


def write(plugin: Directive, fields: Mapping[str, str], found: Found | None) -> Message | None:
    """The sections that a template's options fill, None where one of them fails and the question with it."""
    sections: dict[str, list[Record]] = {}
    failed = False
    for section in ("answer", "additional", "authority"):
        for word in (word for option in plugin.option(section) for word in option.arguments):
            if section != "authority" and not word.text.strip():
                failed = True  # read as no record at all, at which CoreDNS panics and answers SERVFAIL
                continue
            try:
                sections.setdefault(section, []).append(read(render(word.text, fields, found), fields["Name"]))
            except Failed:
                failed = True
    if failed:
        return None
    authority = {record.type_ for record in sections.get("authority", [])}
    others = bool(authority - {"SOA"})
    return Message("NOERROR", tuple(sections.get("answer", [])), "SOA" in authority, others, bool(sections.get("additional")))


def read(text: str, asked: str = "") -> Record:
    """The record, Failed where CoreDNS cannot read it; `asked` is the name that was asked for."""
    if not text or text[0].isspace() or re.search(r"[\\;\n$@]", text) or text.count("(") > 1 or text.count("(") != text.count(")"):
        raise Unknown("record", text)
    words = re.findall(r'"[^"]*"|[^\s"()]+', text)
    if text.count('"') % 2 or '""' in text or re.search(r'[^\s(]"[^"\s)]*"(?=\S)', text):
        raise Unknown("record", text)
    owner, *rest = words
    while rest and (rest[0].isdigit() or rest[0].upper() == "IN"):
        rest = rest[1:]
    if len(words) - len(rest) > 3 or not rest:
        raise Unknown("record", text)
    type_, *data = rest[0].upper(), *rest[1:]
    if not plain(owner) or (type_ not in _WORDS and type_ != "TXT"):
        raise Unknown("record", text)
    if not is_name(owner):
        raise Failed
    _check(type_, data, text)
    target = absolute(data[0]) if type_ == "CNAME" else ""
    return Record(type_, target, absolute(owner) != asked)


def _check(type_: str, data: list[str], text: str) -> None:
    """Failed for an address or a name that is none; unknown for what is not worth modelling."""
    if type_ == "TXT":
        if not data or any(len(word) > 200 for word in data):
            raise Unknown("record", text)
        return
    if type_ in ("A", "AAAA") and data:
        try:
            version = ip_address(data[0]).version
        except ValueError:
            raise Failed from None
        if version != (4 if type_ == "A" else 6) or "%" in data[0]:
            raise Failed
    if len(data) != _WORDS[type_]:
        raise Unknown("record", text)
    for place in _NAMES.get(type_, ()):
        if not plain(data[place]):
            raise Unknown("record", text)
        if not is_name(data[place]):
            raise Failed
    numbers = {"MX": data[:1], "SRV": data[:3], "SOA": data[2:]}.get(type_, [])
    if not all(number.isdigit() and int(number) < (1 << (32 if type_ == "SOA" else 16)) for number in numbers):
        raise Unknown("record", text)
