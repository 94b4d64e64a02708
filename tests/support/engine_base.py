"""The image that functions' images stand on where no registry is at hand: Debian with its Python, by debootstrap."""

import shutil
import subprocess
from pathlib import Path

import pytest

NAME = "localhost/renga-engine-base:trixie"
SUITE = "trixie"
"""Its Python is new enough: bookworm's is 3.11.2."""
_WASTE = ("dev", "usr/share/doc", "usr/share/locale", "usr/share/man", "var/cache/apt", "var/lib/apt/lists")
_AUTHORITIES = Path("etc/ssl/certs/ca-certificates.crt")


def made(folder: Path) -> str:
    """Its name with its digest; made in an empty folder where buildah does not have it, which takes a minute or two.

    Skips where it cannot be made.
    """
    if not (digest := _digest()):
        _make(folder / "root")
        digest = _digest()
    return f"{NAME.partition(':')[0]}@{digest}"


def _digest() -> str:
    """Empty where buildah does not have it."""
    told = _run("buildah", "images", "--format", "{{.Name}}:{{.Tag}} {{.Digest}}").splitlines()
    return next((digest for name, digest in map(str.split, told) if name == NAME), "")


def _make(root: Path) -> None:
    if shutil.which("debootstrap") is None:
        pytest.skip("debootstrap is not installed")
    packages = "python3,python3-pip,ca-certificates"
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={packages}", SUITE, str(root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"debootstrap cannot fetch {SUITE}: {done.stdout.strip().splitlines()[-1:]}")
    for waste in _WASTE:
        shutil.rmtree(root / waste, ignore_errors=True)
        (root / waste).mkdir()
    # Whom this machine trusts, pip in the image does too: there may be a proxy in between.
    shutil.copy(Path("/") / _AUTHORITIES, root / _AUTHORITIES)
    container = _run("buildah", "from", "scratch").strip()
    _run("buildah", "add", "--quiet", container, str(root), "/")
    _run("buildah", "config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
    _run("buildah", "commit", "--quiet", "--rm", container, NAME)
    shutil.rmtree(root)


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
