"""What a deployment runs, before anything is run."""

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from renga_dev.deploy.overlay import NotDeployable, names, overlay
from renga_dev.deploy.plan import Canary, Cluster, Plan, Smoke
from renga_dev.images.build import Build

BASE = f"python:3.11-slim-bookworm@sha256:{'0' * 64}"
BAKE = "docker buildx bake -f knative/image/docker-bake.hcl -f knative/image/functions.json --push"
BUILDAH = (
    "buildah build --layers --timestamp 0 --file knative/image/Dockerfile"
    " --ignorefile knative/image/Dockerfile.dockerignore"
)
STATE = Path(".renga/deploy/gke")
BUILD = Build(
    builder="bake",
    base=BASE,
    registry="r.example.org/renga",
    tag="t1",
    functions=("platform/ledger", "schema/parse"),
    everything=True,
    load=None,
    state=STATE,
)
LOADED = replace(BUILD, builder="buildah", registry="dev.local", load=("kind", "load", "image-archive", "{}"))
Planned = Callable[..., Plan]


@pytest.fixture
def planned(repository: Path) -> Planned:
    """A deployment of this project's overlay `gke`."""

    def make(
        build: Build | None = None,
        load: tuple[str, ...] | None = None,
        smoke: Smoke | None = None,
        context: str | None = None,
        canary: Canary | None = None,
    ) -> Plan:
        found = overlay(repository, "gke")
        cluster = Cluster(overlay=found.folder, namespace=found.namespace, context=context)
        return Plan(
            overlay=found,
            build=build,
            baked=None,
            load=load,
            cluster=cluster,
            timeout_s=600,
            smoke=smoke,
            canary=canary,
        )

    return make


def lines(plan: Plan) -> list[str]:
    """Every command of a plan."""
    return [str(each) for step in plan.steps() for each in step.commands]


def test_the_steps_in_order(planned: Planned) -> None:
    """Images, digests, check, changes, apply, wait, an event: as the commands that anybody could run by hand."""
    plan = planned(BUILD, smoke=Smoke(file="examples/shop.sql", to=None, via="10.0.0.7:80"), context="prod")
    assert [step.title for step in plan.steps()] == [
        "Make 2 images",
        "Write the digests into knative/overlays/gke/images/kustomization.yaml",
        "Check what is applied",
        "See what changes",
        "Apply it",
        f"Wait for {len(plan.overlay.services)} Services to be Ready, 600 s at most: ask every second",
        "Send an event through",
    ]
    assert lines(plan) == [
        "rm -rf .renga/deploy/gke",
        "mkdir -p .renga/deploy/gke",
        f"BASE={BASE} REGISTRY=r.example.org/renga TAG=t1 {BAKE} --metadata-file .renga/deploy/gke/images.json",
        f"{sys.executable} -m renga_dev.images.registry .renga/deploy/gke/images.json",
        "renga check gke --pinned",
        "kubectl --context prod diff --server-side -k knative/overlays/gke",
        "kubectl --context prod apply --server-side -k knative/overlays/gke",
        "kubectl --context prod --namespace functions get services.serving.knative.dev,pods -o json",
        "RENGA_VIA=10.0.0.7:80 renga submit examples/shop.sql --at 'http://{service}.functions.DOMAIN'",
    ]


CANARY = Canary(
    function="schema/parse",
    service="schema-parse",
    percent=10,
    margin=0.01,
    within_s=1800,
    file=STATE / "schema-parse.json",
)
APPLY = "kubectl apply --server-side -f .renga/deploy/gke/schema-parse.json"
LOOK = "kubectl --namespace functions get services.serving.knative.dev,pods -o json"


def test_a_canary_in_order(planned: Planned) -> None:
    """One Service is applied, four times, with another table each time; pods are asked what they answered."""
    plan = planned(canary=CANARY)
    assert [step.title for step in plan.steps()][1:] == [
        "Start a new revision of schema-parse without a share, 600 s at most",
        "Give it 10 %, and judge it, 1800 s at most",
        "Give it 50 %, and judge it, 1800 s at most",
        "Give it everything",
    ]
    ask = "kubectl get --request-timeout=5s --raw /api/v1/namespaces/functions/pods/POD:9091/proxy/metrics"
    assert lines(plan)[1:] == [
        "kubectl kustomize knative/overlays/gke",
        "kubectl diff --server-side -f .renga/deploy/gke/schema-parse.json",
        *(APPLY, LOOK),
        *(APPLY, LOOK, ask),
        *(APPLY, LOOK, ask),
        *(APPLY, LOOK),
    ]
    assert replace(CANARY, percent=50).shares == (50,)


def test_a_canary_goes_back_in_one_step(planned: Planned) -> None:
    """Nothing is made and nothing is checked: it may be urgent."""
    plan = planned(BUILD, canary=replace(CANARY, percent=None))
    assert lines(plan) == [LOOK, "kubectl kustomize knative/overlays/gke", APPLY]
    assert plan.is_back


