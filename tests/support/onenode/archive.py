"""Makes container images without a registry and without a builder: one static program, and nothing else."""

import hashlib
import io
import json
import tarfile
import tempfile
from pathlib import Path


def of_program(path: Path, name: str, program: Path) -> None:
    """Write a docker archive whose one image runs a program, as a user who is not root.

    Args:
        path: of the archive.
        name: of the image, with its tag.
        program: a static one.
    """
    with tempfile.TemporaryDirectory() as work:
        layer = Path(work) / "layer.tar"
        with tarfile.open(layer, "w") as written:
            written.add(program, program.name, filter=_of_root)
        _archive(path, name, layer, f"/{program.name}")


def _archive(path: Path, name: str, layer: Path, entrypoint: str) -> None:
    with layer.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": [entrypoint], "User": "65532:65532", "WorkingDir": "/"},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        }
    ).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [name], "Layers": [f"{digest}.tar"]}]
    part = path.with_name(f"{path.name}.part")
    with tarfile.open(part, "w") as written:
        for entry, data in ((config_name, config), ("manifest.json", json.dumps(manifest).encode())):
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            written.addfile(info, io.BytesIO(data))
        written.add(layer, f"{digest}.tar")
    part.replace(path)


def _of_root(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info
