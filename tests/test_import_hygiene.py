"""What a command does not need it does not load: start-up time is a feature, and a script may have no Kubernetes client at all.

Import contracts count an import inside a function like any other, so only a process's own `sys.modules` can show what is deferred.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"kubernetes", "textual"}
CODE = """
import json, sys
loaded, sys.argv = sys.argv[1], ["remedy", *sys.argv[2:]]
from remedy.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
with open(loaded, "w") as file:
    json.dump(sorted(sys.modules), file)
sys.exit(code)
"""
COREFILE = ".:53 {\n    template ANY AAAA {\n      rcode NXDOMAIN\n    }\n    forward . /etc/resolv.conf\n}\n"
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\ndata:\n  Corefile: |\n" + "".join(
    f"    {line}" for line in COREFILE.splitlines(keepends=True)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the incident as a Corefile and as a manifest."""
    (tmp_path / "Corefile").write_text(COREFILE)
    (tmp_path / "manifest.yaml").write_text(MANIFEST)
    return tmp_path


def loaded(folder: Path, *arguments: str, code: int) -> set[str]:
    """The modules in a process that ran this command and ended with this exit code."""
    report = folder / "loaded.json"
    process = [sys.executable, "-c", CODE, str(report), *arguments]
    done = subprocess.run(process, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    return set(json.loads(report.read_text()))


@pytest.mark.parametrize(
    ("command", "code"),
    [("--help", 0), ("--version", 0), ("scan Corefile", 1), ("scan manifest.yaml", 1), ("diff Corefile", 1), ("diff manifest.yaml", 1)],
)
def test_a_command_that_needs_no_cluster_and_no_screen_loads_neither(folder: Path, command: str, code: int) -> None:
    assert not HEAVY & loaded(folder, *command.split(), code=code)


def test_help_and_version_do_not_load_the_grammar_or_dns(folder: Path) -> None:
    for flag in ("--help", "--version"):
        assert not {"lark", "dns", "ruamel.yaml"} & loaded(folder, flag, code=0)


def test_without_a_release_nothing_about_releases_is_loaded(folder: Path) -> None:
    assert not {"remedy.releases", "tomllib", "rewrite_rules.migrate"} & loaded(folder, "diff", "Corefile", code=1)


def test_diff_of_a_corefile_loads_neither_yaml_nor_dns(folder: Path) -> None:
    assert not {"ruamel.yaml", "dns"} & loaded(folder, "diff", "Corefile", code=1)


def test_diff_without_a_release_reads_no_table_of_releases(folder: Path) -> None:
    tables = {"tomllib", "remedy.releases", "remedy.shipped", "remedy.validate.loads"}
    assert not tables & loaded(folder, "diff", "Corefile", code=1)
    assert tables & loaded(folder, "diff", "Corefile", "--to", "1.15.0", code=1) == {"remedy.releases", "remedy.validate.loads"}


@pytest.mark.parametrize("path", sorted((ROOT / "remedy").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_in_remedy_imports_textual(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
    assert "textual" not in {name.split(".")[0] for name in imported}


def test_every_module_of_remedy_stands_in_a_layer() -> None:
    """import-linter says nothing about a module that no contract names."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip("() ") for layer in layers for name in layer.split("|")}
    modules = {f"remedy.{path.stem}" for path in (ROOT / "remedy").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert modules - {"remedy.__init__"} <= placed