def test_some_functions_are_some_targets() -> None:
    """Bake's targets are the Services."""
    (*_, bake, _) = replace(BUILD, everything=False).commands()
    assert bake.argv[-2:] == ("platform-ledger", "schema-parse")


def test_buildah_pushes_and_keeps_the_digest() -> None:
    """The same Dockerfile and base, an image at a time; what the registry took is what the file says."""
    build = replace(BUILD, builder="buildah", functions=("schema/parse",))
    (name,) = build.names
    commands = build.commands()
    assert [str(each) for each in commands[2:]] == [
        f"{BUILDAH} --build-arg BASE={BASE} --build-arg FUNCTION=schema/parse --tag {name} .",
        f"buildah push {name} oci:.renga/deploy/gke/images:{name}",
        f"buildah push --digestfile .renga/deploy/gke/schema-parse.digest {name}",
        f"{sys.executable} -m renga_dev.images.contents .renga/deploy/gke/images .renga/deploy/gke/sbom",
    ]


def test_without_a_registry_one_archive_is_loaded(planned: Planned) -> None:
    """All images into one layout, of it one archive, and that to the command which was named."""
    commands = [str(each) for each in LOADED.commands()[2:]]
    name = "dev.local/schema-parse:t1"
    assert commands[3] == f"buildah push {name} oci:.renga/deploy/gke/images:{name}"
    assert commands[4].endswith("-m renga_dev.images.contents .renga/deploy/gke/images .renga/deploy/gke/sbom")
    assert commands[5].endswith("-m renga_dev.images.archive .renga/deploy/gke/images .renga/deploy/gke/images.tar")
    assert commands[6] == "kind load image-archive .renga/deploy/gke/images.tar"
    assert "(IMG-LOCAL does not count: the images are loaded)" in planned(LOADED, LOADED.load).checking().title
    again = planned(None, LOADED.load)
    assert next(again.steps()).title == "Load the images of the last build"
    assert lines(again)[0] == commands[6]


def test_cloud_build_is_asked_for_digests(repository: Path, planned: Planned) -> None:
    """Its file takes every substitution that it is given, and the registry says what came of it."""
    build = replace(BUILD, builder="cloud-build", functions=("schema/parse",), everything=False)
    submit = build.commands()[-1]
    assert submit.argv[:4] == ("gcloud", "builds", "submit", ".")
    given = dict(part.split("=", 1) for part in submit.argv[-1].removeprefix("--substitutions=").split(","))
    config = (repository / submit.argv[4].removeprefix("--config=")).read_text()
    assert given == {"_BASE": BASE, "_REGISTRY": "r.example.org/renga", "_TAG": "t1", "_TARGETS": "schema-parse"}
    assert all(f"${name}\n" in config for name in given)
    pinning = planned(build).pinning()
    assert pinning is not None
    assert [each.argv[-2] for each in pinning.commands] == ["r.example.org/renga/schema-parse:t1"]
    (image,) = build.images(repository, (f"sha256:{'1' * 64}\n",))
    assert image == ("schema-parse", "r.example.org/renga/schema-parse", f"sha256:{'1' * 64}")


def test_what_is_asked_of_one_revision() -> None:
    """The log of the function's container, not of Knative's beside it; warnings, one a line."""
    cluster = Cluster(overlay=Path("knative/overlays/gke"), namespace="functions", context=None)
    assert str(cluster.log("schema-parse-00002")) == (
        "kubectl --namespace functions logs -l serving.knative.dev/revision=schema-parse-00002"
        " -c user-container --tail=20"
    )
    assert str(cluster.warnings("schema-parse-00002")) == (
        "kubectl --namespace functions get events --field-selector"
        " involvedObject.name=schema-parse-00002,type=Warning -o custom-columns=:message --no-headers"
    )


def test_overlays_are_read(repository: Path, tmp_path: Path) -> None:
    """Each Service with its function; an overlay with nothing to serve, or in two namespaces, is not deployed."""
    found = overlay(repository, "engine")
    assert (found.namespace, found.functions["schema/parse"]) == ("functions", "schema-parse")
    assert "engine" in names(repository)
    folder = tmp_path / "knative/overlays/odd"
    folder.mkdir(parents=True)
    service = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a, namespace: %s}\n"
    (folder / "kustomization.yaml").write_text("resources: [services.yaml]\n")
    (folder / "services.yaml").write_text("")
    with pytest.raises(NotDeployable, match="no Service"):
        overlay(tmp_path, "odd")
    (folder / "services.yaml").write_text(service % "one" + "---\n" + service % "two")
    with pytest.raises(NotDeployable, match="Services in one, two"):
        overlay(tmp_path, "odd")
