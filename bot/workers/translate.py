"""The task that has the words of an item or a post translated for those who do not read them."""

from __future__ import annotations

from collections.abc import Callable

from bot.errors import DraftingFailed
from bot.logs import get_logger
from bot.model.due import DueRow
from bot.model.translation import Wording
from bot.ports import Translates
from bot.services import translating
from bot.services.language import undetermined
from bot.store.store import Store


class TranslateTask:
    """What cannot be had is left out: then the card says that it is not translated."""

    def __init__(
        self,
        store: Store,
        translator: Translates | None,
        language_of: Callable[[str], str] = undetermined,
    ) -> None:
        self._store = store
        self._translator = translator
        self._language_of = language_of
        self._log = get_logger("translations")

    async def __call__(self, row: DueRow) -> None:
        made: dict[Wording, str] = {}
        if self._translator is not None:
            wanted = await self._store.read(
                lambda tx: translating.wanted(tx, row, self._language_of)
            )
            made = await self._made(self._translator, wanted)
        await self._store.write(translating.keep, translating.Translated(row, made))

    async def _made(
        self, translator: Translates, wanted: list[translating.Wanted]
    ) -> dict[Wording, str]:
        made: dict[Wording, str] = {}
        for one in wanted:
            try:
                text = one.known or await translator.translate(one.text, one.what.language)
            except DraftingFailed as error:
                self._log.info("not_translated", language=one.what.language, says=str(error))
                break
            made[one.what] = text
        return made
