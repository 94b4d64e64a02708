"""Sends what a process committed and did not live to send."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from renga.fates import Retry
from renga.outbox import Outbox
from renga.wire import WireEvent

EVERY_S = 30.0


class Relay:
    """Looks into the outbox now and then, while the function is awake.

    Args:
        outbox: where answers may lie.
        function: whose.
        publish: sends one; raises Retry where it cannot, ValueError where it never can.
        older_than_s: what is younger may still be sent by the process that said it.
    """

    def __init__(
        self, outbox: Outbox, function: str, publish: Callable[[WireEvent], Awaitable[None]], older_than_s: float
    ) -> None:
        self._outbox = outbox
        self._function = function
        self._publish = publish
        self._older_than_s = older_than_s
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin, on the running loop."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._forever())

    async def end(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def once(self) -> int:
        """Send what lies there; how many answers that were. What no sink takes stays, and keeps back nothing else.

        Raises:
            Retry: the database or the sink is away.
        """
        total, last = 0, None
        while found := await asyncio.to_thread(self._outbox.left_over, self._function, self._older_than_s, last):
            for key, answers in found.items():
                last = key
                try:
                    for answer in answers:
                        await self._publish(answer)
                except ValueError as error:
                    self._log.error("an answer that an earlier process left is never taken", reason=str(error))
                    continue
                await asyncio.to_thread(self._outbox.sent, self._function, [key])
                total += len(answers)
        return total

    @property
    def _log(self) -> Any:
        from renga.log import logger

        return logger(function=self._function)

    async def _forever(self) -> None:
        while True:
            try:
                if sent := await self.once():
                    self._log.info("sent what an earlier process left", answers=sent)
            except Retry as retry:
                self._log.warning("what an earlier process left is not sent yet", reason=str(retry))
            except Exception:  # noqa: BLE001 - a bug is told in full, and is no reason never to look again
                self._log.exception("what an earlier process left could not be sent")
            await asyncio.sleep(EVERY_S)
