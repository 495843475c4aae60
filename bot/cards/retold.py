"""Sentences that are stored as they were said, in English, and told to readers in their language.

What ended a publication, who changed a card and why triage said so are rows, written once for
everybody and long before it is known who reads them. Those with names in them are known here by
their pattern; what no pattern fits was said by a network, and stays as it came.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bot.speech.speech import Speech, marked

PATTERNS = (
    marked("This is needed."),
    marked("This version of the desk does not know that network."),
    marked("This version of the desk does not know the network of this account."),
    marked("This version of the desk does not know that chat."),
    marked("In the demo no account is connected."),
    marked("Leave the password out of the address."),
    marked("Write the server's whole address, for example https://mastodon.social."),
    marked("Write a hashtag as one word, for example #acme."),
    marked("Write the handle as Bluesky shows it under the name, for example brand.bsky.social."),
    marked("Write a whole address that begins with https://."),
    marked("There is no key to seal secrets with yet. Make one first."),
    marked("There is a key already, and secrets are sealed with it."),
    marked(
        "This platform keeps no file of the desk. Set REPLYDESK_KEY for every process instead, to "
        "32 random bytes in URL-safe base64."
    ),
    marked(
        "{host} leads to an address inside a private network. Whoever runs the desk can allow it: "
        "allow_private_hosts in [desk]."
    ),
    marked(
        "A stored secret was sealed with another key than the one given now. Set REPLYDESK_KEY to "
        "the key it was sealed with, or connect the account again."
    ),
    marked("Stopped by {name}."),
    marked("Edited by {name} after approval."),
    marked("Cancelled by {name}."),
    marked("Given up by {name}."),
    marked("is known in {chat} too"),
    marked("added {name} as {role}"),
    marked("made {name} {role}"),
    marked("suspended {name}"),
    marked("put {name} on call"),
    marked("Its answer was lost, and it may be there. {why}"),
    marked("Looked again: {why}"),
    marked("Held: replies are paused. It leaves when a manager unpauses them."),
    marked("Held: posts are paused. It leaves when a manager unpauses them."),
    marked("Held: replies are paused. It is recorded when a manager unpauses them."),
    marked("Held: posts are paused. It is recorded when a manager unpauses them."),
    marked(
        "Held: {account} is watch-only. It leaves when an admin presses Go live on the Desk page."
    ),
    marked("Held: {account} is not in the configuration any more."),
    marked("Held: crisis mode is on. It is asked about when crisis mode ends."),
    marked("Held: crisis mode held it, and nobody has said yet what becomes of it."),
    marked("Held: {why}"),
    marked("Not sent: another version was written instead."),
    marked("Not sent: its time had passed. Choose a new time to send it."),
    marked("Not sent: the author changed the text after it was approved."),
    marked("Not sent: the author changed the text."),
    marked("Not sent: the comment was deleted."),
    marked("Not sent: its author asked to be forgotten."),
    marked("Not sent: the comment was marked as spam."),
    marked("Not sent: somebody of the team answered on the network."),
    marked("Looked again and did not see it. Look yourself, then say what you see."),
    marked("It did not reach the network; sending it again."),
    marked("Its answer was lost; the desk looked, found it there and did not send it again."),
    marked("Its answer was lost; the network showed it, so it was not sent again."),
    marked(
        "Its first answer was lost; the desk looked, it was not there, and it was sent once more."
    ),
    marked("The network could not be asked whether it is there."),
    marked("The desk stopped while sending, so its answer is not known."),
    marked("The network did not answer in time."),
    marked("This network cannot be asked whether it is there."),
    marked("Not seen yet; it may still arrive."),
    marked("An unexpected fault of the desk ({fault}); it is in the log."),
    marked("the author changed the text"),
    marked("the comment was deleted"),
    marked("the comment was marked as spam"),
    marked("its author asked to be forgotten"),
    marked("somebody of the team answered on the network"),
    marked("Too long: {used} of {limit} {unit}. Shorten it by {over}."),
    marked("{account}: Too long: {used} of {limit} {unit}. Shorten it by {over}."),
    marked("published"),
    marked(
        "Drafts come from templates in {languages}. Set OPENAI_API_KEY, or base_url under "
        "[drafts], to have a model write them."
    ),
    marked("{why} When it gives none, templates in {languages} step in."),
    marked("Drafts come from the model {model} at {server}."),
    marked("took this"),
    marked("handed this back, being away"),
    marked("went away"),
    marked("came back"),
    marked("began a shift"),
    marked("ended a shift"),
    marked("noted a promise"),
    marked("kept a promise"),
    marked("took one over"),
    marked("opened one"),
    marked("A later hand-over has the rest"),
    marked("was given to {name}, who is on shift"),
    marked("was given to {name}, who answered this author before"),
    marked("gave this to {name}"),
    marked("gave communications to {name}"),
    marked("made {name} the scribe"),
    marked("escalated this"),
    marked("labelled this"),
    marked("asked {name}"),
    marked("answered the question"),
    marked("withdrew the question"),
    marked("The desk reminded of this"),
    marked("came back to {name}, who answered before"),
    marked("chose like"),
    marked("chose unlike"),
    marked("chose hide"),
    marked("chose unhide"),
    marked("chose spam"),
    marked("chose delete"),
    marked("chose delete own"),
    marked("like: done on the network"),
    marked("unlike: done on the network"),
    marked("hide: done on the network"),
    marked("unhide: done on the network"),
    marked("spam: done on the network"),
    marked("delete: done on the network"),
    marked("delete own: done on the network"),
    marked("{act} was refused: {why}"),
    marked("{account} lets nothing leave now."),
    marked("closed this, no reply needed"),
    marked("reopened this"),
    marked("snoozed this"),
    marked("chose when to be told"),
    marked("asked for another draft"),
    marked("edited the draft"),
    marked("approved this"),
    marked("asked for approval"),
    marked("published this reply"),
    marked("edited this post"),
    marked("asked for changes"),
    marked("cancelled this post"),
    marked("approved this post"),
    marked("moved this post"),
    marked("asked whether to start crisis mode"),
    marked("started crisis mode"),
    marked("ended crisis mode"),
    marked("dropped this proposal"),
    marked("decided about what was held"),
    marked("let this leave"),
    marked("set when updates are due"),
    marked("sent an update"),
    marked("sent this update"),
    marked("The desk asked for an update"),
    marked("The desk asked for the next update"),
    marked("wrote this statement"),
    marked("retired this"),
    marked("stopped this"),
    marked("sent this again"),
    marked("asked the desk to look again"),
    marked("saw this on the network"),
    marked("gave this up"),
    marked("stopped the work on these"),
    marked("began answering {what}"),
    marked("began closing {what}"),
    marked("began taking {what}"),
    marked("began giving {what}"),
    marked("began snoozing {what}"),
    marked("began hiding {what}"),
    marked("began liking {what}"),
    marked("turned the page"),
    marked("pulled one out"),
    marked("The desk finished answering {what}"),
    marked("The desk finished liking {what}"),
    marked("The desk finished closing {what}"),
    marked("The desk finished taking {what}"),
    marked("The desk finished giving {what}"),
    marked("The desk finished snoozing {what}"),
    marked("The desk finished hiding {what}"),
    marked("The desk changed this card"),
    marked("The desk sorted this"),
    marked("The desk ended its snooze"),
    marked("Its author wrote more, which ended its snooze"),
    marked("The desk sent this back: its time came before it was approved"),
    marked("Its time came before it was approved. Choose another time."),
    marked("The desk moderated this"),
    marked("The desk counted again"),
    marked("The desk erased what this author wrote"),
    marked("The desk looked again"),
    marked("The desk began another practice here"),
    marked("The desk closed this practice, a day old"),
    marked("The desk translated this"),
    marked("The desk held this back"),
    marked("The desk began to publish this"),
    marked("The desk could not upload the pictures"),
    marked("The desk published this"),
    marked("The desk tried to publish this"),
    marked("The desk stopped this from being published"),
    marked("The desk recorded this and sent nothing"),
    marked("The drafter wrote a new draft"),
    marked("The author changed the text of this comment"),
    marked("The author brought this back on the network"),
    marked("The author deleted this comment"),
    marked("Somebody of the team answered this on the network itself"),
    marked("Advertising is not answered"),
    marked("Insults without a matter to answer"),
    marked("Only tags other people"),
    marked("Speaks to friends that it tags"),
    marked("A few words of praise or thanks"),
    marked("Only a link"),
    marked("Only emoji or signs"),
    marked("There is no text"),
    marked("Asks a question"),
    marked("Written in {language}"),
    marked("Too short, or in no language that the brand reads"),
    marked("Shows a card number"),
    marked("Shows a bank account"),
    marked("Shows an e-mail address"),
)

_WHOLE = frozenset(pattern for pattern in PATTERNS if "{" not in pattern)
_NESTED = frozenset({"why", "unit", "language"})
"""Names that stand for another stored sentence or word."""


def retold(speech: Speech, stored: str) -> str:
    """A stored sentence in another language, as far as it is known."""
    if speech.language == "en" or not stored:
        return stored
    said = speech.say(stored)
    if said != stored or stored in _WHOLE:
        return said
    for pattern, shape in _shapes():
        match = shape.fullmatch(stored)
        if match is not None:
            return speech.say(pattern, **_told(speech, match.groupdict()))
    return stored


def _told(speech: Speech, values: Mapping[str, str]) -> dict[str, object]:
    return {
        name: retold(speech, value) if name in _NESTED else value for name, value in values.items()
    }


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((one, _shape(one)) for one in PATTERNS if one not in _WHOLE)


def _shape(pattern: str) -> re.Pattern[str]:
    pieces = re.split(r"\{(\w+)\}", pattern)
    return re.compile(
        "".join(
            f"(?P<{piece}>.+?)" if place % 2 else re.escape(piece)
            for place, piece in enumerate(pieces)
        ),
        re.DOTALL,
    )
