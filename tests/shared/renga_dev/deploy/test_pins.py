"""The one place of an overlay that says which images it has, by digest."""

from pathlib import Path

import pytest

from renga_dev.deploy.pins import PLACE, NoPlace, pin, pinned
from renga_dev.images.digests import Image

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
HEAD = "# Where images are.\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
SERVICES = ("schema-parse", "schema-submit")
PARSE = Image("schema-parse", "r.example.org:5000/renga/schema-parse", ONE)
SUBMIT = Image("schema-submit", "dev.local/schema-submit", TWO)
PARSE_LINE = f'  - {{name: dev.local/schema-parse, newName: "{PARSE.name}", digest: "{ONE}"}}\n'
SUBMIT_LINE = f'  - {{name: dev.local/schema-submit, digest: "{TWO}"}}\n'
FILE = Path("images/kustomization.yaml")


def test_digests_are_lines_in_the_order_of_names() -> None:
    """What is above the list stays; the name is given only where it is another."""
    text = pinned(f"{HEAD}images: []\n", [SUBMIT, PARSE], SERVICES, FILE)
    assert text == f"{HEAD}images:\n{PARSE_LINE}{SUBMIT_LINE}"


def test_a_new_digest_changes_its_line_alone() -> None:
    """What nobody built stays, whoever wrote it and however; what is the same is the same text."""
    before = f"{HEAD}images:\n- name: dev.local/schema-parse\n  newTag: old\n{SUBMIT_LINE.strip()}\n"
    after = pinned(before, [PARSE], SERVICES, FILE)
    assert after == f"{HEAD}images:\n{PARSE_LINE}{SUBMIT_LINE}"
    assert pinned(after, [PARSE, SUBMIT], SERVICES, FILE) == after


def test_what_is_gone_goes() -> None:
    """The entry of a function that the overlay has no more; an image that is not ours stays."""
    other = '  - {name: redis, newTag: "7"}\n'
    before = f"{HEAD}images:\n{PARSE_LINE}{SUBMIT_LINE}{other}"
    assert pinned(before, [], ["schema-submit"], FILE) == f"{HEAD}images:\n{SUBMIT_LINE}{other}".replace('"7"', "7")
    assert pinned(f"{HEAD}images:\n{PARSE_LINE}", [], [], FILE) == f"{HEAD}images: []\n"


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        f"{HEAD}images: []\nnamespace: functions\n",
        f"{HEAD}images:\n  # why\n  - {{name: a, newTag: b}}\n",
        f"{HEAD}images:\n  - {{name: a, tagSuffix: b}}\n",
        f"{HEAD}images:\n  - [\n",
    ],
    ids=["no list", "more below", "a comment", "an unknown field", "no YAML"],
)
def test_nothing_is_lost_in_silence(text: str) -> None:
    """A file that is not what a deployment would write is left alone."""
    with pytest.raises(NoPlace, match=r"images/kustomization\.yaml"):
        pinned(text, [PARSE], SERVICES, FILE)


def test_the_file_takes_its_place_at_once(tmp_path: Path) -> None:
    """With the rights that it had, and nothing beside it; unchanged, it is not written."""
    file = tmp_path / PLACE
    file.parent.mkdir()
    file.write_text(f"{HEAD}images: []\n")
    file.chmod(0o640)
    assert pin(tmp_path, [PARSE], SERVICES)
    written = file.stat()
    assert written.st_mode & 0o777 == 0o640
    assert not pin(tmp_path, [PARSE], SERVICES)
    assert file.stat().st_mtime_ns == written.st_mtime_ns
    assert list(file.parent.iterdir()) == [file]
    with pytest.raises(NoPlace, match="No such file"):
        pin(tmp_path / "none", [PARSE], SERVICES)
