"""What a card says and offers about words of ours that are on their way, out, or stuck."""

from __future__ import annotations

from bot.cards.actions import ActionName
from bot.cards.card import Action, Ask, Light, MemberName, StateLine, Style, Text, When, woven
from bot.cards.retold import retold
from bot.model.ids import Moment
from bot.model.member import Member
from bot.model.publication import Publication, PublicationState, Visibility
from bot.speech.speech import Speech

_P = PublicationState


def publication_line(
    publication: Publication, network: str, now: Moment, speech: Speech
) -> StateLine | None:
    """What became of words of ours; None when it says nothing (called off long ago)."""
    say = speech.say
    trouble = retold(speech, publication.trouble)
    match publication.state:
        case _P.QUEUED if publication.trouble:
            return state_line(Light.TROUBLE, trouble)
        case _P.QUEUED if publication.is_shadow:
            return state_line(Light.WORKING, say("Shadow: it is recorded, and nothing leaves"))
        case _P.QUEUED if publication.not_before > now:
            return StateLine(
                Light.WORKING,
                woven(say("Publishing {when}"), when=When(publication.not_before)),
            )
        case _P.QUEUED | _P.SENDING:
            return state_line(Light.WORKING, say("Publishing"))
        case _P.UNKNOWN:
            return state_line(Light.WORKING, say("Not sure it went out - we are looking"))
        case _P.NEEDS_HUMAN:
            says = say(
                "Not sure it went out. Look on {network} and say what you see", network=network
            )
            return state_line(Light.TROUBLE, _with_reason(says, trouble, speech))
        case _P.FAILED:
            return state_line(Light.TROUBLE, _with_reason(say("Not published"), trouble, speech))
        case _P.PUBLISHED:
            held = publication.receipt and publication.receipt.visibility is Visibility.HELD
            says = (
                say("Accepted by {network}, waits for its moderation", network=network)
                if held
                else say("Published")
            )
            return state_line(Light.DONE, _with_reason(says, trouble, speech))
        case _P.CANCELLED:
            return state_line(Light.WAITING, trouble) if trouble else None
        case _P.RECORDED:
            return state_line(Light.QUIET, say("Shadow: recorded, not sent"))


def _with_reason(says: str, trouble: str, speech: Speech) -> str:
    return speech.say("{what}: {why}", what=says, why=trouble) if trouble else says


def state_line(light: Light, text: str) -> StateLine:
    return StateLine(light, (Text(text),))


def editing_line(editor: Member, speech: Speech) -> StateLine:
    name = MemberName(editor.slug, editor.name)
    return StateLine(Light.WORKING, woven(speech.say("{name} is editing"), name=name))


def publication_actions(publication: Publication, speech: Speech) -> tuple[Action, ...]:
    """What a person may do about words of ours that are on their way or stuck."""
    say = speech.say
    look = Action(ActionName.LOOK, say("Look again"))
    abandon = Action(
        ActionName.ABANDON, say("Give up"), confirm=say("Give this up? It will not be sent.")
    )
    match publication.state:
        case _P.QUEUED:
            hint = say("Do not send it")
            return (Action(ActionName.STOP, say("Stop"), style=Style.DANGER, hint=hint),)
        case _P.UNKNOWN:
            return (look,)
        case _P.NEEDS_HUMAN:
            return (
                Action(ActionName.CONFIRM, say("It is there"), style=Style.PRIMARY, ask=Ask.LINK),
                look,
                Action(
                    ActionName.RETRY,
                    say("It is not there: send again"),
                    confirm=say(
                        "Are you sure that it is not there? Sending again could double it."
                    ),
                ),
                abandon,
            )
        case _P.FAILED:
            return (Action(ActionName.RETRY, say("Retry"), style=Style.PRIMARY), abandon)
        case _:
            return ()
