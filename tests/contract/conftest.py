"""Where Knative's contract is played: `renga up` with the manifests of a table's rows."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from contract.playing import Engine
from laptop import Laptop

WORKLOAD = {
    "image": "example.org/subject",
    "command": [sys.executable, str(Path(__file__).parents[1] / "shared/renga_dev/workloads/subject.py")],
}

Applied = Callable[..., AbstractContextManager[Engine]]
"""Call it with manifests and options of `renga up` for a context that yields where they are served."""


@pytest.fixture(scope="session")
def workload() -> dict[str, Any]:
    """The container that the rows of serving run."""
    return WORKLOAD


@pytest.fixture(scope="session")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    """Serves manifests."""

    @contextmanager
    def apply(objects: list[Any], *options: str) -> Iterator[Engine]:
        folder = tmp_path_factory.mktemp("laptop")
        path = folder / "manifests.yaml"
        # JSON is YAML.
        path.write_text("\n---\n".join(json.dumps(item) for item in objects))
        laptop = Laptop(folder / "state").up("-f", str(path), *options)
        try:
            yield Engine(laptop.url, laptop.url, "localhost")
        finally:
            laptop.down()

    return apply


def pytest_bdd_apply_tag() -> bool:
    """The suite's tags are not our marks."""
    return True
