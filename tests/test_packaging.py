"""What users install is what we mean to ship, and what we install is pinned, hashed and accounted for.

The wheel is built as `pip install .` builds it, so a file that git ignores or that stands outside the three packages is missing here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements.lock"
PACKAGES = {"remedy", "rewrite_rules", "tui"}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = (("linux", "Linux"), ("darwin", "Darwin"))
CODE = "import remedy.corefile.parse as p; p.parse('. {\\n}\\n'); print(p.__file__)"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def declared(project: dict[str, Any]) -> list[Requirement]:
    """Every dependency that pyproject.toml names: to run, to build, to develop."""
    texts = [*project["project"]["dependencies"], *project["build-system"]["requires"], *project["dependency-groups"]["dev"]]
    return [Requirement(text) for text in texts]


@pytest.fixture(scope="module")
def locked() -> dict[str, str]:
    """Name and version of everything in the lock file."""
    pins = re.findall(r"^([^\s#=]+)==(\S+) \\$", LOCK.read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in pins}


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_holds_three_packages_and_its_own_metadata_and_nothing_else(wheel: Path, project: dict[str, Any]) -> None:
    information = f"coredns_remedy-{project['project']['version']}.dist-info"
    assert {name.split("/")[0] for name in names(wheel)} == PACKAGES | {information}


def test_the_wheel_holds_every_file_of_the_packages_that_git_does_not_ignore(wheel: Path) -> None:
    files = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    wanted = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    assert "remedy/corefile/grammar.lark" in wanted
    assert wanted <= set(names(wheel))


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_each_package_tells_type_checkers_that_it_is_typed(wheel: Path, package: str) -> None:
    assert f"{package}/py.typed" in names(wheel)


def test_the_wheel_installs_remedy_and_the_kubectl_plugin(wheel: Path) -> None:
    (path,) = (name for name in names(wheel) if name.endswith(".dist-info/entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(path).decode()
    assert {line.split(" = ")[0] for line in text.splitlines() if " = " in line} == {"remedy", "kubectl-remedy"}


def test_a_corefile_parses_from_the_installed_wheel_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    done = subprocess.run([sys.executable, "-c", CODE], cwd=tmp_path, env={"PYTHONPATH": str(site)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(site)


def test_the_lock_file_names_no_index_and_no_path(locked: dict[str, str]) -> None:
    assert locked
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"#.*|    # .*|[a-z0-9-]+==[^\s/]+ \\|    --hash=sha256:[0-9a-f]{64}( \\)?", line), line
        assert not re.search(r"://|--(index|extra|find|trusted)|(^|\s)/", line), line


def test_every_pin_of_the_lock_file_has_hashes(locked: dict[str, str]) -> None:
    text = LOCK.read_text(encoding="utf-8")
    for name, version in locked.items():
        assert re.search(rf"^{re.escape(name)}=={re.escape(version)} \\\n    --hash=sha256:", text, re.MULTILINE), name


def test_the_lock_file_keeps_to_the_ranges_of_pyproject(declared: list[Requirement], locked: dict[str, str]) -> None:
    for requirement in declared:
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


def test_the_lock_file_holds_what_every_supported_python_needs(locked: dict[str, str]) -> None:
    """pip-compile asks only the Python that runs it; a dependency that only a later Python has would be missing there."""
    missing = set()
    for name in locked:
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            for python in PYTHONS:
                for platform, system in PLATFORMS:
                    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": platform}
                    environment |= {"platform_system": system, "os_name": "posix", "extra": ""}
                    wanted = requirement.marker is None or requirement.marker.evaluate(environment)
                    if wanted and canonicalize_name(requirement.name) not in locked:
                        missing.add(f"{name} on Python {python}, {system}: {requirement}")
    assert not missing


def test_the_dependency_page_says_what_each_dependency_is_for(declared: list[Requirement]) -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    entries = set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE))
    assert entries == {requirement.name for requirement in declared}
