"""States of cards: back from a snooze, in a digest, a first day, in shadow, with pictures."""

from __future__ import annotations

from dataclasses import replace

from bot.cards.card import Card, CardKind
from bot.model import commands as c
from bot.model.ids import HOUR, SECOND, CardToken, RemoteId
from bot.model.media import RemoteMedia
from bot.model.pace import Pace
from bot.services.settling_in import NamedChannel
from tests.fakes.desk_kit import COMPLAINT, DeskKit
from tests.unit.test_first_day import asks, first_days, press, sync
from tests.unit.test_peaks import CARE
from tests.unit.test_quiet import SPAM, hearts
from tests.unit.test_shadow import native

TEN = 10 * 60
"""Minutes of the day; the desk begins at 9:00 UTC."""
WITH_DIGESTS: NamedChannel = replace(CARE, pace=Pace((TEN,)))
FAR = "https://fakebook.example/tea.png"


def rolled_last(kit: DeskKit) -> Card:
    return [one.card for one in kit.chat.messages if one.card.kind is CardKind.PEAK][-1]


async def advertising(kit: DeskKit) -> CardToken:
    await hearts(kit, 3, SPAM)
    await kit.pass_time(30)
    return rolled_last(kit).key


async def snoozed_by_olga(kit: DeskKit) -> CardToken:
    card = await kit.card_of(await kit.comment())
    until = kit.clock.now() + HOUR
    assert (await kit.press("olga", card, c.Snooze, until)).is_done
    return card.key


async def back_from_a_snooze(kit: DeskKit) -> CardToken:
    await snoozed_by_olga(kit)
    await kit.pass_time(HOUR // SECOND + 1)
    return rolled_last(kit).key


async def item_back_from_a_snooze(kit: DeskKit) -> CardToken:
    await back_from_a_snooze(kit)
    return await kit.token_of(1)


async def item_whose_author_wrote_again(kit: DeskKit) -> CardToken:
    token = await snoozed_by_olga(kit)
    await kit.comment(COMPLAINT)
    return token


async def in_a_digest(kit: DeskKit) -> CardToken:
    """Of a channel that is told at ten."""
    for number in range(2):
        await kit.comment(thread_remote_id=RemoteId(f"t-{number}"))
    kit.clock.advance(HOUR / SECOND)
    await kit.work()
    return rolled_last(kit).key


async def digest_that_is_decided(kit: DeskKit) -> CardToken:
    token = await in_a_digest(kit)
    for number in (1, 2):
        assert (await kit.press("bob", await kit.card_of(number), c.NoReplyNeeded)).is_done
    await kit.pass_time(6 * 60)
    return token


async def first_day(kit: DeskKit) -> CardToken:
    replied = kit.incoming(
        "We are sorry.", by_us=True, remote_id=RemoteId("ours"), parent_remote_id=RemoteId("q0")
    )
    await sync(kit, *(asks(kit, number) for number in range(12)), replied)
    return first_days(kit)[0].key


async def first_day_opens(kit: DeskKit) -> CardToken:
    token = await first_day(kit)
    assert (await press(kit, "Answer the 11")).is_done
    await kit.pass_time(10)
    return token


async def first_day_put_off(kit: DeskKit) -> CardToken:
    token = await first_day(kit)
    assert (await press(kit, "Not now")).is_done
    return token


async def first_day_over(kit: DeskKit) -> CardToken:
    token = await first_day_opens(kit)
    await kit.pass_time(20 * 60)
    return token


async def item_in_shadow(kit: DeskKit) -> CardToken:
    assert (await kit.order("ada", c.Shadow("acme"))).is_done
    return await kit.token_of(await kit.comment())


async def approved_in_shadow(kit: DeskKit) -> CardToken:
    token = await item_in_shadow(kit)
    assert (await kit.press("bob", await kit.card(token), c.Approve)).is_done
    return token


async def recorded_in_shadow(kit: DeskKit) -> CardToken:
    token = await approved_in_shadow(kit)
    await kit.pass_time(60)
    return token


async def answered_beside_shadow(kit: DeskKit) -> CardToken:
    token = await recorded_in_shadow(kit)
    await kit.take(native(kit, "We are sorry."))
    await kit.work()
    return token


async def item_of_a_watch_only_account(kit: DeskKit) -> CardToken:
    assert (await kit.order("ada", c.WatchOnly("acme"))).is_done
    return await kit.token_of(await kit.comment())


async def post_that_does_not_leave_everywhere(kit: DeskKit) -> CardToken:
    """From one account it would be recorded, from the other nothing can be approved."""
    for command in (c.Shadow("acme"), c.WatchOnly("acme-two")):
        assert (await kit.order("ada", command)).is_done
    texts = (c.VariantText("acme", "Tea."), c.VariantText("acme-two", "Tea."))
    return CardToken((await kit.order("olga", c.ComposePost(texts, None))).note)


async def post_in_shadow(kit: DeskKit) -> CardToken:
    assert (await kit.order("ada", c.Shadow("acme"))).is_done
    order = c.ComposePost((c.VariantText("acme", "Tea."),), None)
    token = CardToken((await kit.order("olga", order)).note)
    assert (await kit.press("alice", await kit.card(token), c.Approve)).is_done
    await kit.pass_time(60)
    return token


async def with_a_picture(kit: DeskKit) -> CardToken:
    return await kit.token_of(await kit.comment(media=(RemoteMedia(FAR, "Tea"),)))


async def under_a_post_with_pictures(kit: DeskKit) -> CardToken:
    pictures = (RemoteMedia(FAR, "Tea"), RemoteMedia(FAR))
    return await kit.token_of(await kit.comment(thread_media=pictures))


async def with_sensitive_pictures(kit: DeskKit) -> CardToken:
    media = (RemoteMedia(FAR, "Tea", is_sensitive=True), RemoteMedia(FAR))
    return await kit.token_of(await kit.comment(media=media))


LATER = (
    advertising, back_from_a_snooze, item_back_from_a_snooze, item_whose_author_wrote_again,
    in_a_digest, digest_that_is_decided, first_day, first_day_opens, first_day_put_off,
    first_day_over, item_in_shadow, approved_in_shadow, recorded_in_shadow,
    answered_beside_shadow, item_of_a_watch_only_account, post_that_does_not_leave_everywhere,
    post_in_shadow, with_a_picture, under_a_post_with_pictures, with_sensitive_pictures,
)  # fmt: skip
