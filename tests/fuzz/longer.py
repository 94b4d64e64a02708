"""Fuzz readers for longer than the tests do: `python longer.py SECONDS [TARGET...]`, all targets where none is named.

What is found lies in out/fuzz/TARGET, and the corpus that grew beside it, for the next run.
"""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "support"))

import fuzzing  # noqa: E402 - its folder is named just above


def main() -> None:
    """Fuzz one target after the other; end with 1 where anything was found."""
    seconds, *named = sys.argv[1:]
    failed = []
    for target in named or fuzzing.targets():
        out = REPOSITORY / "out" / "fuzz" / target
        corpus = out / "corpus"
        corpus.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(fuzzing.seeds(target)):
            (corpus / f"seed{number}").write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-timeout=60", "-rss_limit_mb=1500", "-max_len=4096"]
        harness = REPOSITORY / "tests" / "fuzz" / "harness.py"
        command = [sys.executable, str(harness), target, *options, f"-artifact_prefix={out}/", str(corpus)]
        if subprocess.run(command, check=False).returncode:
            failed.append(target)
    sys.exit(f"Found something in {', '.join(failed)}: see out/fuzz." if failed else 0)


if __name__ == "__main__":
    main()
