"""Fuzz readers with atheris: `python harness.py TARGET [libFuzzer's options] [corpus]`.

Without arguments it takes them from its input, a JSON array a line with the file for the output before them, and
answers each line with the exit status: instrumenting takes seconds, and all targets share it.

The readers are instrumented, so libFuzzer keeps what reaches new code. Half of the mutations are its own, of bytes; the
other half cut, repeat, exchange and splice the words and lines of the target's own cases.
"""

import importlib
import json
import os
import random
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

# atheris has no types, and no wheel for some platforms.
atheris: Any = importlib.import_module("atheris")

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))
with atheris.instrument_imports(include=["renga_schema"]):
    import fuzzing

    fuzzing.warm()

_WORDS = re.compile(rb"\w+|\s+|[^\w\s]")
_MOST_WORDS = 40
"""Words that are cut, repeated or moved at once."""

_NASTY: Final = (
    *(b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\r", b"\r\n"),
    *(b"'", b'"', b"`", b"$$", b"$a$", b"/*", b"*/", b"--", b"//", b"\\", b"'''", b"<![CDATA[", b"]]>", b"&a", b"*a"),
    *(b"(", b")", b"[", b"]", b"{", b"}", b"<", b">", b"/>", b";", b",", b":", b"::", b".", b"@", b"@@", b"#", b"~"),
    *(b"0", b"-1", b"1e999", b"99999999999999999999", b"1.5", b"NULL", b"null", b"true", b"\xc3\x9f", b"\xc4\xb0"),
)


class Mutator:
    """Changes texts by the words and lines of a target's cases."""

    def __init__(self, seeds: list[bytes]) -> None:
        self._words = sorted({word for seed in seeds for word in _WORDS.findall(seed) if not word.isspace()})
        self._lines = sorted({line for seed in seeds for line in seed.split(b"\n") if line.strip()})
        self._parts = sorted({part for seed in seeds for part in re.split(rb";\n|\n\n|\n}\n", seed) if part.strip()})

    def __call__(self, data: bytes, most: int, seed: int) -> bytes:
        """Another text, of at most so many bytes."""
        chance = random.Random(seed)  # noqa: S311 - a fuzzer has no secrets
        if not data or chance.random() < 0.5:
            return bytes(atheris.Mutate(data, most))
        words = _WORDS.findall(data)
        for _ in range(chance.choice((1, 1, 2, 4))):
            words = chance.choice(_CHANGES)(self, words, chance) or [b"a"]
        return b"".join(words)[:most]

    def cut(self, words: list[bytes], chance: random.Random) -> list[bytes]:
        """Take words out."""
        at, end = _range(words, chance)
        return words[:at] + words[end:]

    def repeat(self, words: list[bytes], chance: random.Random) -> list[bytes]:
        """Say words again, up to many times."""
        at, end = _range(words, chance)
        return words[:end] + words[at:end] * chance.choice((1, 1, 2, 30)) + words[end:]

    def move(self, words: list[bytes], chance: random.Random) -> list[bytes]:
        """Put words elsewhere."""
        at, end = _range(words, chance)
        rest = words[:at] + words[end:]
        to = chance.randint(0, len(rest))
        return rest[:to] + words[at:end] + rest[to:]

    def replace(self, words: list[bytes], chance: random.Random) -> list[bytes]:
        """Say another word of the cases instead, or another word of the same text."""
        at = chance.randrange(len(words))
        other = chance.choice((chance.choice(self._words), chance.choice(_NASTY), chance.choice(words)))
        return [*words[:at], other, *words[at + 1 :]]

    def insert(self, words: list[bytes], chance: random.Random) -> list[bytes]:
        """Add a word, a line or a whole statement of the cases."""
        at = chance.randint(0, len(words))
        known = chance.choice((self._words, _NASTY, self._lines, self._parts))
        return [*words[:at], b" ", chance.choice(known), chance.choice((b" ", b"\n", b";\n", b"")), *words[at:]]


def _range(words: list[bytes], chance: random.Random) -> tuple[int, int]:
    at = chance.randrange(len(words))
    return at, at + chance.randint(1, _MOST_WORDS)


_CHANGES: Final[list[Callable[[Mutator, list[bytes], random.Random], list[bytes]]]] = [
    Mutator.cut,
    Mutator.repeat,
    Mutator.move,
    Mutator.replace,
    Mutator.insert,
]


def fuzz(target: str, *options: str) -> None:
    """Fuzz until libFuzzer's options say that it is enough; that ends the process."""
    if target not in fuzzing.targets():
        sys.exit(f"There is no target {target!r}; there are {', '.join(fuzzing.targets())}.")

    def one(data: bytes) -> None:
        fuzzing.answer(target, data)

    atheris.Setup([sys.argv[0], *options], one, custom_mutator=Mutator(fuzzing.seeds(target)))
    atheris.Fuzz()


def forked(log: str, *arguments: str) -> int:
    """Fuzz in a process of its own; its exit status."""
    child = os.fork()
    if child == 0:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(output, 1)
        os.dup2(output, 2)
        fuzz(*arguments)
        os._exit(1)  # libFuzzer ends the process itself
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main() -> None:
    """Fuzz what the arguments say, or what each line of the input says."""
    if arguments := sys.argv[1:]:
        fuzz(*arguments)
    for line in sys.stdin:
        sys.stdout.write(f"{forked(*json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
