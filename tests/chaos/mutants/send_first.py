"""A desk whose publisher sends before it records that it is about to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from bot.bootstrap import workshop
from bot.cli import main
from bot.faults import FaultPoint, reach
from bot.model.due import DueRow
from bot.model.ids import SECOND
from bot.model.publication import Publication
from bot.ports import Connector
from bot.services.publishing import Begin, Start, settle
from bot.store.tx import Tx
from bot.workers.publish import PublishTask


class SendsFirst(PublishTask):
    async def _let_go(
        self,
        row: DueRow,
        publication: Publication,
        line: Connector,
        start: Callable[[Tx, Sequence[Begin]], Sequence[Start]],
        *,
        is_staged: bool = True,
    ) -> None:
        ending = await self._request(row, publication, line, self._clock.monotonic())
        reach(FaultPoint.PUBLISH_CALLED)
        lasts = int(self._timing.answer_within * SECOND)
        key = publication.prepared.key
        command = Begin(row, publication.id, self._timing.lease, lasts, key, is_staged)
        if await self._store.write(start, command) is Start.GO:
            await self._store.write(settle, ending)


if __name__ == "__main__":
    vars(workshop)["PublishTask"] = SendsFirst
    sys.exit(main())
