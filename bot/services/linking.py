"""Linking: one person is the same member in every chat, proved by a code and by no name.

A member asks for a code in one chat and gives it in the other. Whoever gives it there is that
member from then on, by the user id that the other chat vouches for. A code works once, for ten
minutes, in another chat than its own; only its hash is stored. Of the 50 bits in it nobody guesses
one in five tries, and more are not heard in ten minutes.

What the configuration says about who somebody is in a chat is not changed from a chat.
"""

from __future__ import annotations

import hashlib
import secrets

from bot.model.commands import Outcome, OutcomeKind
from bot.model.event import EventKind, Subject
from bot.model.ids import MINUTE, Moment
from bot.model.member import ChatIdentity, Member
from bot.services.audiences import look_again
from bot.services.deciding import Deciding, done, refused
from bot.speech.speech import marked, speech_in
from bot.store.tx import Tx

LIFE = 10 * MINUTE
TRIES = 5
"""Wrong codes of one person within `LIFE`, after which no code of theirs is looked at."""
WRONG = "wrong_code"
"""The note of a refusal that counts as a try."""
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""Crockford's, which nobody misreads; https://www.crockford.com/base32.html"""
_MISREAD = str.maketrans("OIL", "011")
_LENGTH = 10


def make_code(deciding: Deciding) -> Outcome:
    """A new code, in `once` alone; the one before is void."""
    tx, member = deciding.tx, deciding.member
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    chat = deciding.identity.chat
    tx.link_codes.put(member.id, _hash(letters), chat, Moment(deciding.now + LIFE))
    _audit(tx, member, "link_code_made", chat)
    return Outcome(
        OutcomeKind.DONE,
        "This code works once, for 10 minutes. Give it to the desk in your other chat, and to "
        "nobody else: whoever gives it is you there.",
        once=f"{letters[:5]}-{letters[5:]}",
    )


def use_code(tx: Tx, actor: ChatIdentity, code: str) -> Outcome:
    """`actor` is the member who asked for the code, from now on."""
    now = tx.now()
    if tx.cards.refused_since(actor, Moment(now - LIFE), TRIES, note=WRONG) >= TRIES:
        return refused("Too many wrong codes. Wait 10 minutes, then ask for a new one.")
    spent = tx.link_codes.spend(_hash(code), now)
    if spent is None:
        says = marked(
            "That code is wrong, used already or too old. Ask for a new one in your other chat."
        )
        return Outcome(OutcomeKind.REFUSED, says, WRONG)
    member = tx.people.get(spent.member_id)
    if not member.is_active:
        return refused("Whoever made that code is not a member of the desk any more.")
    objection = _objection(tx, member, actor, spent.chat)
    if objection is not None:
        _audit(tx, member, "link_refused", actor.chat, text=actor.user)
        return refused(objection)
    if tx.people.who(actor) is None:
        _link(tx, member, actor, spent.chat)
    return done(speech_in(member.tongue.language).say("You are {name} here too.", name=member.name))


def _objection(tx: Tx, member: Member, actor: ChatIdentity, made_in: str) -> str | None:
    holder, say = tx.people.ever(actor), speech_in(member.tongue.language).say
    if holder is not None and holder.id != member.id:
        return say(
            "You are known here as another member already, so this code does not count. An admin "
            "can mend it."
        )
    if made_in == actor.chat:
        return say("That code was made in this chat. Ask for one here and give it in the other.")
    if tx.people.is_named_in(member.id, actor.chat) and holder is None:
        return say(
            "The configuration says who {name} is in this chat, and it is somebody else. It is "
            "changed there alone.",
            name=member.name,
        )
    return None


def _link(tx: Tx, member: Member, actor: ChatIdentity, made_in: str) -> None:
    replaced = tx.people.unlink(member.id, [actor.chat])
    tx.people.identify(member, actor, from_file=False)
    look_again(tx, actor.chat)
    _audit(
        tx, member, "identity_linked", actor.chat, text=actor.user, of=made_in, replaced=replaced
    )
    tx.events.add(
        EventKind.MEMBER_CHANGED,
        member.brand_id,
        Subject.MEMBER,
        member.id,
        tx.now(),
        member_id=member.id,
        how=f"is known in {actor.chat.title()} too",
    )


def _audit(
    tx: Tx, member: Member, action: str, chat: str, *, text: str | None = None, **facts: object
) -> None:
    """`text` is the chat's id of the person, which can be erased."""
    tx.audits.add(
        member.brand_id,
        action,
        Subject.MEMBER,
        member.id,
        tx.now(),
        member_id=member.id,
        chat=chat,
        text=text,
        **facts,
    )


def _hash(code: str) -> str:
    written = code.upper().translate(_MISREAD)
    letters = "".join(one for one in written if one in _LETTERS)
    return hashlib.sha256(f"link:{letters}".encode()).hexdigest()
