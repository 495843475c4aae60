"""`/desk accounts`: which accounts there are and how they stand; an admin lets one go live."""

from __future__ import annotations

from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.cards.pages import AccountRow, DeskQuery
from bot.model.member import ChatIdentity, Role
from bot.speech.speech import Speech
from handlers.account_words import CHANGES, STATE_WORDS, Change, changes_of, sure_of
from handlers.slack import blocks
from handlers.slack.clerk import Clerk, Corner
from handlers.slack.names import Area
from handlers.slack.payloads import Press
from handlers.slack.spans import Element

ACCOUNT = Area.ACCOUNT
"""The first word of `action_id`, as in `account.live`; the value is the slug."""

MOST = 20
_CHANGES = {f"{ACCOUNT}.{one.name}": one for one in CHANGES}


class Accounts:
    def __init__(self, clerk: Clerk) -> None:
        self._clerk = clerk

    async def answer(self, reader: ChatIdentity) -> tuple[str, list[Element]]:
        """Text and blocks; a stranger is told nothing of the desk."""
        page = await self._clerk.ask(self._clerk.desk.view(DeskQuery(), reader))
        member = await self._clerk.ask(self._clerk.desk.who(reader))
        if member is None:
            return page.speech.say("The desk does not know you yet. Ask an admin to add you."), []
        is_admin = member.role.includes(Role.ADMIN)
        shown: list[Element] = []
        for account in page.accounts[:MOST]:
            shown += _row(account, page.speech, is_admin=is_admin)
        title = page.speech.say("Accounts")
        return title, [blocks.note("title", title), *shown]

    async def press(self, ack: AsyncAck, body: dict[str, object]) -> None:
        """NotSaved leaves it unacknowledged."""
        try:
            press = Press.model_validate(body)
        except ValidationError:
            await ack()
            return
        change = _CHANGES.get(press.pressed.action_id)
        if change is None:
            await ack()
            return
        command = change.command(press.pressed.value)
        outcome = await self._clerk.perform(press.user.identity, press.id, command)
        await ack()
        corner = Corner(press.user.id, press.container.channel_id)
        await self._clerk.whisper(corner, outcome.says)


def _row(account: AccountRow, speech: Speech, *, is_admin: bool) -> list[Element]:
    state = speech.say(STATE_WORDS[account.state.value])
    says = f"{account.name} · {account.network} · {state}"
    lines = [blocks.note(f"{ACCOUNT}.{account.slug}", f"{says}\n{account.trouble}".strip())]
    offered = changes_of(account) if is_admin else ()
    presses = [_button(account, one, speech) for one in offered]
    return [
        *lines,
        *([blocks.actions(f"{ACCOUNT}.{account.slug}.change", presses)] if presses else []),
    ]


def _button(account: AccountRow, change: Change, speech: Speech) -> Element:
    label = speech.say(change.label)
    return blocks.button(
        label,
        f"{ACCOUNT}.{change.name}",
        account.slug,
        style="primary" if change.is_going_live else "",
        confirm=speech.say(sure_of(account)) if change.is_going_live else "",
        hint=speech.say("{what}: {why}", what=label, why=account.name),
        speech=speech,
    )
