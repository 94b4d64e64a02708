"""The roots by `renga cloud`, on stub providers: made, looked at, put to sleep, woken, taken down, destroyed."""

import json
import os
import shlex
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from documented import commands, shape, undocumented, unparsed
from recorded import Recorded
from renga_dev.cli import main
from renga_dev.cloud.programs import OF_CLOUDS
from renga_dev.cloud.root import Outputs, Root, find, read
from terraforming import Workspace, pause

pytestmark = pytest.mark.timeout(2400)

CLOUDS = ("gcp", "azure")
"""Those whose providers are stubs; test_life_aws.py has the third. One is with Pub/Sub, one without."""
PROGRAMS = ("gcloud", "gke-gcloud-auth-plugin", "az", "kubelogin", "kubectl")
STATE = "terraform.tfstate"


class Life(NamedTuple):
    """What happened, from `up` to `down --all`."""

    root: Root
    made: Outputs
    gone: dict[str, Any]
    """The state while it is gone."""
    said: dict[str, str]
    """What each command had to say."""
    called: dict[str, list[str]]
    """The programs that it called, but for terraform."""


@pytest.fixture(scope="module")
def project(repository: Path, stubs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project with the roots, on stub providers; it is the current folder."""
    folder = tmp_path_factory.mktemp("commands")
    Workspace(repository, folder, stubs)
    (folder / "functions").mkdir()
    with (folder / "terraform/envs/azure/dev.tfvars").open("a") as values:
        values.write('broker = "knative"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TF_CLI_CONFIG_FILE", str(stubs))
        patch.setenv("TF_IN_AUTOMATION", "1")
        yield folder


@pytest.fixture(scope="module", params=CLOUDS)
def life(request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """A root from `up` to `down --all`, with programs in the cloud's place which do what they are told."""
    root = find(project, request.param, "dev")
    programs = Recorded(tmp_path_factory.mktemp(root.cloud), *PROGRAMS)
    said, called = {}, {}

    def renga(command: str) -> None:
        result = CliRunner().invoke(main, ["cloud", *command.split(), "--cloud", root.cloud])
        assert result.exit_code == 0, result.output
        said[command], called[command] = result.stdout, programs.calls()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", programs.before(os.environ["PATH"]))
        renga("up --yes")
        made = read(root, json.dumps(json.loads((root.folder / STATE).read_text())["outputs"]))
        assert made is not None
        show(programs, made, awake=True)
        renga("status")
        renga("sleep")
        show(programs, made, awake=False)
        renga("wake")
        show(programs, made, awake=True)
        pause(root.folder / STATE)
        renga("down --yes")
        gone = json.loads((root.folder / STATE).read_text())
        renga("status --env dev")
        renga("down --all --yes")
    return Life(root, made, gone, said, called)


def show(programs: Recorded, made: Outputs, *, awake: bool) -> None:
    """From now on all parts show that they are awake, or asleep; what stops and starts them goes well."""
    for part in made.sleeps:
        for command in filter(None, (part.stop, part.start)):
            programs.answer(said_of(command), part.prints or "")
        for each in part.shows:
            programs.answer(said_of(each.command), each.awake if awake else each.asleep)


def said_of(command: str) -> str:
    """A command without the quotes that a shell takes away."""
    return " ".join(shlex.split(command))


def test_all_of_it_is_made_known_and_taken_away(life: Life) -> None:
    """A root puts out all that `renga cloud` reads; nothing of it is in the state at the end."""
    assert "dev is idle" in life.said["status"]
    assert "dev is gone" in life.said["down --yes"]
    assert ", 0 of them the cluster's\ndev is gone" in life.said["status --env dev"]
    assert {each.get("module", "").partition("[")[0] for each in life.gone["resources"]} - {""} == (
        {"module.registry", "module.events"} if life.root.cloud == "gcp" else {"module.registry"}
    )
    assert "dev is gone" in life.said["down --all --yes"]
    assert json.loads((life.root.folder / STATE).read_text())["resources"] == []


def test_pushes_pause_before_anything_is_deleted(life: Life) -> None:
    """Messages wait before there is nobody who could take them."""
    paused = [number for number, call in enumerate(life.called["down --yes"]) if " run renga-dev-pause " in call]
    deleted = [number for number, call in enumerate(life.called["down --yes"]) if call.startswith("kubectl delete ")]
    assert len(deleted) == 2
    assert len(paused) == (1 if life.root.cloud == "gcp" else 0)
    assert all(number < deleted[0] for number in paused)
    assert life.called["down --all --yes"] == []


def test_parts_stop_in_their_order_and_start_the_other_way_round(life: Life) -> None:
    """Knative is waited for once what it runs on is there."""
    stops = [said_of(part.stop) for part in life.made.sleeps if part.stop]
    starts = [said_of(part.start) for part in reversed(life.made.sleeps) if part.start]
    assert [call for call in life.called["sleep"] if call in stops] == stops
    woken = [call for call in life.called["wake"] if call in starts or call.startswith("kubectl wait ")]
    waits = [call for call in woken if call not in starts]
    pushes = [start for start in starts if " run renga-dev-resume " in start]
    assert len(waits) == 2
    assert woken == [*(start for start in starts if start not in pushes), *waits, *pushes]
    if life.root.cloud == "gcp":
        assert pushes
        assert " run renga-dev-pause " in stops[0]


def test_commands_are_those_of_their_pages(life: Life) -> None:
    """Each has a page that its maker publishes, and takes the flags that it is given."""
    assert {argv: undocumented(argv) for argv in commands(life.root, life.made) if undocumented(argv)} == {}


@pytest.mark.connected
@pytest.mark.parametrize("own", [True, False], ids=["its own", "kubectl"])
def test_programs_take_their_commands(life: Life, own: bool, tmp_path: Path) -> None:
    """Where a program is on this machine, its own parser has nothing against its commands; nobody is logged in."""
    program = OF_CLOUDS[life.root.cloud].own if own else "kubectl"
    if shutil.which(program) is None:
        pytest.skip(f"no {program} on this machine")
    called = {shape(argv): argv for argv in commands(life.root, life.made) if argv[0] == program}
    with ThreadPoolExecutor(2) as pool:
        assert list(filter(None, pool.map(lambda argv: unparsed(argv, tmp_path), called.values()))) == []
