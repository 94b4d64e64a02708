"""Whether code changed."""

import os
from pathlib import Path

from renga_dev.serving.sources import Look


def test_it_changes_with_content_time_and_names_and_not_with_caches(tmp_path: Path) -> None:
    """A write, a touch, a new and a removed file count; bytecode, hidden files and missing folders do not."""
    file = tmp_path / "a/main.py"
    file.parent.mkdir()
    file.write_text("one")
    folders = [tmp_path, tmp_path / "missing"]
    seen = [Look().fingerprint(folders)]
    (tmp_path / "a/__pycache__").mkdir()
    (tmp_path / "a/__pycache__/main.pyc").write_text("x")
    (tmp_path / ".hidden").write_text("x")
    assert Look().fingerprint(folders) == seen[0]
    file.write_text("three")
    seen.append(Look().fingerprint(folders))
    os.utime(file, (1, 1))
    seen.append(Look().fingerprint(folders))
    (tmp_path / "b.py").touch()
    seen.append(Look().fingerprint(folders))
    (tmp_path / "b.py").unlink()
    assert Look().fingerprint(folders) == seen[2]
    assert len(set(seen)) == 4


def test_one_look_walks_a_folder_once(tmp_path: Path) -> None:
    """What changes during a look is seen by the next one."""
    look = Look()
    seen = look.fingerprint([tmp_path])
    (tmp_path / "a.py").touch()
    assert look.fingerprint([tmp_path]) == seen
    assert Look().fingerprint([tmp_path]) != seen
