"""Corefiles made up of the modelled plugins, the same ones every time: each from a number."""

from __future__ import annotations

import random

_ZONES = (".", "example.org", "corp.example", "zone.test", "lan", "cluster.local", "example.com", "org", "Example", "er.example.org")
_TYPES = ("A", "AAAA", "AAAA", "ANY", "TXT", "MX")
_RCODES = ("NOERROR", "NXDOMAIN", "NXDOMAIN", "SERVFAIL", "REFUSED", "NOTIMP", "YXDOMAIN", "FORMERR")
_EXPRESSIONS = (
    r"^v4[.]",
    r"^(v4|dual)\.",
    r".*[.]corp[.]example[.]$",
    r"^A",
    r"^(?P<first>[a-z0-9]+)[.](?P<rest>.+)$",
    r"^ip-(?P<a>[0-9]*)-(?P<b>[0-9]*)-(?P<c>[0-9]*)-(?P<d>[0-9]*)[.]example[.]$",
    r"localhost",
    r"^[^.]+\.example\.org\.$",
    r"(?i)^ABSENT",
    r"^\w+\.default\.svc\.",
    r"^\d",
    r"\.$",
    r"[[:alpha:]]{4}[.]",
    r"(?:v4|er|\bsix\b)\W",
    r"^(?:[a-z0-9-]+\.)+svc",
    r"^x*$",
)
_ANSWERS = (
    "{{ .Name }} 60 IN A 192.0.2.9",
    "{{ .Name }} 60 IN AAAA 2001:db8::9",
    "{{ .Name }} IN CNAME v4.example.org.",
    "{{ .Name }} 5 IN CNAME absent.corp.example.",
    '{{ .Name }} 60 IN TXT \\"{{ .Type }} {{ .Class }}\\"',
    "fixed.example. 60 A 192.0.2.8",
    "{{ .Name }} 60 IN A 192.0.2.999",
    "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}",
    "{{ index .Match 0 }} 60 IN {{ .Type }} {{ .Name }}",
    "ns.{{ .Zone }} 60 IN A 192.0.2.1",
    "{{ .Name }} 60 IN MX 10 mail.{{ .Zone }}",
)
_AUTHORITIES = (
    "{{ .Zone }} 60 IN SOA ns.{{ .Zone }} hostmaster.{{ .Zone }} (1 60 60 60 60)",
    "{{ .Zone }} 60 IN SOA ns.invalid. hostmaster.invalid. 1 60 60 60 60",
    "example. 60 IN NS ns.example.",
)
_CLIENTS = ("127.0.0.0/8", "10.0.0.0/8", "127.0.0.1", "2001:db8::/32", "*")


def corefile(number: int, *, old: bool = False) -> str:
    """The Corefile of this number; `old` leaves out most of what 1.10.1 does not know."""
    text = _corefile(random.Random(f"answers {number}{' old' * old}"))
    if not old:
        return text
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith(_NEW))


_NEW = ("  next", " rewrite rcode", " rewrite continue rcode", " rewrite cname", "  localhost_prefix", "  disable")


def _corefile(draw: random.Random) -> str:
    zones = draw.sample(_ZONES, draw.choice((1, 1, 2, 3)))
    if "." not in zones and draw.random() < 0.7:
        zones[0] = "."
    blocks = []
    while zones:
        keys = [zones.pop() for _ in range(min(len(zones), draw.choice((1, 1, 2))))]
        shown = draw.choice((", ", " ")).join(draw.choice(("", "", "dns://")) + key + draw.choice(("", ":53")) for key in keys)
        blocks.append(f"{shown} {{\n{_plugins(draw)}}}\n")
    if draw.random() < 0.1:
        blocks.append(f".:1053 {{\n{_plugins(draw)}}}\n")
    return "".join(blocks)


def _plugins(draw: random.Random) -> str:
    lines = [_lines(draw, word) for word in draw.sample(_MIDDLE, draw.choice((0, 1, 1, 2, 2, 3)))]
    lines += [_lines(draw, word) for word in draw.choice(_ENDS)]
    draw.shuffle(lines)
    return "".join(lines)


_MIDDLE = (
    "template", "template", "template", "acl", "rewrite", "hosts", "file", "dns64", "any", "local", "minimal", "cache", "loadbalance",
    "header", "autopath", "kubernetes", "template", "rewrite",
)  # fmt: skip
_ENDS = (("forward",),) * 6 + (("whoami",), ("erratic",), (), ("forward", "whoami"), ("forward", "forward"), ("log",), ("debug",))


def _lines(draw: random.Random, word: str) -> str:
    maker = globals().get(f"_{word}")
    return str(maker(draw)) if maker else f" {word}\n"


def _some(draw: random.Random, *, most: int = 2) -> str:
    return "".join(f" {zone}" for zone in draw.sample(_ZONES, draw.randint(0, most)))


def _fallthrough(draw: random.Random, chance: float = 0.6) -> str:
    return f"  fallthrough{_some(draw, most=1)}\n" if draw.random() < chance else ""


