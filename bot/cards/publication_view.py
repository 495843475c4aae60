"""What a card says and offers about words of ours that are on their way, out, or stuck."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Light, StateLine, Style, Text, When
from bot.model.ids import Moment
from bot.model.publication import Publication, PublicationState, Visibility

_P = PublicationState


def publication_line(publication: Publication, network: str, now: Moment) -> StateLine | None:
    """What became of words of ours; None when it says nothing (called off long ago)."""
    trouble = f": {publication.trouble}" if publication.trouble else ""
    match publication.state:
        case _P.QUEUED if publication.trouble:
            return state_line(Light.TROUBLE, publication.trouble)
        case _P.QUEUED if publication.not_before > now:
            return StateLine(Light.WORKING, (Text("Publishing "), When(publication.not_before)))
        case _P.QUEUED | _P.SENDING:
            return state_line(Light.WORKING, "Publishing")
        case _P.UNKNOWN:
            return state_line(Light.WORKING, "Not sure it went out - we are looking")
        case _P.NEEDS_HUMAN:
            says = f"Not sure it went out. Look on {network} and say what you see"
            return state_line(Light.TROUBLE, f"{says}{trouble}")
        case _P.FAILED:
            return state_line(Light.TROUBLE, f"Not published{trouble}")
        case _P.PUBLISHED:
            held = publication.receipt and publication.receipt.visibility is Visibility.HELD
            says = f"Accepted by {network}, waits for its moderation" if held else "Published"
            return state_line(Light.DONE, says)
        case _P.CANCELLED:
            return state_line(Light.WAITING, publication.trouble) if publication.trouble else None


def state_line(light: Light, text: str) -> StateLine:
    return StateLine(light, (Text(text),))


def publication_actions(publication: Publication, now: Moment) -> tuple[Action, ...]:
    """What a person may do about words of ours that are on their way or stuck."""
    look = Action(ActionName.LOOK, "Look again")
    abandon = Action(ActionName.ABANDON, "Give up", confirm="Give this up? It will not be sent.")
    match publication.state:
        case _P.QUEUED:
            return (Action(ActionName.STOP, "Stop", style=Style.DANGER, hint="Do not send it"),)
        case _P.UNKNOWN:
            return (look,)
        case _P.NEEDS_HUMAN:
            return (
                Action(ActionName.CONFIRM, "It is there", style=Style.PRIMARY, ask=Ask.LINK),
                look,
                Action(
                    ActionName.RETRY,
                    "It is not there: send again",
                    confirm="Are you sure that it is not there? Sending again could double it.",
                ),
                abandon,
            )
        case _P.FAILED:
            return (Action(ActionName.RETRY, "Retry", style=Style.PRIMARY), abandon)
        case _:
            return ()
