"""Runs in its own namespaces: the scripted server on 127.0.0.1 and .2, one resolv.conf, and the lookups, 16 at a time.

Reads a job from standard input and writes what each lookup printed and what the server was asked. nginx is asked over HTTP, and its
error log tells what it made of the name.
"""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.scripted_dns import ScriptedDns

NGINX_PORT = {"UNSPEC": 8081, "INET": 8082}
_NGINX = """
user root root; daemon off; master_process off; error_log {folder}/error.log error; pid {folder}/pid;
events {{ worker_connections 512; }}
http {{
    access_log off; resolver_timeout {timeout}s;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    server {{
        listen 127.0.0.1:8081; server_name UNSPEC; resolver {servers};
        location ~ ^/(?<target>.+)$ {{ proxy_pass http://$target:9; }}
    }}
    server {{
        listen 127.0.0.1:8082; server_name INET; resolver {servers} ipv6=off;
        location ~ ^/(?<target>.+)$ {{ proxy_pass http://$target:9; }}
    }}
}}
"""
_LINE = re.compile(r'server: (\w+), request: "GET /(\S+) ')


def private_network(folder: Path, resolv: str) -> None:
    """Loopback up, and files of our own over the three that a resolver reads."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True, timeout=10)
    files = {"resolv.conf": resolv, "hosts": "127.0.0.1 localhost\n", "nsswitch.conf": "hosts: files dns\n"}
    for name, text in files.items():
        mine, at = folder / name, Path("/etc", name)
        mine.write_text(text)
        if at.exists():
            subprocess.run(["mount", "--bind", str(mine), str(at.resolve())], check=True, timeout=10)


@contextmanager
def running(*argv: str, ready: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """A daemon that stays in the foreground; ended, and its end awaited, in any case."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=sys.stderr, stderr=sys.stderr) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def main() -> None:
    folder, job = Path(sys.argv[1]), json.load(sys.stdin)
    private_network(folder, job["resolv"])
    server = ScriptedDns(job["script"])
    conf = folder / "nginx.conf"
    servers = " ".join(job["script"])
    conf.write_text(_NGINX.format(folder=folder, servers=servers, timeout=job["resolver_timeout"]))
    with running("nginx", "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")), ThreadPoolExecutor(16) as pool:
        _wait_for_port(NGINX_PORT["INET"])
        lines = list(pool.map(lambda lookup: _look_up(job["programs"], *lookup), job["lookups"]))
        time.sleep(0.1)  # late copies of a question
    asked = [[*key, count] for key, count in server.asked.items()]
    log = (folder / "error.log").read_text().splitlines()
    json.dump(
        {"lines": lines, "asked": asked, "nginx": [[*found.groups(), line] for line in log if (found := _LINE.search(line))]}, sys.stdout
    )


def _look_up(programs: dict[str, str], client: str, name: str, family: str) -> str:
    if client == "nginx":
        before = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", NGINX_PORT[family], timeout=30)
        connection.request("GET", f"/{name}")
        connection.getresponse().read()
        connection.close()
        return f"ms={(time.monotonic() - before) * 1000:.0f}"
    done = subprocess.run([programs[client], name, family.lower()], capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with suppress(OSError):
            http.client.HTTPConnection("127.0.0.1", port, timeout=5).connect()
            return
        time.sleep(0.02)
    raise TimeoutError(f"nothing listens on port {port}")


if __name__ == "__main__":
    main()
