"""What a card says of silence: what is not heard, since when, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.facts import IncidentFacts
from bot.model.incident import Incident
from bot.model.silence import Silence, silence_of
from bot.speech.speech import marked

_SAYS: Mapping[Silence, str] = {
    Silence.CONTACT: marked(
        "Nothing could be read from {account} for {minutes} min. The Desk page says what its "
        "network answers; look whether the network works."
    ),
    Silence.QUIET: marked(
        "Nothing came to {account} for twice its longest pause of the last week, {minutes} min. If "
        "people write there, its webhook or token is broken: connect it anew on the Connect page."
    ),
    Silence.TOKEN: marked(
        "{account} is paused: its network takes the token no more. Give it a new one on the "
        "Connect page, or where the configuration keeps it."
    ),
    Silence.ENDING: marked(
        "The token of {account} ends within a week, or has ended: that is what was said of it on "
        "the Connect page or as `token_ends` in the configuration. Renew it at its network, and "
        "say there when the new one ends."
    ),
    Silence.QUEUE: marked(
        "Work has been waiting for more than {minutes} min. Look whether a process stands still; "
        "the Desk page lists what failed."
    ),
    Silence.BLIND: marked(
        "For {minutes} min nothing was counted, so a rise would not be found. Start the process "
        "that works again, and look whether its clock is right."
    ),
}


def said_of_silence(facts: IncidentFacts) -> str:
    incident: Incident = facts.incident
    says = _SAYS[silence_of(incident.cause)]
    account = facts.account or facts.speech.say("the account")
    return facts.speech.say(says, account=account, minutes=incident.minutes)
