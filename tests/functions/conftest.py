"""One laptop for each test module, at zero when it starts."""

from collections.abc import Iterator

import pytest

from laptop import Laptop


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A runtime with all functions of the repository."""
    runtime = Laptop(tmp_path_factory.mktemp("laptop")).up()
    yield runtime
    assert runtime.down() == 0
