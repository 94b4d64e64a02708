"""`renga infer` against a real runtime, whose inference service has the models that come with Renga."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result

from columns import read_table, values, write_columns
from renga_infer.card import read_card
from renga_infer.settings import InferenceSettings

Renga = Callable[..., Result]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Rows for the model `links` that comes with Renga."""
    newest = max(Path(InferenceSettings().models).glob("links/*"), key=lambda folder: float(folder.name))
    (features,) = read_card((newest / "card.json").read_bytes()).inputs
    return write_columns(tmp_path / "rows.parquet", {"features": np.zeros((50, features.shape[1]), "f4")})


def test_rows_in_and_outputs_out(cli: Renga, runtime: str, rows: Path, tmp_path: Path) -> None:
    """The outputs are written where --out says; who answered goes to standard output, the course to standard error."""
    out = tmp_path / "outputs.parquet"
    result = cli("infer", "links", rows, "--outputs", "probability", "--out", out, at=runtime)
    assert result.exit_code == 0, result.output
    assert f"{rows}: 50 rows answered by the model links, version " in result.stdout
    assert str(out) in result.stdout
    assert "platform/infer" in result.stderr
    probability = values(read_table(out), "probability")
    assert len(probability) == 50
    assert ((probability >= 0) & (probability <= 1)).all()


def test_what_is_rejected(cli: Renga, runtime: str, rows: Path) -> None:
    """The reason is told, and the exit status is 1; --json has the same for machines."""
    result = cli("infer", "lynx", rows, at=runtime)
    assert (result.exit_code, "rejected: There is no model 'lynx'" in result.stdout) == (1, True)
    told = cli("infer", "lynx", rows, "--json", at=runtime)
    assert (told.exit_code, told.stderr) == (1, "")
    said = json.loads(told.stdout)
    assert (said["state"], said["completed"], said["written"]) == ("rejected", None, None)
    assert said["rejected"]["model"] == "lynx"


def test_misuse(cli: Renga, runtime: str, rows: Path, tmp_path: Path) -> None:
    """A folder that is not there, no outputs, and the functions of a cluster are told before anything runs."""
    for given, sentence in (
        (["--out", tmp_path / "no" / "out.parquet"], "there is no folder"),
        (["--outputs", " , "], "--outputs names nothing"),
        (["--at", "https://{service}.example.org"], "this asks a runtime of `renga up`"),
    ):
        result = cli("infer", "links", rows, *given, at=runtime)
        assert (result.exit_code, sentence in result.stderr) == (2, True), result.output
