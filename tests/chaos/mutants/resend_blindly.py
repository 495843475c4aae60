"""A desk whose publisher takes every lost answer for a lost request, and sends again."""

from __future__ import annotations

import sys

from bot.bootstrap import workshop
from bot.cli import main
from bot.model.due import DueRow
from bot.model.publication import Publication
from bot.ports import Connector
from bot.services.looking import Looked, Sight
from bot.workers.publish import PublishTask


class ResendsBlindly(PublishTask):
    async def _look(self, row: DueRow, publication: Publication, line: Connector) -> None:
        await self._record(Looked(row, publication.id, Sight.ABSENT), 0)


if __name__ == "__main__":
    vars(workshop)["PublishTask"] = ResendsBlindly
    sys.exit(main())
