"""Runs in its own namespaces: the scripted server on 127.0.0.1, and in front of it BIND, dnsmasq, Unbound and CoreDNS' cache.

Reads the questions from standard input and asks each cache for each name type after type; writes what came, and whether the server
behind was asked for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.clients.inside import private_network, running
from tests.scripted_dns import ScriptedDns
from tests.testbed.dns import ask

TEMPLATE = "127.0.0.15"
"""The incident itself, on a real CoreDNS: behind BIND it answers for names under `template.`."""
ADDRESS = {"bind": "127.0.0.11", "dnsmasq": "127.0.0.12", "unbound": "127.0.0.13", "coredns": "127.0.0.14"}
_RCODES = {0: "nodata", 2: "servfail", 3: "nxdomain", 5: "refused"}
_NAMED = """
options {{
    directory "{folder}"; pid-file none; session-keyfile none; recursion yes; dnssec-validation no; empty-zones-enable no;
    listen-on {{ {address}; }}; listen-on-v6 {{ none; }}; forward only; forwarders {{ 127.0.0.1; }};
}};
controls {{ }};
zone "template" {{ type forward; forward only; forwarders {{ 127.0.0.15; }}; }};
"""
_UNBOUND = """
server:
    interface: {address}
    access-control: 127.0.0.0/8 allow
    do-daemonize: no
    do-not-query-localhost: no
    use-syslog: no
    username: ""
    chroot: ""
    directory: "{folder}"
    pidfile: ""
    module-config: "iterator"
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1
"""
_COREFILE = """
.:53 {{
    bind {address}
    cache 30
    forward . 127.0.0.1
}}
template.:53 {{
    bind 127.0.0.15
    template ANY AAAA {{
      rcode NXDOMAIN
    }}
    template IN A {{
      answer "{{{{ .Name }}}} 60 IN A 192.0.2.1"
    }}
}}
"""


def commands(folder: Path, coredns: str) -> dict[str, list[str]]:
    """How each cache is started; its configuration is written into the folder."""
    texts = {"bind": _NAMED, "unbound": _UNBOUND, "coredns": _COREFILE}
    for cache, text in texts.items():
        (folder / f"{cache}.conf").write_text(text.format(folder=folder, address=ADDRESS[cache]))
    dnsmasq = "--no-daemon --conf-file=/dev/null --no-resolv --no-hosts --server=127.0.0.1 --cache-size=10000 --bind-interfaces"
    return {
        "bind": ["named", "-g", "-n", "1", "-c", str(folder / "bind.conf")],
        "dnsmasq": ["dnsmasq", "--user=root", "--pid-file", *dnsmasq.split(), f"--listen-address={ADDRESS['dnsmasq']}"],
        "unbound": ["unbound", "-d", "-c", str(folder / "unbound.conf")],
        "coredns": [coredns, "-conf", str(folder / "coredns.conf")],
    }


def main() -> None:
    folder, job = Path(sys.argv[1]), json.load(sys.stdin)
    os.chmod(folder, 0o755)
    private_network(folder, "nameserver 127.0.0.1\n")
    for address in (*ADDRESS.values(), TEMPLATE):
        subprocess.run(["ip", "address", "add", f"{address}/8", "dev", "lo"], check=True, timeout=10)
    server = ScriptedDns({"127.0.0.1": job["script"]})
    with ExitStack() as stack:
        for argv in commands(folder, job["coredns"]).values():
            stack.enter_context(running(*argv))
        for address in ADDRESS.values():
            _wait_for(address)
        seen = {cache: [_sequence(server, cache, name, types) for name, types in job["sequences"]] for cache in ADDRESS}
        clients = {cache: [_lookups(folder, cache, *lookup) for lookup in job["lookups"]] for cache in ADDRESS}
        _early_in_a_second()
        incident = [_verdict("bind", "web.template.", type_) for type_ in ("A", "AAAA", "A")]
        time.sleep(1.1)
        incident.append(_verdict("bind", "web.template.", "A"))
    json.dump({"sequences": seen, "lookups": clients, "incident": incident}, sys.stdout)


def _sequence(server: ScriptedDns, cache: str, name: str, types: list[str]) -> dict[str, object]:
    """For each question the verdict, and whether the server behind was asked; and whether all came within one second of the clock.

    Every cache gets a name of its own.
    """
    seen: list[list[object]] = []
    _early_in_a_second()
    second = int(time.time())
    for type_ in types:
        before = server.asked["127.0.0.1", f"{cache}-{name}", type_]
        seen.append([_verdict(cache, f"{cache}-{name}", type_), server.asked["127.0.0.1", f"{cache}-{name}", type_] > before])
    return {"served": seen, "at_once": int(time.time()) == second}


def _early_in_a_second() -> None:
    """BIND keeps some replies to the end of the second in which they came, by a coarse clock that ticks some milliseconds late."""
    while not 0.05 < time.time() % 1 < 0.7:
        time.sleep(0.01)


def _verdict(cache: str, name: str, type_: str) -> str:
    rcode, answers = ask(ADDRESS[cache], name, type_)
    return "ok" if answers and rcode == 0 else _RCODES.get(rcode, str(rcode))


def _lookups(folder: Path, cache: str, program: str, name: str) -> list[str]:
    """What a program prints for the same name three times in a row, with this cache as its name server."""
    (folder / "resolv.conf").write_text(f"nameserver {ADDRESS[cache]}\noptions timeout:1 attempts:2\n")
    runs = [subprocess.run([program, f"{cache}-{name}", "unspec"], capture_output=True, text=True, timeout=30) for _ in range(3)]
    return [run.stdout.strip() for run in runs]


def _wait_for(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            ask(address, "ready.lab.", "A", timeout=0.5)
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
