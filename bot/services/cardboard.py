"""The cardboard: reads what a card shows and draws it, always from committed state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.cards.card import Card, CardKind
from bot.cards.crisis_view import crisis_card
from bot.cards.facts import (
    CrisisFacts,
    FirstDayFacts,
    GoalFacts,
    HandOverFacts,
    HoldFacts,
    IncidentFacts,
    ItemFacts,
    PeakFacts,
    PostFacts,
    QuestionFacts,
    QuietFacts,
    ReminderFacts,
    StatementFacts,
    UpdateFacts,
)
from bot.cards.first_day_view import first_day_card
from bot.cards.goal_view import goal_card, most_shown
from bot.cards.hand_over_view import hand_over_card
from bot.cards.hold_view import hold_card
from bot.cards.incident_view import incident_card
from bot.cards.peak_view import peak_card
from bot.cards.post_view import post_card
from bot.cards.question_view import question_card
from bot.cards.quiet_view import quiet_card
from bot.cards.reminder_view import reminder_card
from bot.cards.statement_view import statement_card
from bot.cards.update_view import update_card
from bot.cards.views import item_card
from bot.model.approval import ApprovalSubject
from bot.model.ids import (
    MINUTE,
    AccountId,
    CardId,
    Moment,
    PeakId,
    PostId,
    PromiseId,
    QuestionId,
    StatementId,
)
from bot.model.member import Tongue
from bot.model.network import Capability
from bot.model.peak import Peak, RollKind
from bot.model.publication import OutgoingText
from bot.ports import Connector
from bot.services import goals, reminding
from bot.services.crisis_facts import crisis_facts, update_facts
from bot.services.deciding import DeskRules
from bot.services.editing import editor_of
from bot.services.first_day_facts import first_day_facts
from bot.services.hand_over_facts import hand_over_facts
from bot.services.hold_facts import hold_facts
from bot.services.incident_facts import incident_facts
from bot.services.item_facts import item_facts
from bot.services.lines import Lines
from bot.services.member_pace import mentions_of
from bot.services.policing import in_force
from bot.services.question_facts import question_facts
from bot.services.reason_words import words_of_rule
from bot.store.cards import CardRow
from bot.store.tx import Tx

_SEED = b"\0" * 16
ON_PAGE = 6
"""Items on a page of what needs no reply."""
_APART = frozenset(CardKind) - {CardKind.ITEM, CardKind.ACCOUNT}


Facts = (
    ItemFacts
    | PostFacts
    | PeakFacts
    | GoalFacts
    | ReminderFacts
    | QuietFacts
    | FirstDayFacts
    | HandOverFacts
    | IncidentFacts
    | CrisisFacts
    | HoldFacts
    | StatementFacts
    | UpdateFacts
    | QuestionFacts
)
"""What a card is drawn from, in any language."""


_DRAWN: Mapping[type[Facts], Callable[[Any], Card]] = {
    ItemFacts: item_card,
    PostFacts: post_card,
    PeakFacts: peak_card,
    IncidentFacts: incident_card,
    CrisisFacts: crisis_card,
    HoldFacts: hold_card,
    StatementFacts: statement_card,
    UpdateFacts: update_card,
    QuestionFacts: question_card,
    QuietFacts: quiet_card,
    GoalFacts: goal_card,
    ReminderFacts: reminder_card,
    FirstDayFacts: first_day_card,
    HandOverFacts: hand_over_card,
}


def draw(
    tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment, tongue: Tongue
) -> Card:
    return draw_all(tx, [card], lines, rules, now, tongue)[card.id]


def draw_all(
    tx: Tx, cards: Sequence[CardRow], lines: Lines, rules: DeskRules, now: Moment, tongue: Tongue
) -> dict[CardId, Card]:
    facts = facts_of(tx, cards, lines, rules, now)
    return {key: drawn(of_it, tongue) for key, of_it in facts.items()}


def facts_of(
    tx: Tx, cards: Sequence[CardRow], lines: Lines, rules: DeskRules, now: Moment
) -> dict[CardId, Facts]:
    of_items = [card for card in cards if card.kind not in _APART]
    items = item_facts(tx, of_items, lines, rules, now) if of_items else []
    facts: dict[CardId, Facts] = {
        card.id: of_it for card, of_it in zip(of_items, items, strict=True)
    }
    for card in cards:
        if card.kind is CardKind.POST:
            facts[card.id] = _post_facts(tx, card, lines, rules, now)
        elif card.kind is CardKind.PEAK:
            facts[card.id] = _rolling_facts(tx, card, lines, rules, now)
        elif card.kind is CardKind.INCIDENT:
            facts[card.id] = incident_facts(tx, card, lines, rules.oncall, rules.watch, now)
        elif card.kind is CardKind.CRISIS:
            facts[card.id] = crisis_facts(tx, card, rules, now)
        elif card.kind is CardKind.HOLD:
            facts[card.id] = hold_facts(tx, card, now)
        elif card.kind is CardKind.STATEMENT:
            facts[card.id] = _statement_facts(tx, card, now)
        elif card.kind is CardKind.UPDATE:
            facts[card.id] = update_facts(tx, card)
        elif card.kind is CardKind.QUESTION:
            facts[card.id] = question_facts(tx, card)
    return facts


def drawn(facts: Facts, tongue: Tongue) -> Card:
    if facts.tongue != tongue:
        facts = replace(facts, tongue=tongue)
    return _DRAWN[type(facts)](facts)


def _statement_facts(tx: Tx, card: CardRow, now: Moment) -> StatementFacts:
    statement = tx.holding.get(StatementId(card.subject_id))
    approver = statement.approved_by
    return StatementFacts(
        token=card.token,
        revision=card.revision,
        statement=statement,
        owner=tx.people.get(statement.owner_id),
        approved_by=None if approver is None else tx.people.get(approver),
        now=now,
    )


def _post_facts(tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment) -> PostFacts:
    post = tx.posts.get(PostId(card.subject_id))
    accounts = {
        variant.account_id: tx.accounts.get(variant.account_id) for variant in post.variants
    }
    lengths = {}
    for variant in post.variants:
        line = lines.of(variant.account_id)
        if line is not None:
            outgoing = OutgoingText(
                variant.text, post.slot or post.created_at, _SEED, media=post.media
            )
            lengths[variant.id] = line.prepare(outgoing).length
    translations = tx.post_translations.of([post.id]) if rules.translates else {}
    variants = [variant.id for variant in post.variants]
    yeses = [
        len(tx.drafts.approvals(ApprovalSubject.POST, variant, post.revision))
        for variant in variants
    ]
    return PostFacts(
        token=card.token,
        revision=card.revision,
        post=post,
        author=tx.people.get(post.author_id),
        places={key: (one.name or one.slug, lines.title(one)) for key, one in accounts.items()},
        lengths=lengths,
        publications=tx.publications.latest_of_variants(variants),
        policy=in_force(tx, post.brand_id, rules.policies)[ApprovalSubject.POST],
        approvals=min(yeses, default=0),
        editor=editor_of(tx, card, now),
        now=now,
        watch_only=frozenset(key for key, one in accounts.items() if one.is_watch_only),
        shadow=frozenset(key for key, one in accounts.items() if one.is_shadow),
        languages={one.text: rules.language_of(one.text) for one in post.variants},
        translations=translations.get(post.id, {}),
    )


def _rolling_facts(
    tx: Tx, card: CardRow, lines: Lines, rules: DeskRules, now: Moment
) -> PeakFacts | GoalFacts | QuietFacts | FirstDayFacts | HandOverFacts | ReminderFacts:
    peak = tx.peaks.get(PeakId(card.subject_id))
    match peak.rolling.kind:
        case RollKind.PEAK:
            return _peak_facts(tx, card, peak, lines, now)
        case RollKind.QUIET | RollKind.SPAM:
            return _quiet_facts(tx, card, peak, lines)
        case RollKind.PAST:
            return first_day_facts(tx, card, peak, lines)
        case RollKind.HAND_OVER:
            return hand_over_facts(tx, card, peak, now)
        case RollKind.APPROVAL:
            return _reminder_facts(tx, card, peak, rules, now)
        case _:
            return _goal_facts(tx, card, peak, rules)


def _quiet_facts(tx: Tx, card: CardRow, peak: Peak, lines: Lines) -> QuietFacts:
    account = tx.accounts.get(AccountId(peak.rolling.about))
    line = lines.of(account.id)
    waiting = tx.peaks.count_quiet(peak.id)
    pages = max(1, -(-waiting // ON_PAGE))

    def can(capability: Capability) -> bool:
        return not account.lets_nothing_leave and _can(line, capability)

    page = min(peak.page, pages)
    reasons: Counter[str] = Counter()
    for rule, count in tx.peaks.quiet_reasons(peak.id).items():
        reasons[words_of_rule(rule)] += count
    return QuietFacts(
        token=card.token,
        revision=card.revision,
        peak=peak,
        account_name=account.name or account.slug,
        network=lines.title(account),
        waiting=waiting,
        reasons=tuple(reasons.most_common()),
        shown=tuple(tx.peaks.quiet_page(peak.id, ON_PAGE, (page - 1) * ON_PAGE)),
        page=page,
        pages=pages,
        can_like=can(Capability.LIKE),
        can_hide=can(Capability.HIDE),
        is_shadow=account.is_shadow,
        is_watch_only=account.is_watch_only,
        bulks=tuple(tx.bulks.running(peak.id)),
    )


def _reminder_facts(
    tx: Tx, card: CardRow, peak: Peak, rules: DeskRules, now: Moment
) -> ReminderFacts:
    post = tx.posts.get(PostId(peak.rolling.about))
    called = () if peak.ended_at else reminding.called(tx, rules, post, now)
    return ReminderFacts(
        token=card.token,
        revision=card.revision,
        post=post,
        is_over=peak.ended_at is not None,
        called=tuple((one, tuple(tx.people.identities(one.id))) for one in called),
    )


def _goal_facts(tx: Tx, card: CardRow, peak: Peak, rules: DeskRules) -> GoalFacts:
    clusters = tx.peaks.clusters(peak.id)
    called = goals.called(tx, rules.goals, peak.brand_id, peak.rolling)
    return GoalFacts(
        token=card.token,
        revision=card.revision,
        peak=peak,
        awaited=tuple(tx.goals.awaited(peak.id, most_shown(peak))),
        total=sum(one.count for one in clusters),
        waiting=sum(one.undecided for one in clusters),
        called=tuple((one, mentions_of(tx, one, tx.now())) for one in called),
        question=_question(tx, peak),
        clusters=tuple(clusters) if peak.rolling.kind is RollKind.DIGEST else (),
    )


def _question(tx: Tx, peak: Peak) -> str:
    if peak.rolling.kind is RollKind.PROMISED:
        made = tx.promises.maybe(PromiseId(peak.rolling.about))
        return "" if made is None else made.text
    if peak.rolling.kind is not RollKind.ASKED:
        return ""
    return tx.questions.get(QuestionId(peak.rolling.about)).text


def _peak_facts(tx: Tx, card: CardRow, peak: Peak, lines: Lines, now: Moment) -> PeakFacts:
    accounts = tx.accounts.of_brand(peak.brand_id)
    silent = [one for one in accounts if one.lets_nothing_leave]
    met = tx.peaks.accounts(peak.id) if silent else frozenset()
    threads = tx.peaks.threads(peak.id)
    return PeakFacts(
        token=card.token,
        revision=card.revision,
        peak=peak,
        clusters=tuple(tx.peaks.clusters(peak.id)),
        threads=tuple((one.title, one.count, one.first) for one in threads),
        last_minute=tx.peaks.joined_since(peak.id, now - MINUTE),
        bulks=tuple(tx.bulks.running(peak.id)),
        can_hide=any(
            _can(lines.of(one.id), Capability.HIDE)
            for one in accounts
            if not one.lets_nothing_leave
        ),
        can_answer=any(
            _can(lines.of(one.id), Capability.REPLY) for one in accounts if not one.is_watch_only
        ),
        silent=tuple(one.name or one.slug for one in silent if one.id in met),
    )


def _can(line: Connector | None, capability: Capability) -> bool:
    return line is not None and line.capabilities.why_not(capability) is None
