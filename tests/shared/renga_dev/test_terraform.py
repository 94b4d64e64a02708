"""What is written of Terraform's files."""

from pathlib import Path

import pytest

from renga_dev.terraform import BEGIN, END, NoTables, declarations, generated

CONTRACT = """
variable "env" {
  description = "Which one: `dev` | `prod`."
  type        = string
}

variable "pool" {
  description = "Nodes."
  type = object({
    min = optional(number, 0)
    max = number
  })
  default = { max = 3 }
}
"""
OF_ROOTS = """
variable "broker" {
  description = "What carries events."
  type        = string
}
"""
OUTPUTS = """
output "endpoint" {
  description = "Where it is."
  value       = "https://${var.env}.example.org"
}
"""


@pytest.fixture
def terraform(tmp_path: Path) -> Path:
    """A project with a contract, one cluster module, one root, and one module that does not keep the contract."""
    for folder in ("contract/roots", "modules/gke", "modules/events", "envs/gcp"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "contract/variables.tf").write_text(CONTRACT)
    (tmp_path / "contract/roots.tf").write_text(OF_ROOTS)
    (tmp_path / "contract/roots/outputs.tf").write_text(OUTPUTS)
    for module in ("modules/gke", "modules/events", "envs/gcp"):
        (tmp_path / module / "main.tf").write_text("" if module == "envs/gcp" else OUTPUTS)
        (tmp_path / module / "README.md").write_text(f"# Ours\n\n{BEGIN}\nold\n{END}\nAfter.\n")
    return tmp_path


def test_the_contract_is_copied_to_who_keeps_it(terraform: Path) -> None:
    """A cluster module gets the contract and where to change it; others do not."""
    found = generated(terraform)
    copy = found[terraform / "modules/gke/contract.tf"]
    assert copy.endswith(CONTRACT)
    assert "change it there" in copy.splitlines()[0]
    assert terraform / "modules/events/contract.tf" not in found


def test_a_root_gets_more_than_a_cluster(terraform: Path) -> None:
    """A root has the variables of clusters, its own beside them, and all of its outputs; its table has them too."""
    found = generated(terraform)
    root = terraform / "envs/gcp"
    assert found[root / "contract.tf"].endswith(f"{CONTRACT}\n{OF_ROOTS}")
    assert found[root / "outputs.tf"].endswith(OUTPUTS)
    assert OF_ROOTS not in found[terraform / "modules/gke/contract.tf"]
    assert [row for row in found[root / "README.md"].splitlines() if "`broker`" in row or "`endpoint`" in row] == [
        "| `broker` | `string` | **required** | What carries events. |",
        "| `endpoint` | Where it is. |",
    ]


def test_tables_go_between_the_markers(terraform: Path) -> None:
    """A page keeps its own text; variables that must be given come first, and a bar does not end a cell."""
    page = generated(terraform)[terraform / "modules/gke/README.md"]
    assert page.startswith(f"# Ours\n\n{BEGIN}\n### Variables\n")
    assert page.endswith(f"{END}\nAfter.\n")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert rows == [
        "| `env` | `string` | **required** | Which one: `dev` \\| `prod`. |",
        '| `pool` | `object({min = optional(number, 0), max = number})` | `{"max": 3}` | Nodes. |',
        "| `endpoint` | Where it is. |",
    ]
    assert "old" not in page


def test_a_page_without_markers(terraform: Path) -> None:
    """A module without a place for its tables is named."""
    (terraform / "modules/events/README.md").write_text("# Ours\n")
    with pytest.raises(NoTables, match=r"events/README\.md needs the lines"):
        generated(terraform)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('"functions"', '"functions"'),
        ("null", "null"),
        ("true", "true"),
        ("[]", "[]"),
        ("{}", "{}"),
    ],
)
def test_defaults_are_written_as_they_are_given(tmp_path: Path, written: str, read: str) -> None:
    """A default is shown as HCL has it."""
    (tmp_path / "variables.tf").write_text(f'variable "x" {{\n  default = {written}\n}}\n')
    (found,) = declarations(tmp_path, "variable")
    assert (found.default, found.type) == (read, "any")
