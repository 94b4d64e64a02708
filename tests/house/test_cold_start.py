"""What a function may import before its port is bound: everything here is paid at each cold start."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    *("sqlglot", "jinja2", "yaml", "sqlalchemy", "obstore", "structlog", "redis", "grpc", "rich", "click"),
    *("renga.http.client", "importlib.metadata", "json"),
}
PROBE = """
import sys
from pathlib import Path
import renga.host
from renga.hosting import HostSettings, application, contract_of, load
source = Path("main.py")
application(contract_of(load(source), "handle"), HostSettings(renga_state_dir=sys.argv[1]), source)
print("\\n".join(sys.modules))
"""


def functions() -> list[str]:
    """Every function of the repository, as `suite/name`; what stays has no cold start."""
    root = Path(__file__).parents[2] / "functions"
    found = [path for path in root.glob("*/*/main.py") if "import Service" not in path.read_text()]
    return sorted(str(path.parent.relative_to(root)) for path in found)


@pytest.mark.parametrize("name", functions())
def test_heavy_imports_are_late(name: str, repository: Path, tmp_path: Path) -> None:
    """A function that is ready to serve has imported nothing heavy that its first event may not need."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, str(tmp_path)],
        cwd=repository / "functions" / name,
        capture_output=True,
        check=True,
    )
    loaded = set(probe.stdout.decode().split())
    assert not loaded & HEAVY
