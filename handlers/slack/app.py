"""Bolt's app with our listeners: it knows signatures and envelopes, we know what is meant.

Every listener runs counted, so that a stop waits for what is under way, and a press that the desk
did not commit stays unacknowledged.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck

from bot.ports import ChatPresence, Clock, Desk
from handlers.slack.accounts import Accounts
from handlers.slack.acts import Acts
from handlers.slack.attachments import Attachments
from handlers.slack.clerk import Clerk, NotSaved
from handlers.slack.homes import Homes
from handlers.slack.landing import Landings
from handlers.slack.line import SlackLine
from handlers.slack.names import NEW_POST, REPLY, Area, Modal
from handlers.slack.oncalling import OnCalling
from handlers.slack.redrawing import Redrawing
from handlers.slack.sent_pictures import SentPictures
from handlers.slack.shortcuts import Shortcuts
from handlers.slack.slash import Slash
from handlers.slack.submissions import Submissions
from handlers.slack.talk import Talk
from handlers.slack.teaming import Teaming
from handlers.slack.views import Views
from handlers.slack.weeks import Weeks
from handlers.slack.workspace import Workspace

Handle = Callable[[AsyncAck, dict[str, object]], Awaitable[None]]


class InFlight:
    """What is under way: listeners, and envelopes that are not answered yet."""

    def __init__(self) -> None:
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def one(self) -> Iterator[None]:
        self._running += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._idle.set()

    def counted(self, handle: Handle) -> Callable[..., Awaitable[None]]:
        """As Bolt wants it: the names of the arguments say what is passed."""

        async def listener(ack: AsyncAck, body: dict[str, object]) -> None:
            # what was not saved is not acknowledged: Slack says that it did not work
            with self.one(), suppress(NotSaved):
                await handle(ack, body)

        return listener

    async def settle(self, seconds: float) -> None:
        """Return when nothing is under way, or after that many seconds."""
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return


def build_app(
    line: SlackLine,
    workspace: Workspace,
    desk: Desk,
    clock: Clock,
    presence: ChatPresence,
    in_flight: InFlight,
) -> AsyncApp:
    clerk = Clerk(desk, line)
    views = Views(clerk, Redrawing(clock))
    homes = Homes(clerk, views)
    attachments = Attachments(clerk, line)
    submissions = Submissions(clerk, views, clock, attachments)
    pictures = SentPictures(clerk, line, attachments)
    shortcuts = Shortcuts(clerk, homes, pictures)
    accounts = Accounts(clerk)
    weeks = Weeks(clerk, views)
    landings = Landings(clerk, line, workspace, presence)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:
        # a function, since Bolt takes the `self` of a method for an argument to fill
        return await workspace.authorize(enterprise_id, team_id)

    app: Any = AsyncApp(
        name="replydesk",
        logger=logging.getLogger("slack_bolt"),
        signing_secret=line.options.signing_secret,
        client=line.client_with(None),
        authorize=authorize,
    )
    on = in_flight.counted
    presses: Mapping[Area, Handle] = {
        Area.ACT: Acts(clerk, views, clock).press,
        Area.HOME: homes.press,
        Area.ACCOUNT: accounts.press,
        Area.LAND: landings.press,
        Area.PICTURES: pictures.press,
        Area.WEEK: weeks.press,
    }
    for area, press in presses.items():
        app.action(re.compile(rf"^{area}\."))(on(press))
    sent: Mapping[Modal, Handle] = {
        Modal.EDIT: submissions.entry,
        Modal.ENTRY: submissions.entry,
        Modal.POST: submissions.post,
        Modal.PICTURES: pictures.submit,
    }
    for modal, submit in sent.items():
        app.view_submission(modal.value)(on(submit))
    for modal in (Modal.EDIT, Modal.POST):
        app.view_closed(modal.value)(on(submissions.closed))
    app.shortcut(NEW_POST)(on(shortcuts.new_post))
    app.shortcut(REPLY)(on(shortcuts.reply))
    teaming = Teaming(clerk, workspace)
    oncalling = OnCalling(clerk, teaming, clock)
    slash = Slash(clerk, accounts, landings, teaming, oncalling, weeks, line.options.command)
    app.command(line.options.command)(on(slash.run))
    app.event("message")(on(Talk(clerk, pictures).heard))
    app.event("app_home_opened")(on(homes.opened))
    app.event("member_joined_channel")(on(landings.joined))
    app.event("member_left_channel")(on(landings.somebody_left))
    app.event("channel_left")(on(landings.left))
    app.event("group_left")(on(landings.left))
    return app  # type: ignore[no-any-return]
