"""Connecting accounts while the desk runs: what an admin may decide about it, as operations.

An account that was connected is a row beside those that the configuration names, its secrets are
sealed, and it only watches until somebody lets it go live. The configuration is the truth about
whom it names: their tokens are changed there alone (docs/adr/0026).
"""

from __future__ import annotations

from typing import Any

from bot.model import commands as c
from bot.model.account import Account, AccountState
from bot.model.commands import Outcome
from bot.model.event import EventKind, Subject
from bot.model.ids import SECOND, BrandId, Moment
from bot.model.oncall import moment_of
from bot.services.deciding import Deciding, done, refused
from bot.services.measure_due import measure_due, measure_key
from bot.services.past import is_new, recall_due, recall_key
from bot.services.settling_in import work_of
from bot.speech.speech import marked
from bot.store.tx import Tx

IN_FILE = marked(
    "The configuration names {account} and says where its token is kept. Change it there; the desk "
    "looks there again by itself."
)
_TAKEN = marked("Meanwhile somebody connected another account as {account}. Connect it again.")
_ALREADY = marked("{handle} is connected here already, as {account}.")
_SOMEBODY_ELSE = marked(
    "This token is for {handle}, and {account} is {name}. Connect it as a new account instead."
)
LONGEST_SLUG = 60


def may_try(deciding: Deciding, command: c.TryAccount) -> Outcome:
    """Whether somebody may ask a network with a token at all; `note` is the account's slug."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    if command.account:
        account = tx.accounts.by_slug(brand_id, command.account)
        objection = _no_new_token(deciding, command.account, account)
        if objection is not None:
            return objection
        slug = command.account
    else:
        slug = _free_slug(tx, brand_id, f"{tx.accounts.brand(brand_id).slug}-{command.network}")
    _audit(deciding, "account_tried", Subject.BRAND, brand_id, network=command.network, slug=slug)
    return done("", note=slug)


def join(deciding: Deciding, command: c.JoinAccount) -> Outcome:
    """In effect at once; the first look at the network is due with it."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    tx.accounts.take_turns()
    before = tx.accounts.by_slug(brand_id, command.slug)
    objection = _not_this_one(deciding, command, before)
    if objection is not None:
        return objection
    told = command.introduced
    identity, capabilities = told.identity, told.capabilities
    account = tx.joined.save(
        brand_id,
        command.slug,
        capabilities.network,
        told.settings,
        dict(command.sealed),
        deciding.now,
        dict(command.hook),
    )
    name = identity.handle or identity.display_name
    tx.accounts.identify(account.id, identity.remote_id, name)
    tx.accounts.resume(account.id)
    # a moment later, so that every process has the line by then
    soon = Moment(deciding.now + SECOND)
    tx.due.add(list(work_of(account.id, capabilities.legs, soon, streams=told.streams)))
    if told.measures:
        tx.due.add([measure_due(account.id, soon)])
    if told.recalls and is_new(tx, account.id, capabilities.legs):
        tx.due.add([recall_due(account.id, soon)])
    for kind in ("poll", "stream", "verify"):
        tx.due.hurry_like(f"{kind}:{account.id}", soon)
    tx.due.hurry_like("publish:", soon)
    _tell(deciding, account, "account_joined" if before is None else "account_renewed",
          network=capabilities.network, remote_id=identity.remote_id)  # fmt: skip
    says = deciding.speech.say(
        "{name} is connected as {account}. It only watches until an admin presses Go live.",
        name=name or command.slug,
        account=command.slug,
    )
    if before is not None:
        says = deciding.speech.say("{account} has its new token.", account=command.slug)
    return done(says, note=command.slug)


def set_token_end(deciding: Deciding, command: c.SetTokenEnd) -> Outcome:
    """It is told a week before, as a silence (`bot.services.silences`)."""
    tx, slug = deciding.tx, command.account
    account = tx.accounts.by_slug(deciding.member.brand_id, slug)
    objection = _no_new_token(deciding, slug, account)
    if objection is not None or account is None:
        return objection or refused("Name an account.")
    day = command.day
    at = None if day is None else moment_of(day, 0, "UTC")
    tx.accounts.set_token_end(account.id, at)
    _tell(deciding, account, "token_end_said", day="" if day is None else day.isoformat())
    say = deciding.speech.say
    if day is None:
        return done(say("Nobody is told of an end of the token of {account}.", account=slug))
    says = "The token of {account} ends on {day}. A week before you hear of it."
    return done(say(says, account=slug, day=day.isoformat()))


