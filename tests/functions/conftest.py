"""One laptop for each test module, at zero when it starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from laptop import Laptop

_RULES = """
- op: add
  path: /spec/template/spec/containers/0/env/-
  value: {name: SCHEMA_RELATE_INFERENCE_URL, value: ''}
"""


@pytest.fixture(scope="module")
def laptop(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A runtime with all functions of the repository; schema/relate asks rules: a whole corpus costs little."""
    folder = tmp_path_factory.mktemp("laptop")
    (folder / "rules.yaml").write_text(_RULES)
    (folder / "kustomization.yaml").write_text(
        f"resources: [{repository}/knative/overlays/laptop]\n"
        "patches: [{target: {kind: Service, name: schema-relate}, path: rules.yaml}]\n"
    )
    runtime = Laptop(folder / "state").up("-k", str(folder))
    yield runtime
    assert runtime.down() == 0
