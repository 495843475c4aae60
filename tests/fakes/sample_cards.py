"""Cards of every shape that a front end has to draw, as the views make them."""

from dataclasses import replace

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
    MemberName,
    Picture,
    Spans,
    StateLine,
    Style,
    Text,
    Untrusted,
    When,
)
from bot.model.ids import HOUR, MINUTE, SECOND, CardToken, Moment
from tests.fakes.clock import START

NOW = START
OLGA = MemberName("olga", "Olga")
BOB = MemberName("bob", "Bob")
PERMALINK = "https://social.example/@acme/9001"
PICTURE_HASH = "ab" * 32

APPROVE = Action(
    ActionName.APPROVE,
    "Approve & publish",
    Style.PRIMARY,
    hint="Publish this reply on Sandbox as it stands.",
)
EDIT = Action(ActionName.EDIT, "Edit", ask=Ask.DRAFT, hint="Change the words, then save or publish")
CHANGE = Action(ActionName.CHANGE, "Change…", ask=Ask.LINE, hint="What should be different?")
AGAIN = Action(ActionName.AGAIN, "Another draft")
NO_REPLY = Action(ActionName.NO_REPLY, "No reply needed")
MENUS = (
    Action(ActionName.TONE, "Friendly", group=Group.TONE, argument="friendly"),
    Action(ActionName.TONE, "Formal", group=Group.TONE, argument="formal"),
    Action(ActionName.TONE, "Shorter", group=Group.TONE, argument="short"),
    Action(ActionName.SNOOZE, "1 hour", group=Group.SNOOZE, argument="1h"),
    Action(ActionName.SNOOZE, "Tomorrow", group=Group.SNOOZE, argument="1d"),
    Action(ActionName.MODERATE, "Like", group=Group.MODERATE, argument="like"),
    Action(
        ActionName.MODERATE,
        "Hide on Sandbox",
        Style.DANGER,
        Group.MODERATE,
        "hide",
        confirm="Hide this comment? Its author can still see it.",
    ),
    Action(ActionName.TAKE, "Take it", group=Group.TEAM),
    Action(ActionName.GIVE, "Give to…", group=Group.TEAM, ask=Ask.MEMBER),
)
DRAFT = CardDraft(
    "Draft reply",
    "Hi Ann, we are sorry about the wait. Please send us your order number in a private message "
    "and we will find your parcel today.",
    "template, English, complaint",
    version=1,
    used=125,
    limit=300,
    unit="graphemes",
)


def source(name: str, network: str = "Sandbox", ago: int = 4 * MINUTE) -> Spans:
    return (
        Untrusted(name),
        Text(f" · comment on {network} · "),
        When(Moment(NOW - ago)),
    )


def waiting() -> Card:
    return Card(
        kind=CardKind.ITEM,
        key=CardToken("k7Qf2mZx9LpA"),
        revision=3,
        number=1042,
        source=source("Ann Kowalski"),
        context=(Text("under "), Untrusted("“Autumn sale: everything must go, until Sunday”")),
        quote=(
            Untrusted("Third week without my parcel and support is silent. What is going on?!"),
        ),
        facts=(
            (Bold("Complaint"), Text(", delivery")),
            (Text("Third this month"),),
            (Text("Reply due "), When(Moment(NOW + 26 * MINUTE))),
        ),
        draft=DRAFT,
        actions=(APPROVE, EDIT, CHANGE, AGAIN, NO_REPLY, *MENUS),
        state=StateLine(Light.WAITING, (Text("Waits for an answer. Nobody has taken it."),)),
        links=(Link("See it on Sandbox", "https://social.example/p/1"),),
        fallback="Complaint from Ann Kowalski on Sandbox: Third week without my parcel",
    )


def publishing() -> Card:
    return replace(
        waiting(),
        key=CardToken("publishing01"),
        number=1041,
        source=source("Jonas B.", ago=9 * MINUTE),
        quote=(Untrusted("Do you deliver to Norway?"),),
        facts=((Bold("Question"), Text(", delivery")),),
        actions=(Action(ActionName.STOP, "Stop", Style.DANGER, hint="Do not let it leave."),),
        state=StateLine(
            Light.WORKING,
            (Text("Leaves "), When(Moment(NOW + 8 * SECOND)), Text(", approved by "), BOB),
        ),
        draft=replace(DRAFT, text="Hi Jonas, yes, to all of Norway in 4 days.", used=42, version=2),
    )


def published() -> Card:
    return replace(
        waiting(),
        key=CardToken("published001"),
        number=1040,
        source=source("Marta", ago=31 * MINUTE),
        quote=(Untrusted("Love the new colours! 💚"),),
        facts=((Bold("Praise"),),),
        draft=None,
        actions=(Action(ActionName.MODERATE, "Delete our reply", Style.DANGER, argument="hide"),),
        state=StateLine(
            Light.DONE,
            (Text("Published by "), BOB, Text(" at "), When(Moment(NOW - 12 * MINUTE))),
        ),
        links=(Link("Our reply", PERMALINK),),
    )


