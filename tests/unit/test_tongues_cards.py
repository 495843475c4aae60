"""Every card of the desk in each language and each front end: judged, and kept as it was looked at.

An item in every state that it can be in, a planned post, an incident and a crisis in every one of
theirs, and what rolls on: a peak, what needs no reply, replies that are due. What an action of a
card asks for is drawn with the first card that has it. An action or kind that is not met fails the
walk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from telegram import User

from bot.cards.actions import ActionName
from bot.cards.card import Ask, Card, CardKind
from bot.cards.label_choices import LabelChoice, LabelKind, LabelsPage
from bot.cards.pages import CardQuery, QueueFilter
from bot.detection.outlook import Outlook
from bot.errors import Rejected
from bot.model import commands as c
from bot.model.bulk import BulkVerb
from bot.model.due import NEVER_DEAD, Lane, NewDue
from bot.model.engagement import Engagement, Reactions
from bot.model.hold import HoldKind
from bot.model.ids import DAY, HOUR, MINUTE, SECOND, CardToken, ItemId, Moment, RemoteId
from bot.model.incident import Alert, AlertKind, Severity, Verdict
from bot.model.member import Tongue
from bot.model.peak import RollKind
from bot.model.question import DueBy
from bot.model.risk_route import RiskRoute
from bot.model.silence import Silence, cause_of
from bot.model.triage import Risk
from bot.services.alarms import Alarming
from bot.services.deciding import DeskRules
from bot.services.settling_in import NamedChannel
from bot.speech.speech import LANGUAGES
from handlers.console.limits import IN_CHANNEL
from handlers.console.render import Reading as PageReading
from handlers.console.render import Renderer
from handlers.slack.labels import labels_form
from handlers.slack.modals import Asking, Memory, entry
from handlers.slack.render import render
from handlers.team_words import Choice
from handlers.telegram.buttons import keyboard_form
from handlers.telegram.keyboard import MENUS
from handlers.telegram.markup import Reading
from handlers.telegram.prompts import line_prompt
from handlers.telegram.render import Drawing, drawn
from tests.fakes.chat import CHAT
from tests.fakes.desk import LABELS
from tests.fakes.desk_kit import COMPLAINT, DeskKit, desk_address, opened_desk
from tests.fakes.network import Step
from tests.fakes.oncall_kit import MEMBERS, POISONED, OnCallKit, on_call
from tests.fakes.said import words_of, words_on
from tests.fakes.slack_judges import judged_message, judged_view
from tests.fakes.telegram_text import complaints
from tests.fakes.tour import Album, check
from tests.unit import later_states
from tests.unit.test_cards import STATES
from tests.unit.test_crisis import statement
from tests.unit.test_goals import RULES as GOALS
from tests.unit.test_peaks import CARE
from tests.unit.test_quiet import hearts

UTC = ZoneInfo("UTC")
RENDERER = Renderer()
TOKEN = CardToken("k7Qf2mZx9LpA")


async def post_waits(kit: DeskKit) -> CardToken:
    at = Moment(kit.clock.now() + HOUR)
    words = (c.VariantText("acme", "Tea."), c.VariantText("acme-two", "Tea, there too."))
    return CardToken((await kit.order("olga", c.ComposePost(words, at))).note)


async def post_asked_back(kit: DeskKit) -> CardToken:
    token = await post_waits(kit)
    card = await kit.card(token)
    await kit.order("alice", c.RequestChanges(token, card.revision, "Shorter, please."))
    return token


async def post_changed(kit: DeskKit) -> CardToken:
    token = await post_asked_back(kit)
    card = await kit.card(token)
    words = (c.VariantText("acme", "…"),)
    assert (await kit.order("olga", c.EditPost(token, card.revision, words))).is_done
    return token


async def post_lapsed(kit: DeskKit) -> CardToken:
    slot = Moment(kit.clock.now() + HOUR)
    made = await kit.order("olga", c.ComposePost((c.VariantText("acme", "…"),), slot))
    await kit.pass_time(HOUR / 1000 + 1)
    return CardToken(made.note)


async def post_planned(kit: DeskKit) -> CardToken:
    token = await post_waits(kit)
    assert (await kit.press("alice", await kit.card(token), c.Approve)).is_done
    return token


async def post_out(kit: DeskKit) -> CardToken:
    token = await post_planned(kit)
    await kit.pass_time(2 * 3600)
    return token


async def post_half_out(kit: DeskKit) -> CardToken:
    kit.network.next("publish", Step(error=Rejected("No links.")))
    return await post_out(kit)


async def post_cancelled(kit: DeskKit) -> CardToken:
    token = await post_planned(kit)
    await kit.press("alice", await kit.card(token), c.CancelPost)
    return token


async def peak(kit: DeskKit) -> CardToken:
    await kit.take(
        *(
            kit.incoming(f"{COMPLAINT} ({one})", thread_remote_id=RemoteId(f"p{one % 3}"))
            for one in range(40)
        )
    )
    await kit.work()
    await kit.pass_time(21)
    page = await kit.queue(QueueFilter.OPEN)
    return next(card.key for card in page.cards if card.kind is CardKind.PEAK)


async def peak_answered_at_once(kit: DeskKit) -> CardToken:
    token = await peak(kit)
    card = await kit.card(token)
    [answer, *_] = [one for one in card.actions if one.argument.startswith("answer-")]
    cluster = answer.argument.partition("-")[2]
    order = c.BulkAct(token, card.revision, BulkVerb.ANSWER, cluster, "We are sorry.")
    assert (await kit.order("bob", order)).is_done
    return token


async def rolled(kit: DeskKit) -> CardToken:
    """The last card that rolls on."""
    return [one for one in kit.chat.messages if one.card.kind is CardKind.PEAK][-1].card.key


async def needs_no_reply(kit: DeskKit) -> CardToken:
    await hearts(kit, 40)
    await kit.pass_time(30)
    return await rolled(kit)


async def due_soon(kit: DeskKit) -> CardToken:
    item = await kit.comment()
    assert (await kit.press("bob", await kit.card_of(item), c.Take)).is_done
    await kit.pass_time(3 * 3600 + 60)
    return await rolled(kit)


async def late(kit: DeskKit) -> CardToken:
    await due_soon(kit)
    await kit.pass_time(2 * 3600)
    return await rolled(kit)


async def item_in_a_crisis(kit: DeskKit) -> CardToken:
    item = await kit.comment()
    assert (await kit.press("bob", await statement(kit), c.Approve)).is_done
    await crisis_on(kit)
    return await kit.token_of(item)


async def item_with_saved_replies(kit: DeskKit) -> CardToken:
    assert (await kit.order("alice", c.WriteReply("1", "en", "…"))).is_done
    return await kit.token_of(await kit.comment())


async def item_of_a_post_that_spreads(kit: DeskKit) -> CardToken:
    item, now = await kit.comment(), kit.clock.now()
    seen = Reactions(Moment(now - 30 * MINUTE), likes=90, shares=24, replies=6)
    expected = Outlook(already=120, likely=410, low=210, high=890, doubles=0.71, pace=0.95)
    one = Engagement(kit.account, RemoteId("post-1"), seen, now, None, expected=expected)
    await kit.do(lambda tx: tx.engagements.keep([one]))
    kit.network.counts({})
    return await kit.token_of(item)


async def escalated_item(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.Escalate, "…")).is_done
    return card.key


async def escalated_to_managers(kit: DeskKit) -> CardToken:
    await escalated_item(kit)
    return await kit.token_of(1, CardKind.INCIDENT)


async def item_asked_about(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.AskColleague, "bob", DueBy.HOURS, "…")).is_done
    return card.key


async def item_noted(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.WriteNote, "…")).is_done
    return card.key


async def item_noted_twice(kit: DeskKit) -> CardToken:
    token = await item_noted(kit)
    assert (await kit.press("bob", await kit.card(token), c.WriteNote, "…")).is_done
    return token


async def item_labelled(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    said = (("refund", "high urgency"), ("complaint", "question", "delivery", "order status"))
    assert (await kit.press("olga", card, c.ChangeLabels, *said)).is_done
    return card.key


async def question_waits(kit: DeskKit) -> CardToken:
    await item_asked_about(kit)
    return await kit.token_of(1, CardKind.QUESTION)


async def question_to_a_channel(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.AskColleague, "#care", DueBy.HOURS, "…")).is_done
    return await kit.token_of(1, CardKind.QUESTION)


ROUTED = DeskRules(risk_routes={"acme": {Risk.SAFETY: RiskRoute(("bob",))}})


async def item_with_a_route(kit: DeskKit) -> CardToken:
    return await kit.token_of(await kit.comment(POISONED))


async def question_late(kit: DeskKit) -> CardToken:
    token = await question_waits(kit)
    await kit.pass_time(4 * 3600 + 60)
    return token


async def question_answered(kit: DeskKit) -> CardToken:
    token = await question_waits(kit)
    assert (await kit.press("bob", await kit.card(token), c.AnswerQuestion, "…")).is_done
    return token


async def question_withdrawn(kit: DeskKit) -> CardToken:
    token = await question_waits(kit)
    assert (await kit.press("olga", await kit.card(token), c.WithdrawQuestion)).is_done
    return token


async def item_answered_about(kit: DeskKit) -> CardToken:
    await question_answered(kit)
    return await kit.token_of(1)


async def item_asked_about_in_vain(kit: DeskKit) -> CardToken:
    await question_late(kit)
    return await kit.token_of(1)


async def reminded(kit: DeskKit) -> CardToken:
    await question_late(kit)
    return await rolled(kit)


async def reminded_and_answered(kit: DeskKit) -> CardToken:
    token = await question_late(kit)
    assert (await kit.press("bob", await kit.card(token), c.AnswerQuestion, "…")).is_done
    return await rolled(kit)


async def item_promised(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.MakePromise, "2026-12-24 15:00")).is_done
    return card.key


async def item_that_seems_to_promise(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    words = "We will call you on 2026-12-24."
    assert (await kit.press("bob", card, c.ApproveEdited, words)).is_done
    await kit.pass_time(60)
    return card.key


async def promise_due(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    assert (await kit.press("olga", card, c.MakePromise, "2 hours")).is_done
    await kit.pass_time(3700)
    return await rolled(kit)


async def promise_kept(kit: DeskKit) -> CardToken:
    token = await promise_due(kit)
    card = await kit.card_of(1)
    assert (await kit.press("olga", card, c.KeepPromise, 1)).is_done
    return token


async def handed_over(kit: DeskKit) -> CardToken:
    await item_promised(kit)
    await post_waits(kit)
    for number in range(6):
        await kit.comment(thread_remote_id=RemoteId(f"t-{number}"))
    assert (await kit.press("olga", await kit.card_of(1), c.Take)).is_done
    asked = await kit.press("olga", await kit.card_of(1), c.ApproveEdited, "…")
    assert asked.is_done
    assert (await kit.order("bob", c.StartShift())).is_done
    assert (await kit.order("olga", c.HandOver())).is_done
    await kit.work()
    return await rolled(kit)


async def handed_over_and_over(kit: DeskKit) -> CardToken:
    token = await handed_over(kit)
    await kit.pass_time(13 * 3600)
    return token


async def peak_over(kit: DeskKit) -> CardToken:
    token = await peak(kit)
    await kit.pass_time(3600)
    return token


async def crisis_asked(kit: DeskKit) -> CardToken:
    await post_planned(kit)
    return CardToken((await kit.order("alice", c.ProposeCrisis("…"))).note)


async def crisis_on(kit: DeskKit) -> CardToken:
    token = await crisis_asked(kit)
    assert (await kit.press("alice", await kit.card(token), c.StartCrisis)).is_done
    assert (await kit.order("alice", c.ScheduleUpdates(HOUR))).is_done
    return token


async def crisis_ended(kit: DeskKit) -> CardToken:
    token = await crisis_on(kit)
    assert (await kit.order("alice", c.EndCrisis())).is_done
    return token


async def pause_asked(kit: DeskKit) -> CardToken:
    await post_planned(kit)
    asked = c.Pause(tuple(HoldKind), None, "…", is_sure=False)
    return CardToken((await kit.order("alice", asked)).note)


async def pause_done(kit: DeskKit) -> CardToken:
    token = await pause_asked(kit)
    assert (await kit.press("alice", await kit.card(token), c.GoAhead)).is_done
    return token


async def pause_put_away(kit: DeskKit) -> CardToken:
    token = await pause_asked(kit)
    assert (await kit.press("alice", await kit.card(token), c.NotNow)).is_done
    return token


async def unpause_asked(kit: DeskKit) -> CardToken:
    await pause_done(kit)
    await kit.pass_time(24 * 3600)
    asked = c.Unpause((HoldKind.POSTS,), "acme", is_sure=False)
    assert not (await kit.order("alice", replace(asked, is_sure=True))).is_done
    return CardToken((await kit.order("alice", replace(asked, account=None))).note)


async def unpaused_late(kit: DeskKit) -> CardToken:
    token = await unpause_asked(kit)
    assert (await kit.press("alice", await kit.card(token), c.GoAhead)).is_done
    return token


async def update_due(kit: DeskKit) -> CardToken:
    await crisis_on(kit)
    await kit.pass_time(3601)
    return await kit.token_of(1, CardKind.UPDATE)


async def update_sent(kit: DeskKit) -> CardToken:
    token = await update_due(kit)
    assert (await kit.press("alice", await kit.card(token), c.SendUpdate, "…")).is_done
    return token


async def statement_waits(kit: DeskKit) -> CardToken:
    return CardToken((await kit.order("olga", c.WriteStatement("1", "fr", "…"))).note)


async def statement_approved(kit: DeskKit) -> CardToken:
    token = await statement_waits(kit)
    assert (await kit.press("bob", await kit.card(token), c.Approve)).is_done
    return token


async def post_reminded(kit: DeskKit) -> CardToken:
    slot = Moment(kit.clock.now() + 25 * HOUR)
    order = c.ComposePost((c.VariantText("acme", "1"),), slot)
    assert (await kit.order("olga", order)).is_done
    await kit.pass_time(3700)
    return await rolled(kit)


async def post_reminded_and_lapsed(kit: DeskKit) -> CardToken:
    token = await post_reminded(kit)
    await kit.pass_time(25 * 3600)
    return token


Others = Callable[[DeskKit], Awaitable[CardToken]]
OTHERS: tuple[Others, ...] = (
    item_noted, item_noted_twice, item_labelled,
    escalated_item, escalated_to_managers, item_asked_about, item_answered_about,
    item_asked_about_in_vain, item_with_a_route, question_waits, question_to_a_channel,
    question_late, question_answered, question_withdrawn, reminded, reminded_and_answered,
    item_promised, item_that_seems_to_promise, promise_due, promise_kept, handed_over,
    handed_over_and_over,
    post_waits, post_asked_back, post_planned, post_out, post_half_out, post_cancelled, peak,
    peak_answered_at_once, peak_over, needs_no_reply, due_soon, late, crisis_asked, crisis_on,
    crisis_ended, pause_asked, pause_done, pause_put_away, unpause_asked, unpaused_late, update_due,
    update_sent, statement_waits, statement_approved, item_in_a_crisis,
    item_with_saved_replies, item_of_a_post_that_spreads, post_changed, post_lapsed,
    post_reminded, post_reminded_and_lapsed, *later_states.LATER,
)  # fmt: skip
KINDS_OF_ROLLS = {
    peak: RollKind.PEAK, needs_no_reply: RollKind.QUIET, due_soon: RollKind.SOON,
    late: RollKind.LATE, reminded: RollKind.ASKED, promise_due: RollKind.PROMISED,
    handed_over: RollKind.HAND_OVER, post_reminded: RollKind.APPROVAL,
    later_states.advertising: RollKind.SPAM, later_states.back_from_a_snooze: RollKind.WOKE,
    later_states.in_a_digest: RollKind.DIGEST, later_states.first_day: RollKind.PAST,
}  # fmt: skip
NOBODY_MAKES = {CardKind.ACCOUNT}
NOT_ON_CARDS = {ActionName.SAVE, ActionName.TOLD}
"""What only an editor sends, and a look back, which the walk through each chat presses."""
PUT_OFF = (later_states.in_a_digest, later_states.digest_that_is_decided)


async def alarmed(desk: OnCallKit) -> None:
    await desk.kit.comment(POISONED)


async def acknowledged(desk: OnCallKit) -> None:
    await alarmed(desk)
    assert (await desk.kit.press("olga", await desk.card(), c.Acknowledge)).is_done


async def escalated_to_the_end(desk: OnCallKit) -> None:
    await alarmed(desk)
    await desk.kit.pass_time(3 * 3600)


async def over(desk: OnCallKit) -> None:
    await alarmed(desk)
    assert (await desk.kit.press("bob", await desk.card(), c.Resolve)).is_done


async def judged(desk: OnCallKit) -> None:
    await over(desk)
    card = await desk.card()
    assert (await desk.kit.press("bob", card, c.Judge, Verdict.NEEDLESS)).is_done


async def escalated_by_hand(desk: OnCallKit) -> None:
    await escalated_item(desk.kit)


async def silent(desk: OnCallKit) -> None:
    """What it says for each thing that may be silent stands in one test of words."""
    alert = Alert(
        (await desk.kit.account_now()).brand_id, AlertKind.SILENCE,
        cause_of(Silence.QUIET, desk.kit.account), Severity.NOTICE,
        account_id=desk.kit.account, minutes=30,
    )  # fmt: skip
    await desk.kit.do(lambda tx: Alarming(desk.kit.rules.oncall).sound(tx, [alert]))


async def heard_again(desk: OnCallKit) -> None:
    await silent(desk)
    now = desk.kit.clock.now()
    due = NewDue("health", "health", Lane.PAGES, now, {}, MINUTE, NEVER_DEAD)
    await desk.kit.add_due(due)
    await desk.kit.work()


INCIDENTS = (
    silent, heard_again, alarmed, acknowledged, escalated_by_hand, escalated_to_the_end, over,
    judged,
)  # fmt: skip


async def item_token(kit: DeskKit, state: Callable[[DeskKit], Awaitable[ItemId]]) -> CardToken:
    return await kit.token_of(await state(kit))


async def test_every_card_is_told_in_every_language_as_it_was_read_and_kept(
    request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    albums = {language: Album() for language in LANGUAGES}
    cases: Mapping[str, Any] = {
        **{f"item: {state.__name__}": state for state in STATES},
        **{one.__name__: one for one in OTHERS},
    }
    care = NamedChannel(CARE.slug, CHAT, CARE.place)
    for number, (name, state) in enumerate(cases.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        address = desk_address(request, folder)
        rules = {due_soon: GOALS, late: GOALS, item_with_a_route: ROUTED}.get(state)
        has_goals = rules is GOALS
        channel = later_states.WITH_DIGESTS if state in PUT_OFF else care
        async with opened_desk(
            address, channels=[channel], rules=rules, has_goals=has_goals
        ) as kit:
            is_item = name.startswith("item: ")
            token = await (item_token(kit, state) if is_item else state(kit))
            for language, album in albums.items():
                card = await as_read(kit, token, language)
                keep_asked(album, card)
                for front_end, words in shown(kit, card).items():
                    album.keep(f"{name}, {front_end}", words)
    for number, happens in enumerate(INCIDENTS, 1_000):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with on_call(desk_address(request, folder)) as desk:
            await happens(desk)
            token = (await desk.card()).key
            for language, album in albums.items():
                card = await as_read(desk.kit, token, language)
                keep_asked(album, card)
                for front_end, words in shown(desk.kit, card).items():
                    album.keep(f"incident: {happens.__name__}, {front_end}", words)
    await keep_digests(desk_address(request, tmp_path), albums)
    for language, album in albums.items():
        assert album.acted >= {*ActionName, *CardKind} - NOT_ON_CARDS - NOBODY_MAKES
        check("cards", language, album)
    assert set(KINDS_OF_ROLLS.values()) == set(RollKind)


async def keep_digests(address: str, albums: Mapping[str, Album]) -> None:
    """Each on a day of its own: it is told to its member alone, and no view shows it."""
    care = NamedChannel(CARE.slug, CHAT, CARE.place)
    async with opened_desk(address, channels=[care], members=MEMBERS) as kit:
        for _ in range(12):
            card = await kit.card_of(await kit.comment())
            assert (await kit.press("bob", card, c.Take)).is_done
        assert (await kit.order("bob", c.SetDigest((later_states.TEN,)))).is_done
        for language, album in albums.items():
            await as_read(kit, await kit.token_of(1), language)
            kit.clock.advance(DAY / SECOND)
            await kit.work()
            digest = kit.chat.in_channel("D-U-bob")[-1].card
            for front_end, words in shown(kit, digest).items():
                album.keep(f"digest of a member, {front_end}", words)


async def as_read(kit: DeskKit, token: CardToken, language: str) -> Card:
    def teach(tx: Any) -> None:
        brand = tx.accounts.brands()[0].id
        bob = tx.people.by_slug(brand, "bob")
        tx.people.save(brand, "bob", bob.name, bob.role, tongue=Tongue(language, "UTC", ("en",)))

    await kit.do(teach)
    page = await kit.desk.view(CardQuery(token), kit.who("bob"))
    assert page.card is not None
    return replace(page.card, key=TOKEN)


def keep_asked(album: Album, card: Card) -> None:
    """What Slack's modal and Telegram's prompt say for an action that needs more than a press.

    Editors of drafts and posts are on the walk through each chat.
    """
    album.acted.add(card.kind)
    for action in card.actions:
        is_new = action.name not in album.acted
        album.acted.add(action.name)
        if not is_new or action.ask in {Ask.DRAFT, Ask.POST}:
            continue
        if action.confirm or action.ask is not Ask.NOTHING:
            asking = Asking(card, action, Memory(), UTC)
            view = entry(asking, (Choice("bob", "Bob"),))
            if action.ask is Ask.LABELS:
                view = labels_form(offered(card), asking)
            assert judged_view(view) == []
            album.keep(f"asks: {action.name}, Slack", words_of(view))
        if action.ask in {Ask.LINE, Ask.LINK, Ask.REASON, Ask.QUESTION, Ask.LABELS}:
            html, field_ = line_prompt(User(1, "Bob", is_bot=False), card, action, card.speech)
            assert complaints(html, {"inline_keyboard": []}) == []
            album.keep(f"asks: {action.name}, Telegram", [*words_on(html), field_])


def offered(card: Card) -> LabelsPage:
    """Labels as the desk offers them; those of the team stay as they were written."""
    own = LabelChoice("2026", "2026", LabelKind.OWN, is_on=False)
    known = [one for one in LABELS if one.kind is not LabelKind.OWN]
    said = [*(replace(one, label=card.speech.say(one.label)) for one in known), own]
    return LabelsPage(card, tuple(said), speech=card.speech)


OPENED = ("", "more", "give", "raise", "question", "question-x")


def shown(kit: DeskKit, card: Card) -> Mapping[str, list[str]]:
    """The words of each front end; every judge has looked at it, Telegram's menus included."""
    slack = render(card, UTC)
    message = {"text": slack.text, "blocks": slack.blocks}
    assert judged_message(message) == []
    reading = Reading(kit.clock.now(), UTC, card.speech)
    telegram = drawn(card, Drawing(reading))
    for menu in (
        "",
        "more",
        "give",
        "raise",
        "question",
        "question-x",
        *(group.value for group in MENUS),
    ):
        opened = drawn(card, Drawing(reading, menu=menu))
        assert complaints(opened.html, keyboard_form(opened.rows)) == [], menu
    labels = [one.label for row in telegram.rows for one in row]
    page = PageReading(kit.clock.now(), UTC, IN_CHANNEL, card.speech)
    return {
        "Slack": [slack.text, *words_of(slack.blocks)],
        "Telegram": [*words_on(telegram.html), *labels],
        "console": words_on(str(RENDERER.card(card, page))),
    }
