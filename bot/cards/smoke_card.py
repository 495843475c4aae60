"""The card of the live checklist: every part that a card has, and words that must stay words."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Bold,
    Card,
    CardDraft,
    CardKind,
    Group,
    Light,
    Link,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import CardToken, Moment

ASKS = "Change…"
"""The button that opens a modal, or asks for an answer."""
HOSTILE = (
    "<!channel> <!here> @channel @everyone <@U00000000> <#C00000000> *bold* _it_ ~no~ `code` "
    "<b>tag</b> &amp; [link](https://example.invalid)"
)
"""Nothing of this may notify anybody or look like anything but itself."""


def smoke_card(token: CardToken, revision: int, at: Moment) -> Card:
    """Of no item: what is pressed on it decides nothing."""
    return Card(
        kind=CardKind.ITEM,
        key=token,
        revision=revision,
        number=0,
        source=(Bold("replydesk smoke"), Text(" · a test, to be deleted at once · "), When(at)),
        context=(Text("under "), Untrusted("“A post that does not exist”")),
        quote=(Untrusted(HOSTILE),),
        facts=((Bold("Test"), Text(f", look {revision}")),),
        draft=CardDraft(
            "Draft reply", "This text is published nowhere.", "smoke", revision, 31, 500, "letters"
        ),
        actions=(
            Action(ActionName.CHANGE, ASKS, Style.PRIMARY, ask=Ask.LINE, hint="Say anything."),
            Action(ActionName.NO_REPLY, "No reply needed"),
            Action(ActionName.TONE, "Friendly", group=Group.TONE, argument="friendly"),
            Action(ActionName.SNOOZE, "1 hour", group=Group.SNOOZE, argument="1h"),
        ),
        state=StateLine(Light.WAITING, (Text("A test. Nothing that is pressed here is decided."),)),
        links=(Link("replydesk", "https://example.com/"),),
        fallback="replydesk smoke: a test, to be deleted at once",
    )
