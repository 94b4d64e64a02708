"""What Knative's admission refuses, `renga up` refuses before it starts anything."""

import json
from pathlib import Path

import pytest

from contract.rows import AdmissionRow, admission
from laptop import Laptop

ROWS = [pytest.param(row, marks=pytest.mark.rule(row.rule), id=row.id) for row in admission()]


@pytest.mark.parametrize("refusal", ROWS)
def test_refused(refusal: AdmissionRow, tmp_path: Path) -> None:
    """The refusal is a misuse, and names the field or the value that is wrong."""
    path = tmp_path / "manifests.yaml"
    path.write_text("\n---\n".join(json.dumps(item) for item in refusal.objects))
    found = Laptop(tmp_path / "state").renga("up", "-f", str(path), "--state", str(tmp_path / "state"), "--port", "0")
    assert found.returncode == 2, refusal.says
    assert refusal.refused in found.stderr