def disconnect(deciding: Deciding, slug: str) -> Outcome:
    """Its token is deleted here; what it brought stays, and what waits to leave stays held."""
    tx = deciding.tx
    tx.accounts.take_turns()
    account = tx.accounts.by_slug(deciding.member.brand_id, slug)
    objection = _no_new_token(deciding, slug, account)
    if objection is not None or account is None:
        return objection or refused("Name an account.")
    if account.state is AccountState.SUSPENDED:
        return refused(deciding.speech.say("{account} is disconnected already.", account=slug))
    line = deciding.lines.of(account.id)
    legs = {} if line is None else line.capabilities.legs
    for row in work_of(account.id, legs, deciding.now, streams=True):
        tx.due.drop(row.key)
    tx.due.drop(measure_key(account.id))
    tx.due.drop(recall_key(account.id))
    tx.joined.disconnect(account)
    _tell(deciding, account, "account_disconnected")
    return done(
        deciding.speech.say(
            "{account} is disconnected and its token deleted here. Take the token back on the "
            "network too.",
            account=slug,
        )
    )


def key_made(deciding: Deciding) -> Outcome:
    """The file exists by now; a person made it, so it is written down."""
    brand_id = deciding.member.brand_id
    _audit(deciding, "key_made", Subject.BRAND, brand_id)
    return done(
        "The key is made. Keep a copy of it where the backups are not: without it stored tokens "
        "cannot be opened."
    )


def _no_new_token(deciding: Deciding, slug: str, account: Account | None) -> Outcome | None:
    if account is None:
        says = deciding.speech.say("There is no account {slug} here.", slug=slug)
        return refused(says)
    if account.from_file:
        return refused(deciding.speech.say(IN_FILE, account=slug))
    return None


def _not_this_one(
    deciding: Deciding, command: c.JoinAccount, before: Account | None
) -> Outcome | None:
    """Why this token cannot be that account's."""
    tx, say, told = deciding.tx, deciding.speech.say, command.introduced
    identity, network = told.identity, told.capabilities.network
    handle = identity.handle or identity.display_name
    if before is not None and before.from_file:
        return refused(say(_TAKEN, account=command.slug))
    if before is not None and (before.network, before.remote_id) != (network, identity.remote_id):
        name = before.name or before.slug
        return refused(say(_SOMEBODY_ELSE, handle=handle, account=command.slug, name=name))
    for one in tx.accounts.all():
        is_same = (one.network, one.remote_id, one.name) == (network, identity.remote_id, handle)
        is_another = before is None or one.id != before.id
        if is_same and is_another and one.state is not AccountState.SUSPENDED:
            return refused(say(_ALREADY, handle=handle, account=one.slug))
    return None


def _free_slug(tx: Tx, brand_id: BrandId, wanted: str) -> str:
    slug = wanted = wanted[: LONGEST_SLUG - 5]
    number = 1
    while tx.accounts.by_slug(brand_id, slug):
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def _tell(deciding: Deciding, account: Account, action: str, **facts: Any) -> None:
    deciding.tx.events.add(
        EventKind.ACCOUNT_CHANGED,
        deciding.member.brand_id,
        Subject.ACCOUNT,
        account.id,
        deciding.now,
        member_id=deciding.member.id,
        how=action,
    )
    _audit(deciding, action, Subject.ACCOUNT, account.id, **facts)


def _audit(deciding: Deciding, action: str, subject: Subject, number: int, **facts: Any) -> None:
    deciding.tx.audits.add(
        deciding.member.brand_id,
        action,
        subject,
        number,
        deciding.now,
        member_id=deciding.member.id,
        chat=deciding.identity.chat,
        **facts,
    )
