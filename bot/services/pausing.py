"""What a pause would hold, and what an unpause would let go: said before either is done.

Both ask once. Asked without being sure, they say what waits, when and what becomes of it, and
change nothing; the same once more, surely, does it. Nothing is copied in between: what is held is
read in the last commit before the network, so whatever was approved meanwhile is held too.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model.account import Account
from bot.model.hold import HoldKind, Leaving
from bot.model.ids import BrandId
from bot.model.oncall import local
from bot.model.publication import PublicationState
from bot.model.text import excerpt
from bot.services.deciding import Deciding
from bot.speech.speech import Speech, marked
from bot.store.tx import Tx

MOST_NAMED = 10
"""Posts with their times; the rest is counted."""
AT_ITS_TIME = marked("leaves at its time")
NOW = marked("leaves now, late")


def would_hold(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None, what: str
) -> str:
    """`what` names the kinds and where, as people say it."""
    say = deciding.speech.say
    found = _leaving(deciding, kinds, account)
    lines = [say("Nothing is paused yet. It would hold {what}.", what=what)]
    lines += _counted(found, deciding.speech)
    lines += _named(deciding, [one for one in found if one.kind is HoldKind.POSTS], says_how=False)
    away = on_their_way(deciding, account)
    if away:
        lines.append(say("{count} on their way, not stopped", count=away))
    lines.append(say("To pause, say it again with the word now in front: pause now"))
    return "\n".join(lines)


def would_leave(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None, what: str
) -> str:
    say = deciding.speech.say
    found = _leaving(deciding, kinds, account)
    lines = [say("Nothing leaves yet. It would let go {what}.", what=what)]
    lines += _counted(found, deciding.speech)
    lines += _named(deciding, [one for one in found if one.kind is HoldKind.POSTS])
    lines.append(say("To unpause, say it again with the word now in front: unpause now"))
    return "\n".join(lines)


def let_go(deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None) -> list[str]:
    """What becomes of what was held, now that it is held no more."""
    found = _leaving(deciding, kinds, account)
    posts = [one for one in found if one.kind is HoldKind.POSTS]
    return [*_counted(found, deciding.speech), *_named(deciding, posts)]


def leaving_lines(tx: Tx, brand_id: BrandId, speech: Speech) -> list[str]:
    """How much a pause of everything would hold now."""
    return _counted(tx.publications.leaving(brand_id), speech)


def on_their_way(deciding: Deciding, account: Account | None) -> int:
    """What has entered `sending`, which no pause stops."""
    tx = deciding.tx
    watched = [account] if account else tx.accounts.of_brand(deciding.member.brand_id)
    return sum(tx.publications.states(one.id).get(PublicationState.SENDING, 0) for one in watched)


def _leaving(
    deciding: Deciding, kinds: Sequence[HoldKind], account: Account | None
) -> list[Leaving]:
    return [
        one
        for one in deciding.tx.publications.leaving(deciding.member.brand_id)
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
        how = speech.say(AT_ITS_TIME if one.at > deciding.now else NOW)
        lines.append(f"{line}: {how}" if says_how else line)
    more = len(posts) - MOST_NAMED
    return [*lines, speech.say("and {count} more", count=more)] if more > 0 else lines
