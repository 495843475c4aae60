"""What a pause would hold, and what an unpause would let go: said before either is done.

Both ask once. Asked without being sure, they say what waits, when and what becomes of it, and
change nothing: a card asks, for whoever asked alone, and one press there does it (`hold_changes`).
Nothing is copied in between: what is held is read in the last commit before the network, so
whatever was approved meanwhile is held too.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.hold_view import what_of
from bot.cards.kinds import CardKind
from bot.model import commands as c
from bot.model.account import Account
from bot.model.commands import Outcome
from bot.model.hold import HoldKind, HoldVerb, Leaving, Shown
from bot.model.ids import BrandId
from bot.model.oncall import local
from bot.model.publication import PublicationState
from bot.model.text import excerpt
from bot.services.deciding import Deciding, done
from bot.speech.speech import Speech, marked
from bot.store.cards import CardRow
from bot.store.tx import Tx

MOST_NAMED = 10
"""Posts with their times; the rest is counted."""
AT_ITS_TIME = marked("leaves at its time")
IS_LATE = marked("its time has passed: asked about")


def would_hold(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None, what: str
) -> str:
    """`what` names the kinds and where, as people say it."""
    say = deciding.speech.say
    found = _leaving(deciding, kinds, account)
    lines = [say("Nothing is paused yet. It would hold {what}.", what=what)]
    lines += _counted(found, deciding.speech)
    lines += _named(deciding, [one for one in found if one.kind is HoldKind.POSTS], says_how=False)
    away = on_their_way(deciding.tx, deciding.member.brand_id, account)
    if away:
        lines.append(say("{count} on their way, not stopped", count=away))
    lines.append(say("Press Pause now, or say it again with the word now in front: pause now"))
    return "\n".join(lines)


def would_leave(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None, what: str
) -> str:
    say = deciding.speech.say
    found = _leaving(deciding, kinds, account)
    lines = [say("Nothing leaves yet. It would let go {what}.", what=what)]
    lines += _counted(found, deciding.speech)
    lines += _named(deciding, [one for one in found if one.kind is HoldKind.POSTS])
    lines.append(say("Press Unpause now, or say it again with the word now in front: unpause now"))
    return "\n".join(lines)


def ask(deciding: Deciding, command: c.Pause | c.Unpause, account: Account | None) -> Outcome:
    """A card that says it and asks; nothing is changed by it."""
    is_pause = isinstance(command, c.Pause)
    slug = "" if account is None else account.slug
    what = what_of(command.kinds, slug, deciding.speech)
    says = (would_hold if is_pause else would_leave)(deciding, command.kinds, account, what)
    return done(says, note=noted(deciding, command, account).token)


def noted(deciding: Deciding, command: c.Pause | c.Unpause, account: Account | None) -> CardRow:
    """Its card, of which nobody is told yet."""
    tx, member, now = deciding.tx, deciding.member, deciding.now
    is_pause = isinstance(command, c.Pause)
    number = tx.hold_changes.add(
        member.brand_id,
        HoldVerb.PAUSE if is_pause else HoldVerb.UNPAUSE,
        command.kinds,
        None if account is None else account.id,
        reason=command.reason if isinstance(command, c.Pause) else "",
        member_id=member.id,
        shown=shown(tx, member.brand_id, command.kinds, account),
        at=now,
    )
    tx.cards.add(member.brand_id, CardKind.HOLD, [number], now)
    return tx.cards.of(CardKind.HOLD, number)


def shown(tx: Tx, brand_id: BrandId, kinds: Sequence[HoldKind], account: Account | None) -> Shown:
    """What its asker is told of."""
    found = _waiting(tx, brand_id, kinds, account)
    posts = frozenset(one.publication_id for one in found if one.kind is HoldKind.POSTS)
    return Shown(posts, len(found) - len(posts))


def let_go(deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None) -> list[str]:
    """What becomes of what was held, now that it is held no more."""
    found = _leaving(deciding, kinds, account)
    posts = [one for one in found if one.kind is HoldKind.POSTS]
    return [*_counted(found, deciding.speech), *_named(deciding, posts)]


def leaving_lines(tx: Tx, brand_id: BrandId, speech: Speech) -> list[str]:
    """How much a pause of everything would hold now."""
    return _counted(tx.publications.leaving(brand_id), speech)


def on_their_way(tx: Tx, brand_id: BrandId, account: Account | None) -> int:
    """What has entered `sending`, which no pause stops."""
    watched = [account] if account else tx.accounts.of_brand(brand_id)
    return sum(tx.publications.states(one.id).get(PublicationState.SENDING, 0) for one in watched)


def _leaving(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None
) -> list[Leaving]:
    return _waiting(deciding.tx, deciding.member.brand_id, kinds, account)


def _waiting(
    tx: Tx, brand_id: BrandId, kinds: Sequence[HoldKind], account: Account | None
) -> list[Leaving]:
    return [
        one
        for one in tx.publications.leaving(brand_id)
        if one.kind in kinds and (account is None or one.account == account.slug)
    ]


def _counted(found: Sequence[Leaving], speech: Speech) -> list[str]:
    posts = sum(one.kind is HoldKind.POSTS for one in found)
    replies, plural, lines = len(found) - posts, speech.plural, []
    if posts:
        lines.append(plural("{count} planned post waits", "{count} planned posts wait", posts))
    if replies:
        lines.append(
            plural("{count} approved reply waits", "{count} approved replies wait", replies)
        )
    return lines or [speech.say("Nothing waits to leave.")]


def _named(deciding: Deciding, posts: Sequence[Leaving], *, says_how: bool = True) -> list[str]:
    member, speech = deciding.member, deciding.speech
    zone = member.tongue.zone or deciding.tx.accounts.brand(member.brand_id).zone
    lines = []
    for one in posts[:MOST_NAMED]:
        when = local(one.at, zone).strftime("%Y-%m-%d %H:%M")
        line = f"• {when} · {one.account}: “{excerpt(one.text, 60)}”"
        how = speech.say(AT_ITS_TIME if one.at > deciding.now else IS_LATE)
        lines.append(f"{line}: {how}" if says_how else line)
    more = len(posts) - MOST_NAMED
    return [*lines, speech.say("and {count} more", count=more)] if more > 0 else lines
