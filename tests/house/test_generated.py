"""What is generated is what the annotations say today."""

from pathlib import Path

from renga_dev.check.page import page as check_page
from renga_dev.manifests import load, parse
from renga_dev.parity import page
from renga_dev.wiring.generation import BASE, wire


def test_generated_files_are_in_step(repository: Path) -> None:
    """`renga wiring --check` finds nothing to mend, and no event was broken."""
    wiring = wire(repository)
    assert wiring.faults == []
    assert [f"{difference.path} {difference.summary}" for difference in wiring.differences()] == []


def test_the_page_on_knative_is_in_step(repository: Path) -> None:
    """The user's page says what the parity report says; `make generate` writes it."""
    assert (repository / "docs" / "knative.md").read_text() == page()


def test_the_page_on_the_check_is_in_step(repository: Path) -> None:
    """The user's page has every rule as the check applies it; `make generate` writes it."""
    assert (repository / "docs" / "check.md").read_text() == check_page()


def test_the_committed_base_is_whole(repository: Path) -> None:
    """Every function has a Service, and together the manifests are what the local runtime runs."""
    text = "\n---\n".join(
        path.read_text() for path in sorted((repository / BASE).glob("*.yaml")) if path.name != "kustomization.yaml"
    )
    services = {str(service.function) for service in load(parse(text, BASE)).services.values()}
    folders = {f"{path.parent.parent.name}/{path.parent.name}" for path in repository.glob("functions/*/*/main.py")}
    assert services == folders
