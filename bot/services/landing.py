"""Setting up a channel from a chat or the console: what should land there.

An admin's answer is a row like those that the configuration makes, and the next item is routed by
it. What the configuration names is the configuration's: no chat changes it, and a channel that it
names later keeps its cards under the name that it has there (docs/adr/0025).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from bot.cards.label_choices import LabelChoice
from bot.cards.labels import LANGUAGE_NAMES, RISK_LABELS, spoken
from bot.cards.landing import (
    ACCOUNTS,
    KINDS,
    LABELS,
    LANGUAGES,
    RISKS,
    SHOWS,
    Aspect,
    Choice,
    LandingPage,
    LandingQuery,
)
from bot.model.channel import Channel, Place, Route, Shows
from bot.model.commands import Outcome, SetUpChannel
from bot.model.event import EventKind, Subject
from bot.model.item import ItemKind
from bot.model.label import folded
from bot.model.member import Member, Role
from bot.model.pace import AT_ONCE
from bot.model.triage import Risk
from bot.services import audiences
from bot.services.deciding import Deciding, DeskRules, done, refused
from bot.services.labelling import offered
from bot.speech.speech import LANGUAGES as SPOKEN
from bot.speech.speech import Speech, marked, speech_in
from bot.store.channels import columns_of
from bot.store.tx import Tx

IN_FILE = marked(
    "The configuration names this channel, as {slug}, and says what lands here. Change it there."
)
ELSEWHERE = marked("Another brand of this desk uses this channel.")
ADMINS = marked("What lands here is for an admin to choose.")
TITLE = 200

V = TypeVar("V", ItemKind, Risk, Shows)

_KINDS = {
    ItemKind.COMMENT: marked("comments"),
    ItemKind.MENTION: marked("mentions"),
    ItemKind.REPLY: marked("replies to us"),
    ItemKind.REVIEW: marked("reviews"),
    ItemKind.MESSAGE: marked("messages"),
    ItemKind.POST: marked("posts about us"),
}
_SHOWS = {
    Shows.ITEMS: marked("what people write"),
    Shows.POSTS: marked("our posts, to be approved"),
}


def set_up(deciding: Deciding, command: SetUpChannel) -> Outcome:
    """In effect with the next item; audited with what was chosen."""
    tx, brand_id = deciding.tx, deciding.member.brand_id
    place = Place(command.channel, command.topic)
    here = _at(tx, command.chat, place)
    objection = _objection(deciding.member, here, deciding.speech)
    if objection:
        return refused(objection)
    known = {one.slug for one in tx.accounts.of_brand(brand_id)}
    strange = [one for one in command.route.accounts if one not in known]
    if strange:
        says = deciding.speech.say("There is no account {slug} here.", slug=strange[0])
        return refused(says)
    channel = _save(deciding, command, place, here)
    _tell(deciding, channel, command)
    return done(stands(channel, deciding.speech))


def page(tx: Tx, member: Member, query: LandingQuery, rules: DeskRules) -> LandingPage:
    speech = speech_in(member.tongue.language)
    here = _at(tx, query.chat, Place(query.channel, query.topic))
    mine = here if here is not None and here.brand_id == member.brand_id else None
    now = stands(mine, speech) if mine else ""
    objection = _objection(member, here, speech)
    if objection:
        return LandingPage((), now, objection, speech)
    route = mine.routes[0] if mine and mine.routes else Route()
    shows = mine.shows if mine else frozenset(Shows)
    labels = offered(tx, rules, member.brand_id, speech)
    aspects = (*_aspects(tx, member, route, shows, speech), _labels(labels, route, speech))
    return LandingPage(aspects, now, "", speech)


def _at(tx: Tx, chat: str, place: Place) -> Channel | None:
    found = [one for one in tx.channels.at(chat, place.channel) if one.place.topic == place.topic]
    return found[0] if found else None


def _objection(member: Member, here: Channel | None, speech: Speech) -> str:
    """Why this member cannot choose, or nothing."""
    if not member.role.includes(Role.ADMIN):
        return speech.say(ADMINS)
    if here is None:
        return ""
    if here.brand_id != member.brand_id:
        return speech.say(ELSEWHERE)
    return speech.say(IN_FILE, slug=here.slug) if here.from_file else ""


def _save(deciding: Deciding, command: SetUpChannel, place: Place, here: Channel | None) -> Channel:
    tx, member = deciding.tx, deciding.member
    tx.accounts.take_turns()
    title = command.title.strip()[:TITLE] or (here.title if here else "") or command.channel
    slug = here.slug if here else _free_slug(title, tx.channels.slugs(member.brand_id))
    language = member.tongue.language if member.tongue.language in SPOKEN else "en"
    zone = tx.accounts.brand(member.brand_id).zone
    shared = here.place if here else Place(place.channel, place.topic, language, zone)
    routes = () if command.route == Route() else (command.route,)
    columns = columns_of(
        command.chat,
        shared,
        title=title,
        shows=command.shows or frozenset(Shows),
        routes=routes,
        reads=here.reads if here else (),
        threads=here.threads if here else True,
        private=here.private if here else None,
        pace=here.pace if here else AT_ONCE,
    )
    tx.channels.save(member.brand_id, slug, columns, from_file=False)
    found = _at(tx, command.chat, place)
    assert found is not None
    audiences.follow(tx, [found], deciding.rules.tell_audience)
    return found


def _tell(deciding: Deciding, channel: Channel, command: SetUpChannel) -> None:
    tx, member, route = deciding.tx, deciding.member, command.route
    tx.events.add(
        EventKind.CHANNEL_CHANGED,
        member.brand_id,
        Subject.CHANNEL,
        channel.id,
        deciding.now,
        member_id=member.id,
        how="channel_set_up",
    )
    tx.audits.add(
        member.brand_id,
        "channel_set_up",
        Subject.CHANNEL,
        channel.id,
        deciding.now,
        member_id=member.id,
        chat=deciding.identity.chat,
        shows=sorted(channel.shows),
        accounts=list(route.accounts),
        kinds=list(route.kinds),
        languages=list(route.languages),
        risks=list(route.risks),
        labels=list(route.labels),
    )


def _free_slug(title: str, taken: set[str]) -> str:
    """`#Café Care` becomes `cafe-care`, or `cafe-care-2` where that is somebody else's."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "channel"
    numbers = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(one for one in numbers if one not in taken)


