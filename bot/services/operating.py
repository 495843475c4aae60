"""Operating the desk: holds, live or watch-only, dead letters, pictures."""

from __future__ import annotations

from typing import Any

from bot.cards.hold_view import what_of
from bot.cards.retold import retold
from bot.model import commands as c
from bot.model.account import Account, AccountState
from bot.model.commands import HoldKind, Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import AccountId, DueId
from bot.model.media import MAX_BYTES
from bot.services import late_posts, pausing
from bot.services.deciding import Deciding, done, refused
from bot.services.inventory import dead_letters
from bot.services.scheduling import no_account
from bot.speech.speech import Speech
from bot.store.cards import CardRow

_PICTURES = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
"""What we can publish, and how its bytes begin."""


def pause(deciding: Deciding, command: c.Pause) -> Outcome:
    """Nothing of these kinds enters `sending` once this has committed."""
    account, objection = _named(deciding, command.account)
    if objection is not None:
        return objection
    if not command.is_sure:
        return pausing.ask(deciding, command, account)
    tx, member = deciding.tx, deciding.member
    what = what_of(command.kinds, "" if account is None else account.slug, deciding.speech)
    tx.accounts.hold(
        member.brand_id,
        command.kinds,
        None if account is None else account.id,
        reason=command.reason,
        member_id=member.id,
        at=deciding.now,
    )
    on_its_way = pausing.on_their_way(tx, member.brand_id, account)
    _record(deciding, "paused", account, command.kinds, command.reason)
    speech = deciding.speech
    held = speech.say("Paused: {what}.", what=what)
    rest = speech.say("Nothing was on its way.")
    if on_its_way:
        rest = speech.plural(
            "{count} was already on its way and is not stopped.",
            "{count} were already on their way and are not stopped.",
            on_its_way,
        )
    return done(f"{held} {rest}")


def unpause(deciding: Deciding, command: c.Unpause, asker: CardRow | None = None) -> Outcome:
    """`asker` is the card on which it was pressed; it asks about what is late."""
    account, objection = _named(deciding, command.account)
    if objection is not None:
        return objection
    if not command.is_sure:
        return pausing.ask(deciding, command, account)
    tx, brand_id, speech = deciding.tx, deciding.member.brand_id, deciding.speech
    account_id = None if account is None else account.id
    # touching the accounts waits for a sender that holds the lock of one
    tx.accounts.touch(brand_id, account_id)
    paused = late_posts.paused_accounts(tx, brand_id)
    if not tx.accounts.unhold(brand_id, command.kinds, account_id):
        return refused(_nothing_held(account, speech))
    late = late_posts.late_since(deciding, paused)
    tx.due.hurry_like("publish:", deciding.now)
    _record(deciding, "unpaused", account, command.kinds, "")
    what = what_of(command.kinds, "" if account is None else account.slug, speech)
    told = [speech.say("Unpaused: {what}.", what=what)]
    told += pausing.let_go(deciding, command.kinds, account)
    if not late:
        return done("\n".join(told))
    asker = asker or pausing.noted(deciding, command, account)
    told.append(late_posts.ask_about(deciding, asker, late))
    return done("\n".join(told), note=asker.token)


def go_live(deciding: Deciding, slug: str) -> Outcome:
    say = deciding.speech.say
    told = say("{account} is live: approved replies leave.", account=slug)
    return _put(deciding, slug, AccountState.LIVE, "went_live", told)


def watch_only(deciding: Deciding, slug: str) -> Outcome:
    say = deciding.speech.say
    told = say("{account} is watch-only: nothing leaves.", account=slug)
    return _put(deciding, slug, AccountState.WATCH_ONLY, "watch_only", told)


def shadow(deciding: Deciding, slug: str) -> Outcome:
    says = "{account} is in shadow: what is approved is recorded, and nothing leaves."
    told = deciding.speech.say(says, account=slug)
    return _put(deciding, slug, AccountState.SHADOW, "shadow", told)


