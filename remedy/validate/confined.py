"""The last look at a text before the sandbox runs it: no plugin, no address and no file but those that stay on this machine.

It reads the finished text anew, as CoreDNS will, and knows nothing of how it was made: a fault in the stand-ins is found here.
"""

from __future__ import annotations

from collections.abc import Container

from remedy.answers.plugins import ORDER
from remedy.corefile.files import on_disk
from remedy.corefile.parse import parse
from remedy.corefile.tree import Directive
from remedy.errors import ParseError
from remedy.validate.stage import Runnable
from remedy.validate.standins import KEPT, LISTENING
from remedy.validate.upstream import ADDRESS


def beyond(run: Runnable, folder: str, upstream: int, foreign: Container[str]) -> tuple[str, ...]:
    """What would reach beyond `folder` and the `upstream` port on loopback; nothing if all is well."""
    try:
        tree = parse(run.text, path=f"{folder}/Corefile", files=on_disk, environment={})
    except ParseError as error:
        return (f"it cannot be read any more: {error}",)
    found = [f"import {path}" for path in tree.texts if path and not path.startswith(f"{folder}/")]
    for block in tree.blocks:
        if [[word.text for word in plugin.arguments] for plugin in block.plugin("bind")] != [[ADDRESS]]:
            found.append("a server block without its bind")
        ports = [key.text.rpartition(":")[2] for key in block.keys]
        found += [f"port {port}" for port in ports if not port.isdecimal() or (int(port) not in run.shown and int(port) < 65536)]
        for plugin in block.plugins:
            if not _stays(plugin, run, folder, upstream) and (plugin.name.text in ORDER or plugin.name.text in foreign):
                found.append(" ".join(word.text for word in (plugin.name, *plugin.arguments)))
    return tuple(found)


def _stays(plugin: Directive, run: Runnable, folder: str, upstream: int) -> bool:
    word, arguments = plugin.name.text, [argument.text for argument in plugin.arguments]
    if word == "forward":
        return len(arguments) < 2 or arguments[1:] == [f"{ADDRESS}:{upstream}"]
    if word in ("file", "hosts"):
        return arguments[0].startswith(f"{folder}/") if arguments else False
    if word in LISTENING:
        return arguments[:1] in [[f"{ADDRESS}:{port}"] for port in run.shown]
    return word in KEPT or word == "bind"
