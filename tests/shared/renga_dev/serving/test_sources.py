"""Whether code changed."""

import os
from pathlib import Path

from renga_dev.serving.sources import fingerprint


def test_it_changes_with_content_time_and_names_and_not_with_caches(tmp_path: Path) -> None:
    """A write, a touch, a new and a removed file count; bytecode, hidden files and missing folders do not."""
    file = tmp_path / "a/main.py"
    file.parent.mkdir()
    file.write_text("one")
    folders = [tmp_path, tmp_path / "missing"]
    seen = [fingerprint(folders)]
    (tmp_path / "a/__pycache__").mkdir()
    (tmp_path / "a/__pycache__/main.pyc").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    assert fingerprint(folders) == seen[0]
    file.write_text("three")
    seen.append(fingerprint(folders))
    os.utime(file, (1, 1))
    seen.append(fingerprint(folders))
    (tmp_path / "b.py").touch()
    seen.append(fingerprint(folders))
    (tmp_path / "b.py").unlink()
    assert fingerprint(folders) == seen[2]
    assert len(set(seen)) == 4