def _put(deciding: Deciding, slug: str, state: AccountState, what: str, told: str) -> Outcome:
    account, objection = _named(deciding, slug)
    if account is None:
        return objection or refused("Name an account.")
    objection = _cannot_change(deciding, account)
    if objection is not None:
        return objection
    deciding.tx.accounts.set_state(account.id, state)
    # what their buttons say and do is another thing from now on
    deciding.tx.cards.look_anew_at(account.brand_id, account.id)
    _account_changed(deciding, account, what)
    return done(told)


def _cannot_change(deciding: Deciding, account: Account) -> Outcome | None:
    if account.state is AccountState.PAUSED:
        speech = deciding.speech
        why = retold(speech, account.trouble)
        says = speech.say("{account} is paused: {why}", account=account.slug, why=why)
        return refused(says)
    if account.state is AccountState.SUSPENDED:
        says = "{account} is not in the configuration any more."
        return refused(deciding.speech.say(says, account=account.slug))
    return None


def retry_work(deciding: Deciding, due_id: int) -> Outcome:
    if not _is_ours(deciding, due_id) or not deciding.tx.due.revive(DueId(due_id)):
        return refused("That work is not waiting for a decision any more.")
    _work_decided(deciding, due_id, "work_retried")
    return done("Trying it again now.")


def discard_work(deciding: Deciding, due_id: int) -> Outcome:
    if not _is_ours(deciding, due_id) or not deciding.tx.due.discard(DueId(due_id)):
        return refused("That work is not waiting for a decision any more.")
    _work_decided(deciding, due_id, "work_discarded")
    return done("Discarded.")


def _is_ours(deciding: Deciding, due_id: int) -> bool:
    """Work of another brand is not there for this one."""
    return any(one.id == due_id for one in dead_letters(deciding.tx, deciding.member.brand_id))


def add_picture(deciding: Deciding, command: c.AddPicture) -> Outcome:
    begins = _PICTURES.get(command.content_type)
    if begins is None or not command.data.startswith(begins):
        return refused("That is not a PNG, JPEG, GIF or WebP picture. Choose another file.")
    if len(command.data) > MAX_BYTES:
        return refused("That picture is larger than 8 MiB. Make it smaller and choose it again.")
    hash_ = deciding.tx.media.put(command.content_type, command.data, deciding.now)
    return done("Picture added.", note=hash_)


def _named(deciding: Deciding, slug: str | None) -> tuple[Account | None, Outcome | None]:
    if slug is None:
        return None, None
    account = deciding.tx.accounts.by_slug(deciding.member.brand_id, slug)
    if account is None:
        return None, refused(no_account(deciding, slug))
    return account, None


def _nothing_held(account: Account | None, speech: Speech) -> str:
    if account is None:
        return speech.say("Nothing is paused everywhere.")
    return speech.say("Nothing is paused on {account}.", account=account.slug)


def _record(
    deciding: Deciding, action: str, account: Account | None, kinds: tuple[HoldKind, ...], why: str
) -> None:
    subject = Subject.BRAND if account is None else Subject.ACCOUNT
    number = deciding.member.brand_id if account is None else account.id
    _write(deciding, EventKind.HOLD_CHANGED, action, subject, number, kinds=list(kinds), why=why)


def _account_changed(deciding: Deciding, account: Account, action: str) -> None:
    deciding.tx.due.hurry_like("publish:", deciding.now)
    _write(deciding, EventKind.ACCOUNT_CHANGED, action, Subject.ACCOUNT, account.id)


def _work_decided(deciding: Deciding, due_id: int, action: str) -> None:
    _write(deciding, EventKind.WORK_DECIDED, action, Subject.DUE, due_id)


def _write(
    deciding: Deciding,
    kind: EventKind,
    action: str,
    subject: Subject,
    subject_id: AccountId | int,
    **facts: Any,
) -> None:
    tx, member = deciding.tx, deciding.member
    tx.events.add(
        kind, member.brand_id, subject, subject_id, deciding.now, member_id=member.id, how=action
    )
    tx.audits.add(
        member.brand_id,
        action,
        subject,
        subject_id,
        deciding.now,
        member_id=member.id,
        chat=deciding.identity.chat,
        **facts,
    )