# In words


def _aspects(
    tx: Tx, member: Member, route: Route, shows: frozenset[Shows], speech: Speech
) -> Iterator[Aspect]:
    say = speech.say
    everything = say("everything")
    both = () if shows == frozenset(Shows) else tuple(sorted(shows))
    accounts = tuple(
        Choice(one.slug, one.name or one.slug) for one in tx.accounts.of_brand(member.brand_id)
    )
    spoken = tx.accounts.brand(member.brand_id).languages
    languages = tuple(Choice(one, _language(one, speech)) for one in spoken)
    yield Aspect(SHOWS, say("What"), _choices(_SHOWS, speech), both, everything)
    if accounts:
        yield Aspect(ACCOUNTS, say("Accounts"), accounts, route.accounts, say("all"))
    yield Aspect(KINDS, say("Kinds"), _choices(_KINDS, speech), route.kinds, say("all"))
    yield Aspect(LANGUAGES, say("Languages"), languages, route.languages, say("all"))
    yield Aspect(
        RISKS,
        say("Only with a risk"),
        _choices(RISK_LABELS, speech),
        route.risks,
        say("with and without"),
    )


def _labels(offered: Iterable[LabelChoice], route: Route, speech: Speech) -> Aspect:
    """Those that the route names already are among them, whoever still uses them."""
    choices = {folded(one.value): Choice(one.value, one.label) for one in offered}
    for one in route.labels:
        choices.setdefault(folded(one), Choice(one, one))
    chosen = tuple(choices[folded(one)].value for one in route.labels)
    title, shown = speech.say("Only with a label"), tuple(choices.values())
    return Aspect(LABELS, title, shown, chosen, speech.say("all"))


def _choices(words: Mapping[V, str], speech: Speech) -> tuple[Choice, ...]:
    return tuple(Choice(value, speech.say(label)) for value, label in words.items())


def _language(code: str, speech: Speech) -> str:
    known = LANGUAGE_NAMES.get(code)
    return speech.say(known) if known else code


def stands(channel: Channel, speech: Speech) -> str:
    """`Here lands: comments, reviews; acme; legal risk.`"""
    say, parts = speech.say, []
    if len(channel.routes) > 1:
        return speech.plural(
            "Here lands what {count} route of the configuration says.",
            "Here lands what {count} routes of the configuration say.",
            len(channel.routes),
        )
    if channel.shows != frozenset(Shows):
        parts.append(_listed(_SHOWS, sorted(channel.shows), speech))
    for route in channel.routes[:1]:
        parts += [
            ", ".join(route.accounts),
            _listed(_KINDS, route.kinds, speech),
            ", ".join(_language(one, speech) for one in route.languages),
            _listed(RISK_LABELS, route.risks, speech),
            ", ".join(spoken(speech, one) for one in route.labels),
        ]
    what = "; ".join(part for part in parts if part) or say("everything")
    return say("Here lands: {what}.", what=what)


def _listed(words: Mapping[V, str], values: Iterable[V], speech: Speech) -> str:
    return ", ".join(speech.say(words[one]) for one in values)
