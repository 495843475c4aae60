"""Drafts from any server that speaks the OpenAI protocol.

Whatever goes wrong is DraftingFailed with a sentence, within the time-out, and never more: the
caller has templates. A model gets no tools and no secrets; it can only answer, and what it answers
is checked here for the prompt itself and by the caller for everything else.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import openai

from bot.errors import ConfigurationError, DraftingFailed
from bot.model.breaker import BREAKER_RULE
from bot.model.draft import DraftOrigin, DraftProposal, DraftRequest
from bot.model.ids import BrandId
from bot.ports import Breaker, Spending
from integrations.llm.answers import NotStructured, words_of_chat
from integrations.llm.failures import is_of_this_text, took_too_long, undrafted, wants_another_form
from integrations.llm.ladder import Asking, Rung, RungMemory
from integrations.llm.prompt import DraftPrompt, Messages
from integrations.llm.untrusted import MOST_COMMENT

OPENAI = "https://api.openai.com/v1"
NO_KEY = "not-needed"
"""The library refuses an empty key, and servers of one's own often want none."""
MARK_BYTES = 8


class OpenAIDrafter:
    """Implements `bot.ports.Drafter`, `Probes` and `Closes`.

    `timeout_seconds` is for a whole draft, waiting, retry and all rungs included. `daily_tokens`
    are those that `spending` may reach in a day; 0 is no limit.
    """

    def __init__(
        self,
        prompt: DraftPrompt,
        *,
        translation: DraftPrompt | None = None,
        model: str,
        base_url: str = "",
        api_key: str = "",
        timeout_seconds: float = 25.0,
        temperature: float | None = None,
        max_concurrency: int = 4,
        max_retries: int = 1,
        breaker: Breaker,
        spending: Spending | None = None,
        daily_tokens: int = 0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._prompt = prompt
        self._translation = translation
        self._model = model
        self._key = _checked_key(api_key, base_url)
        self._where = urlsplit(base_url or OPENAI).netloc.rpartition("@")[2]
        self._seconds = timeout_seconds
        self._monotonic = monotonic
        self._places = asyncio.Semaphore(max_concurrency)
        self._breaker = breaker
        self._memory = RungMemory(monotonic)
        self._client = openai.AsyncOpenAI(
            api_key=self._key,
            base_url=base_url or OPENAI,
            timeout=timeout_seconds,
            max_retries=max_retries,
        )
        self._spending = spending
        self._daily_tokens = daily_tokens
        self._asking = Asking(self._client, model, temperature, prompt.max_output_tokens, spending)

    @property
    def says(self) -> str:
        return f"Drafts come from the model {self._model} at {self._where}."

    async def draft(self, request: DraftRequest) -> DraftProposal:
        rung, text = await self._written(self._prompt, request)
        note = f"{self._model}, {self._prompt.name}"
        if rung is Rung.CHAT_PLAIN:
            note += ", plain text"
        return DraftProposal(text, DraftOrigin.MODEL, note)

    async def translate(self, text: str, language: str) -> str:
        """DraftingFailed without a prompt for it, and as for a draft; counted like one."""
        if self._translation is None or len(text) > MOST_COMMENT:
            raise DraftingFailed("This text is not given to the model to be translated.")
        _rung, said = await self._written(self._translation, _as_request(text, language))
        return said

    async def _written(self, prompt: DraftPrompt, request: DraftRequest) -> tuple[Rung, str]:
        mark = secrets.token_hex(MARK_BYTES)
        messages = prompt.messages(request, mark)
        async with self._limited():
            rung, text = await self._asked(messages)
        if prompt.leaks_into(text, mark):
            raise DraftingFailed(
                "The model's draft was not used: it repeats the instructions that it was given."
            )
        return rung, text

    async def probe(self) -> str:
        """One tiny question, whatever the breaker says; a sentence, or DraftingFailed."""
        began = self._monotonic()
        async with self._telling(), asyncio.timeout(self._seconds):
            answer = await self._client.chat.completions.with_raw_response.create(
                model=self._model, messages=[{"role": "user", "content": "Are you there?"}]
            )
            words_of_chat(answer.content)
        return f"{self._model} at {self._where} answered in {self._monotonic() - began:.1f} s."

    async def close(self) -> None:
        await self._client.close()

    async def _asked(self, messages: Messages) -> tuple[Rung, str]:
        """Down the ladder until one way of asking serves."""
        rungs = self._memory.rungs()
        for rung in rungs:
            try:
                text = await self._asking.draft(rung, messages)
            except openai.APIStatusError as error:
                if rung is rungs[-1] or not wants_another_form(error, rung):
                    self._memory.forget()
                    raise
            except NotStructured:
                # The plainest rung never raises it: there prose is an answer.
                continue
            else:
                self._memory.served(rung)
                return rung, text
        raise AssertionError("the plainest rung neither answered nor failed")

    @asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        """A place among those who ask, within the time-out and the breaker's leave."""
        self._refuse_while_resting(await self._breaker.seconds_left())
        async with self._telling(), asyncio.timeout(self._seconds), self._places:
            await self._refuse_beyond_budget()
            self._refuse_while_resting(await self._breaker.enter())
            try:
                yield
            except openai.APIError as error:
                if is_of_this_text(error):
                    await self._breaker.succeeded()
                else:
                    await self._breaker.failed()
                raise
            except asyncio.CancelledError:
                # What the time-out looks like from inside.
                await self._breaker.failed()
                raise
            except DraftingFailed:
                # The server did its part; it is the answer that cannot be used.
                await self._breaker.succeeded()
                raise
            await self._breaker.succeeded()

    def _refuse_while_resting(self, left: float) -> None:
        if left > 0:
            raise DraftingFailed(
                f"The model did not answer: {self._where} failed again and again, so it is not "
                f"asked for {BREAKER_RULE.rest / 60:g} minutes ({left:.0f} s are left)."
            )

    async def _refuse_beyond_budget(self) -> None:
        """Drafts that are being written may go a little beyond it."""
        if self._spending is None or not self._daily_tokens:
            return
        if await self._spending.spent() >= self._daily_tokens:
            raise DraftingFailed(
                f"The model was not asked: its {self._daily_tokens} tokens of today are used up "
                "(daily_tokens under [drafts])."
            )

    @asynccontextmanager
    async def _telling(self) -> AsyncIterator[None]:
        """Turns what the library raises into one sentence, and keeps the key out of the chain."""
        try:
            yield
        except TimeoutError as error:
            raise took_too_long(self._where, self._seconds) from error
        except openai.APIError as error:
            says = undrafted(error, where=self._where, model=self._model, key=self._key)
            # A server that repeats the key in its answer would show it in every traceback.
            raise says from (None if self._key in str(error) else error)


def _as_request(text: str, language: str) -> DraftRequest:
    """A translator is told nothing but the text."""
    return DraftRequest(
        brand_id=BrandId(0),
        brand_name="",
        voice="",
        network_title="",
        max_length=0,
        language=language,
        text=text,
        author_name="",
        context="",
        intents=(),
        risks=(),
    )


def _checked_key(key: str, base_url: str) -> str:
    if not key and not base_url:
        raise ConfigurationError(
            "There is no key for the model. Set OPENAI_API_KEY, or base_url under [drafts] for a "
            "server that needs none, or choose templates."
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise ConfigurationError(
            "The key for the model holds characters that no key has. Copy it again."
        )
    return key or NO_KEY
