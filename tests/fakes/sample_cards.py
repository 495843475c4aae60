"""Cards of every shape that a front end has to draw, as the views make them."""

from dataclasses import replace
from typing import Any

from bot.cards.actions import ActionName
from bot.cards.card import (
    Action,
    Ask,
    Beside,
    Bold,
    Card,
    CardDraft,
    CardKind,
    Earlier,
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
from bot.cards.facts import GoalFacts, IncidentFacts, PeakFacts, QuietFacts
from bot.cards.goal_view import goal_card
from bot.cards.greeting_view import greeting_card
from bot.cards.incident_view import incident_card
from bot.cards.peak_view import peak_card
from bot.cards.quiet_view import quiet_card
from bot.cards.spread import spread_line
from bot.detection.outlook import Outlook
from bot.model.engagement import Engagement, Reactions
from bot.model.goals import Awaited
from bot.model.ids import (
    HOUR,
    MINUTE,
    SECOND,
    AccountId,
    BrandId,
    CardToken,
    ChannelId,
    IncidentId,
    ItemId,
    MemberId,
    Moment,
    PeakId,
    RemoteId,
)
from bot.model.incident import AlertKind, Incident, IncidentState, Severity
from bot.model.member import ChatIdentity, Member, Role
from bot.model.peak import Cluster, Peak, Rolling, RollKind, Sample
from bot.speech.speech import ENGLISH
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


def recorded() -> Card:
    return replace(
        native_reply(),
        key=CardToken("recordedcard"),
        number=1036,
        draft=CardDraft(
            "Would have been published",
            "Yes, from ten to six. *See you!*",
            "",
            0,
            32,
            500,
            "characters",
        ),
        beside=Beside("Answered on Sandbox itself", "Yes: 10 to 18 <b>h</b> <!here>"),
        links=(Link("The reply on Sandbox", PERMALINK),),
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


def peak() -> Card:
    """A flood under two posts, in two clusters."""
    late = tuple(
        Sample(ItemId(number), name, text, PERMALINK)
        for number, name, text in (
            (1101, "Ann <b>K</b>", "Third week without my parcel <!channel> *why*?"),
            (1102, "Jo", "Where is order 5521?"),
        )
    )
    return peak_card(
        PeakFacts(
            token=CardToken("Pk2mZx9LpA7f"),
            revision=7,
            peak=Peak(
                PeakId(3),
                BrandId(1),
                ChannelId(1),
                Rolling(RollKind.PEAK),
                Moment(NOW - 12 * MINUTE),
            ),
            clusters=(
                Cluster("0a1b2c3d", "Complaint, delivery", 412, 398, late),
                Cluster("4e5f6a7b", "Question", 57, 57, ()),
            ),
            threads=(("Autumn sale", 440, Moment(NOW - 14 * MINUTE)), ("", 29, NOW)),
            last_minute=88,
        )
    )


def greeting() -> Card:
    """With which somebody sees whether cards arrive; it stands on no desk."""
    alice = Member(MemberId(3), BrandId(1), "alice", "Alice", Role.ADMIN)
    return greeting_card(CardToken("testcard0001"), alice, ENGLISH)


_SAFETY = Incident(
    id=IncidentId(12),
    brand_id=BrandId(1),
    cause="safety",
    kind=AlertKind.SAFETY,
    severity=Severity.CRITICAL,
    state=IncidentState.FIRING,
    opened_at=Moment(NOW - 11 * MINUTE),
    fired_at=Moment(NOW - 11 * MINUTE),
    count=3,
    account_id=AccountId(1),
    item_id=ItemId(1101),
    reach=210_000,
    policy="default",
    step=1,
    turn=1,
    next_at=Moment(NOW + 4 * MINUTE),
)
_BOB = Member(MemberId(3), BrandId(1), "bob", "Bob", Role.APPROVER)


def _incident_facts(token: str, incident: Incident, **fields: Any) -> IncidentFacts:
    return IncidentFacts(
        token=CardToken(token),
        revision=4,
        incident=incident,
        account="@acme",
        samples=(
            Sample(ItemId(1101), "Ann <b>K</b>", "My son fell ill <!channel> *twice*", PERMALINK),
            Sample(ItemId(1102), "Jo", "We are in hospital because of this tea.", ""),
        ),
        networks=(("Instagram", 2), ("VK", 1)),
        on_call=("Bob",),
        now=NOW,
        **fields,
    )


def incident() -> Card:
    """One that fires: a page arrived, another one did not, and the next step has its time."""
    fires = {"next_names": ("Alice",), "delivered": (("Bob", "slack-dm"),)}
    missed = (("Olga", "Slack did not answer."),)
    return incident_card(_incident_facts("IncidentFir1", _SAFETY, undelivered=missed, **fires))


def incident_over() -> Card:
    """One that is over, and was not judged yet."""
    over = replace(
        _SAFETY,
        kind=AlertKind.COMPLAINTS,
        severity=Severity.HIGH,
        state=IncidentState.RESOLVED,
        expected=3.0,
        minutes=15,
        count=48,
        resolved_at=NOW,
    )
    facts = _incident_facts(
        "IncidentOver", over, next_names=None, delivered=(), undelivered=(), lead=_BOB,
        resolved_by=_BOB, curve=(*[1, 0, 2] * 10, 3, 9, 17, 22, 12, 4),
        clusters=(
            Cluster("a", "Complaint, delivery", 40, 40, (
                Sample(ItemId(1101), "Ann <b>K</b>", "Third week without my parcel *_*", PERMALINK),
                Sample(ItemId(1102), "Jo", "Where is it?", ""),
            )),
            Cluster("b", "Refund", 8, 8, (Sample(ItemId(1103), "Max", "My money back!", ""),)),
        ),
    )  # fmt: skip
    return incident_card(facts)


def writes_again() -> Card:
    """An answer to our answer, whoever gave it is called."""
    called = MemberName("olga", "Olga", (ChatIdentity("slack", "U012OLGA"),))
    return replace(
        waiting(),
        key=CardToken("writesagain1"),
        number=1047,
        context=(Text("Under our post: "), Link("Autumn sale", "https://social.example/p/1")),
        earlier=(
            Earlier("They wrote before", "Where is my parcel <!channel> *why*?"),
            Earlier("We answered", "It left today."),
        ),
        quote=(Untrusted("It is still not here."),),
        facts=((Bold("Writes again"),), (Text("With "), called)),
    )


def spreading() -> Card:
    """Its post is young, and goes far."""
    post = Reactions(Moment(NOW - 30 * MINUTE), likes=90, shares=24, replies=6, views=8_400)
    expected = Outlook(already=120, likely=410, low=210, high=890, doubles=0.71, pace=0.95)
    seen = Engagement(AccountId(1), RemoteId("9001"), post, NOW, None, expected=expected)
    card = waiting()
    line = spread_line(ENGLISH, seen, NOW)
    return replace(card, key=CardToken("s000000000sp"), facts=(*card.facts, line))


def late() -> Card:
    """Replies that are late, and whom that is for."""
    marc = Member(MemberId(5), BrandId(1), "marc", "Marc", Role.MANAGER)
    return goal_card(
        GoalFacts(
            token=CardToken("LateReplies1"),
            revision=2,
            peak=Peak(PeakId(4), BrandId(1), ChannelId(1), Rolling(RollKind.LATE), NOW),
            awaited=tuple(
                Awaited(ItemId(number), name, words, link, Moment(NOW - ago * MINUTE))
                for number, name, words, link, ago in (
                    (1050, "Ann <b>K</b>", "Third week <!channel> *why*?", PERMALINK, 9),
                    (1051, "Jo", "Where is order 5521?", "", 2),
                )
            ),
            total=7,
            waiting=2,
            called=((marc, (ChatIdentity("slack", "U012MARC"), ChatIdentity("telegram", "7"))),),
        )
    )


def quiet() -> Card:
    """What needs no reply, and a page of it."""
    return quiet_card(
        QuietFacts(
            token=CardToken("QuietOnes123"),
            revision=3,
            peak=Peak(PeakId(6), BrandId(1), ChannelId(1), Rolling(RollKind.QUIET, 1), NOW),
            account_name="@acme",
            network="Sandbox",
            waiting=8,
            reasons=(("Only emoji or signs", 6), ("Only tags other people", 2)),
            shown=(
                Sample(ItemId(1061), "Ann <b>K</b>", "❤️❤️❤️ <!channel>", PERMALINK),
                Sample(ItemId(1060), "Jo", "@ben *look*", ""),
            ),
            page=1,
            pages=4,
            can_like=True,
        )
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
        recorded(),
        account_trouble(),
        peak(),
        incident(),
        incident_over(),
        writes_again(),
        late(),
        spreading(),
        quiet(),
    )