def unknown() -> Card:
    return replace(
        waiting(),
        key=CardToken("unknownstate"),
        number=1039,
        source=source("R. Singh", ago=40 * MINUTE),
        quote=(Untrusted("The app logs me out every day."),),
        actions=(Action(ActionName.LOOK, "Look again now"),),
        state=StateLine(
            Light.WORKING, (Text("Not sure it went out. We are looking on the network."),)
        ),
    )


def needs_human() -> Card:
    return replace(
        unknown(),
        key=CardToken("needshuman01"),
        number=1038,
        actions=(
            Action(ActionName.CONFIRM, "It is there", Style.PRIMARY, ask=Ask.LINK),
            Action(
                ActionName.RETRY,
                "It is not there, send it",
                confirm="Send it again? If it is there after all, there will be two.",
            ),
            Action(ActionName.ABANDON, "Give it up", Style.DANGER, confirm="Give this reply up?"),
        ),
        state=StateLine(
            Light.TROUBLE,
            (Text("Look on the network, please: the desk cannot see whether it went out."),),
        ),
    )


def failed() -> Card:
    return replace(
        waiting(),
        key=CardToken("failedretry1"),
        number=1037,
        source=source("Ilse", ago=2 * HOUR),
        quote=(Untrusted("Wo bleibt meine Rechnung?"),),
        actions=(Action(ActionName.RETRY, "Try again", Style.PRIMARY), EDIT),
        state=StateLine(
            Light.TROUBLE, (Text("Not published: "), Untrusted("the thread is locked"))
        ),
    )


def edited_after_draft() -> Card:
    return replace(
        waiting(),
        key=CardToken("editedafter1"),
        number=1036,
        source=source("Петро", ago=3 * HOUR),
        quote=(Untrusted("Посылка пришла, но не та. Верните деньги!"),),
        facts=((Bold("Complaint"), Text(", wrong item")), (Text("Changed since it came"),)),
        draft=None,
        actions=(Action(ActionName.AGAIN, "Write a draft", Style.PRIMARY), NO_REPLY, *MENUS),
        state=StateLine(
            Light.WAITING, (Text("The author changed it. The draft was for the old words."),)
        ),
    )


def native_reply() -> Card:
    return replace(
        published(),
        key=CardToken("nativereply1"),
        number=1035,
        source=source("Sam", ago=5 * HOUR),
        quote=(Untrusted("Is the shop open on Sunday?"),),
        actions=(Action(ActionName.REOPEN, "Open again"),),
        state=StateLine(Light.DONE, (Text("Answered on the network itself."),)),
        links=(),
    )


def post_approval() -> Card:
    return Card(
        kind=CardKind.POST,
        key=CardToken("postapproval"),
        revision=1,
        number=77,
        source=(
            Bold("Planned post"),
            Text(" by "),
            OLGA,
            Text(" for Sandbox, Acme Books · "),
            When(Moment(NOW + 22 * HOUR)),
        ),
        quote=(Untrusted("Our autumn sale ends on Sunday.\nLast chance for the green coat!"),),
        media=Picture(1, "A green coat on a chair", f"/media/{PICTURE_HASH}"),
        facts=((Text("62 of 300 graphemes"),), (Text("1 picture, described"),)),
        actions=(
            replace(APPROVE, label="Approve"),
            Action(ActionName.REQUEST, "Request changes…", ask=Ask.LINE, hint="What to change?"),
            Action(ActionName.EDIT_POST, "Edit", ask=Ask.POST, hint="Open it in the composer."),
            Action(
                ActionName.CANCEL_POST, "Cancel", Style.DANGER, confirm="Cancel this planned post?"
            ),
        ),
        state=StateLine(Light.WAITING, (Text("Waits for a manager. Its author cannot approve."),)),
        fallback="Planned post by Olga waits for approval",
    )


def account_trouble() -> Card:
    return Card(
        kind=CardKind.ACCOUNT,
        key=CardToken("accounttroub"),
        revision=1,
        number=5,
        source=(Bold("@acme on Bluesky"),),
        quote=(Text("The network refuses our token. Nothing is read or published there."),),
        state=StateLine(
            Light.TROUBLE, (Text("Put a new app password in place; it is tried every minute."),)
        ),
        fallback="@acme on Bluesky refuses our token",
    )


def every_shape() -> tuple[Card, ...]:
    return (
        waiting(),
        post_approval(),
        publishing(),
        needs_human(),
        unknown(),
        failed(),
        edited_after_draft(),
        published(),
        native_reply(),
        account_trouble(),
    )
