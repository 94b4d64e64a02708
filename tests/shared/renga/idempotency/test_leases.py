"""What a process remembers of its claims, apart from any server."""

from renga.idempotency import leases
from renga.idempotency.leases import Leases


async def never(_key: str, _token: str, _lease_s: float) -> None:
    """Nothing is renewed here."""


def test_doubts_are_bounded() -> None:
    """However long a server is away, so many events are remembered and no more: the latest."""
    kept = Leases(never)
    most = leases._MOST_DOUBTFUL
    for number in range(most + 1):
        kept.doubt(str(number), "token")
    assert [kept.doubtful(str(number)) for number in (0, 1, most)] == [[], ["token"], ["token"]]
