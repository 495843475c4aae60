"""`/accounts`: which accounts there are and how they stand; an admin lets one go live."""

from __future__ import annotations

from telegram import Message, User

from bot.cards.pages import AccountRow, DeskPage, DeskQuery
from bot.model.commands import Outcome
from bot.model.member import Role
from handlers.account_words import CHANGES, STATE_WORDS, Change, changes_of, sure_of
from handlers.shortening import cut
from handlers.telegram.buttons import Alone, Button, Rows, Verb, mark
from handlers.telegram.clerk import After, Clerk, identity_of
from handlers.telegram.markup import bold, lines, one_line, words
from handlers.telegram.press import NOT_OURS, Press
from handlers.telegram.voice import Spot, Voice

MOST = 20
_LABEL = 60
_CHANGES = dict(enumerate(CHANGES, 1))
_NUMBERS = {one: number for number, one in _CHANGES.items()}


class Accounts:
    def __init__(self, clerk: Clerk, voice: Voice) -> None:
        self._clerk = clerk
        self._voice = voice

    async def command(self, message: Message, user: User) -> None:
        html, rows = await self._drawn(user)
        await self._voice.say(Spot.of(message), html, rows)

    async def press(self, press: Press, pressed: Alone) -> After:
        """NotSaved leaves the press unconfirmed."""
        page = await self._page(press.user)
        found = [one.slug for one in page.accounts if mark(one.slug) == pressed.argument]
        change = _CHANGES.get(pressed.number)
        if not found or change is None:
            outcome = await self._clerk.said(press.user, NOT_OURS)
            return lambda: self._voice.toast(press.query, outcome)
        command = change.command(found[0])
        outcome = await self._clerk.perform(press.user, press.query.id, command)
        return lambda: self._tell(press, outcome)

    async def _tell(self, press: Press, outcome: Outcome) -> None:
        await self._voice.toast(press.query, outcome)
        if outcome.is_done:
            await self._voice.redraw(*press.place, *await self._drawn(press.user))

    async def _drawn(self, user: User) -> tuple[str, Rows]:
        page = await self._page(user)
        member = await self._clerk.member(user)
        is_admin = member is not None and member.role.includes(Role.ADMIN)
        accounts = page.accounts[:MOST]
        changed = [one for one in accounts if is_admin and changes_of(one)]
        sure = dict.fromkeys(sure_of(one) for one in changed)
        html = lines(
            (
                bold(page.speech.say("Accounts")),
                *(_line(one, page) for one in accounts),
                *(words(page.speech.say(one)) for one in sure if one),
            )
        )
        return html, tuple(
            tuple(_button(one, change, page) for change in changes_of(one)) for one in changed
        )

    async def _page(self, user: User) -> DeskPage:
        return await self._clerk.ask(self._clerk.desk.view(DeskQuery(), identity_of(user)))


def _line(account: AccountRow, page: DeskPage) -> str:
    state = page.speech.say(STATE_WORDS[account.state.value])
    about = f"{account.name} · {account.network} · {state}"
    return words(one_line(f"{about}: {account.trouble}" if account.trouble else about))


def _button(account: AccountRow, change: Change, page: DeskPage) -> Button:
    say, name = page.speech.say, one_line(account.name)
    label = cut(say("{what}: {why}", what=say(change.label), why=name), _LABEL)
    data = Alone(Verb.LIVE, mark(account.slug), _NUMBERS[change]).encode()
    return Button(label, data, style="success" if change.is_going_live else "")
