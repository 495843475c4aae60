"""The pane's buttons: what customers write, and what is switched on and off."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from integrations.sandbox.crowd import FLOOD, Crowd
from integrations.sandbox.faults import Faults
from integrations.sandbox.network import SandboxNetwork
from integrations.sandbox.personas import PERSONAS
from integrations.sandbox.records import MAX_CUSTOMER_TEXT, ChangeKind, Comment, Role, clean
from integrations.sandbox.rendering import comment_name, number_of

BURST = 50
_CUSTOMERS = frozenset(persona.id for persona in PERSONAS)


class BadControl(ValueError):
    """The button cannot be pressed like this; the message is a sentence for the person."""


class Controls:
    """Presses buttons by name; `close` ends what they started."""

    def __init__(self, network: SandboxNetwork, faults: Faults, crowd: Crowd) -> None:
        self._network = network
        self._faults = faults
        self._crowd = crowd
        self._running: set[asyncio.Task[None]] = set()

    @property
    def is_viral(self) -> bool:
        return self._crowd.is_viral

    async def press(self, name: str, body: Any) -> dict[str, Any]:
        """What the button answers; BadControl when there is no such button or it cannot be."""
        if not isinstance(body, dict):
            raise BadControl("The request must be a JSON object.")
        match name:
            case "comment":
                return await self._write(body)
            case "edit":
                return await self._edit(body)
            case "delete":
                comment = await self._customers_own(body)
                await self._network.mark(comment.id, ChangeKind.DELETED)
            case "more":
                await self._crowd.burst(1)
            case "burst":
                await self._crowd.burst(BURST)
            case "flood":
                await self._crowd.burst(FLOOD)
            case "viral":
                self._toggle_viral()
            case "faults":
                self._set_faults(body)
            case _:
                raise BadControl(f"There is no button {name!r}.")
        return {}

    async def close(self) -> None:
        self._crowd.calm()
        if self._running:
            await asyncio.wait(self._running)

    async def _write(self, body: dict[str, Any]) -> dict[str, Any]:
        author, text = body.get("persona"), _customer_text(body)
        if not isinstance(author, str) or author not in _CUSTOMERS:
            raise BadControl("Choose who writes.")
        target = str(body.get("target", ""))
        if (post_number := number_of(target, "p")) is not None:
            post = await self._network.find_post(post_number)
            if post is None or post.is_deleted:
                raise BadControl("This post is gone. Choose another one.")
            written = await self._network.comment(author, text, post_id=post.id)
        else:
            parent = await self._comment(target)
            written = await self._network.comment(author, text, parent=parent)
        return {"id": comment_name(written.id)}

    async def _edit(self, body: dict[str, Any]) -> dict[str, Any]:
        comment = await self._customers_own(body)
        await self._network.edit(comment.id, _customer_text(body))
        return {}

    async def _customers_own(self, body: dict[str, Any]) -> Comment:
        comment = await self._comment(str(body.get("target", "")))
        if comment.author.role is not Role.CUSTOMER:
            raise BadControl("This is the brand's: it is changed from the team's desk.")
        return comment

    async def _comment(self, name: str) -> Comment:
        comment = await self._network.find_comment(number_of(name, "c") or 0)
        if comment is None or comment.is_deleted:
            raise BadControl("This comment is gone. Choose another one.")
        return comment

    def _set_faults(self, body: dict[str, Any]) -> None:
        try:
            self._faults.apply(body, self._network.now())
        except ValueError as error:
            raise BadControl(str(error)) from error
        self._network.ring()

    def _toggle_viral(self) -> None:
        if self._crowd.is_viral:
            self._crowd.calm()
        else:
            self._start(self._crowd.go_viral(), "sandbox-viral")

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def _customer_text(body: dict[str, Any]) -> str:
    text = body.get("text")
    if not isinstance(text, str) or not clean(text):
        raise BadControl("Write something first.")
    if len(text) > MAX_CUSTOMER_TEXT:
        raise BadControl(f"A comment may have at most {MAX_CUSTOMER_TEXT} characters.")
    return text
