"""Where an environment is, and what is read of its outputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from renga_dev.cloud.root import NoRoot, Refused, Root, find, read

OUTPUTS: dict[str, Any] = {
    "env": "dev",
    "deletion_protection": False,
    "sleeps": [{"part": "x", "stop": "a", "start": "b", "prints": None, "ready": [], "shows": []}],
    "kubeconfig": ["c"],
    "cluster_name": "renga-dev",
}


def printed(**changed: Any) -> str:
    """What `terraform output -json` prints, with other values; without those that are None."""
    values = {name: value for name, value in (OUTPUTS | changed).items() if value is not None}
    return json.dumps({name: {"sensitive": False, "type": "x", "value": value} for name, value in values.items()})


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """A root with values of two environments; the current folder is that of its project."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "terraform/envs/gcp"
    folder.mkdir(parents=True)
    for env in ("dev", "prod"):
        (folder / f"{env}.tfvars").touch()
    return find(tmp_path, "gcp", "dev")


def test_a_root_is_named_from_here(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed can be pasted where the command was called."""
    assert str(root.terraform("init")) == "terraform -chdir=terraform/envs/gcp init"
    monkeypatch.chdir("terraform")
    assert find(Path.cwd().parent, "gcp", "dev").terraform("init").argv[1] == "-chdir=envs/gcp"


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("pord", r"has values for dev, prod, not for pord\. Did you mean prod\?"),
        ("x", "its values in terraform/envs/gcp/x.tfvars"),
    ],
)
@pytest.mark.usefixtures("root")
def test_an_environment_without_values_is_none(env: str, said: str) -> None:
    """Those that there are are named, and where others go."""
    with pytest.raises(NoRoot, match=said):
        find(Path.cwd(), "gcp", env)


@pytest.mark.usefixtures("root")
def test_a_cloud_without_a_root_is_none() -> None:
    """The folder is named."""
    with pytest.raises(NoRoot, match="terraform/envs/aws is not there"):
        find(Path.cwd(), "aws", "dev")


def test_outputs_are_read(root: Root) -> None:
    """What is not needed is passed by; where there are no interfaces to look for, terraform prints none."""
    made = read(root, printed())
    assert made is not None
    assert (made.sleeps[0].part, made.kubeconfig, made.interfaces) == ("x", ("c",), None)


def test_a_state_without_outputs_is_of_nothing(root: Root) -> None:
    """Terraform prints an empty object."""
    assert read(root, "{}") is None


def test_missing_outputs_are_named(root: Root) -> None:
    """With what to do: nothing is guessed."""
    with pytest.raises(Refused, match=r"\(kubeconfig, sleeps\).*Run `renga cloud up --cloud gcp --env dev` first"):
        read(root, printed(sleeps=None, kubeconfig=None))


def test_a_state_of_another_environment_is_left_alone(root: Root) -> None:
    """An apply of prod's values to it would make prod of dev."""
    with pytest.raises(Refused, match=r"is that of staging, not of dev.*TF_WORKSPACE=dev"):
        read(root, printed(env="staging"))