def _template(draw: random.Random) -> str:
    lines = []
    for _ in range(draw.choice((1, 1, 2))):
        body = ""
        if draw.random() < 0.4:
            words = " ".join(f'"{each}"' if draw.random() < 0.3 else each for each in draw.sample(_plain(), draw.choice((1, 1, 2))))
            body += f"  match {words}\n" + _fallthrough(draw, 0.7)
        if draw.random() < 0.6:
            body += f"  rcode {draw.choice(_RCODES)}\n"
        if draw.random() < 0.35:
            body += f'  answer "{draw.choice(_ANSWERS)}"\n'
        if draw.random() < 0.3:
            body += f'  authority "{draw.choice(_AUTHORITIES)}"\n'
        if draw.random() < 0.1:
            body += '  ederror 17 "filtered"\n'
        head = f" template {draw.choice(('IN', 'IN', 'ANY', 'CH'))} {draw.choice(_TYPES)}{_some(draw)}"
        lines.append(f"{head} {{\n{body} }}\n" if body else f"{head}\n")
    return "".join(lines)


def _plain() -> list[str]:
    """The expressions as one word each."""
    return [each.replace("\\", "\\") for each in _EXPRESSIONS]


def _acl(draw: random.Random) -> str:
    policies = ""
    for _ in range(draw.choice((1, 2))):
        action = draw.choice(("allow", "block", "filter", "drop", "filter", "block"))
        types = draw.choice(("", "", " type AAAA", " type A TXT", " type *"))
        policies += f"  {action}{types}{draw.choice(('', f' net {draw.choice(_CLIENTS)}'))}\n"
    return f" acl{_some(draw)} {{\n{policies} }}\n"


_RULES = (
    "type AAAA A",
    "stop type AAAA TXT",
    "type TXT A",
    "name v4.example.org dual.example.org",
    "name exact absent.example.org v4.example.org",
    "name prefix absent. v4.",
    "name suffix .corp.example .example.org",
    "name suffix .corp.example .example.org answer auto",
    "name substring absent v6",
    r"name regex ^(v4|v6)\.(.*)$ dual.{2} answer auto",
    r"name regex (.*)\.lan {1}.zone.test answer name (.*)\.zone\.test {1}.lan",
    "continue name v4.corp.example v4.example.org",
    "continue type AAAA A",
    "rcode exact absent.example.org NXDOMAIN NOERROR",
    "rcode suffix . NXDOMAIN NOERROR",
    "continue rcode regex .* SERVFAIL NXDOMAIN",
    "rcode prefix v4 NOERROR SERVFAIL",
    "ttl suffix . 60",
    "continue ttl example.org 5-60",
    "cname exact v4.example.org. dual.example.org.",
    "edns0 local set 0xffee 0x61626364",
)


def _rewrite(draw: random.Random) -> str:
    return "".join(f" rewrite {rule}\n" for rule in draw.sample(_RULES, draw.choice((1, 1, 2, 3))))


def _hosts(draw: random.Random) -> str:
    path = draw.choice(("hosts.txt", "hosts.txt", "absent.txt"))
    zones = _some(draw)
    inline = draw.choice(
        ("", "  192.0.2.20 v4.example.org one.hosts.lan\n", "  2001:db8::20 v4.example.org\n  192.0.2.21 absent.corp.example\n")
    )
    return f" hosts {path}{zones} {{\n{inline}  no_reverse\n{_fallthrough(draw)} }}\n"


def _file(draw: random.Random) -> str:
    return f" file db.zone.test zone.test {{\n{_fallthrough(draw, 0.3)} }}\n"


def _dns64(draw: random.Random) -> str:
    return " dns64 {\n" + draw.choice(("", "  translate_all\n")) + draw.choice(("", "  allow_ipv4\n", "  allow_ipv4\n")) + " }\n"


def _forward(draw: random.Random) -> str:
    zone = draw.choice((".", ".", ".", "example.org", "corp.example"))
    options = draw.choice(("", "", f"  except{_some(draw, most=1) or ' lan'}\n", "  next NXDOMAIN\n", "  next_on_nodata\n"))
    return f" forward {zone} 192.0.2.53 {{\n{options} }}\n"


def _erratic(draw: random.Random) -> str:
    return " erratic {\n" + draw.choice(("  drop 0\n", "  drop 1\n", "  truncate 0\n  drop 0\n")) + " }\n"


def _cache(draw: random.Random) -> str:
    return draw.choice((" cache 30\n", " cache\n", " cache 60 {\n  denial 100 30\n  disable success example.org\n }\n"))


def _header(draw: random.Random) -> str:
    return draw.choice((" header {\n  response set ra\n }\n", " header {\n  response clear aa\n  query set rd\n }\n"))


def _autopath(draw: random.Random) -> str:
    return draw.choice((" autopath resolv.conf\n", " autopath cluster.local resolv.conf\n", " autopath @kubernetes\n"))


def _kubernetes(draw: random.Random) -> str:
    body = draw.choice(("", "  pods insecure\n", "  pods verified\n")) + draw.choice(
        ("", "  fallthrough\n", "  fallthrough in-addr.arpa ip6.arpa\n")
    )
    return f" kubernetes cluster.local in-addr.arpa ip6.arpa {{\n{body} }}\n"


def _local(draw: random.Random) -> str:
    return draw.choice((" local\n", " local {\n  localhost_prefix off\n }\n"))
