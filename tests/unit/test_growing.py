"""What several people complain of is found as one matter, in four languages, and told once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.detection.likeness import groups
from bot.model import commands as c
from bot.model.due import Lane
from bot.model.ids import RemoteId
from bot.model.incident import Alert, AlertKind, Severity
from bot.model.network import RemoteAuthor
from bot.model.signal import Stream
from bot.services.alarms import Alarming
from bot.services.growing import Growing, growing
from integrations.sandbox.voices import QUIET_LINES, STORY
from tests.fakes.desk_kit import DeskKit, desk_address
from tests.fakes.oncall_kit import OnCallKit, on_call, words

FAMILIES = (
    (
        "My tea box is full of mold",
        "The box of tea that came is full of mold!",
        "Mold in my tea box, the whole box",
    ),
    (
        "Il y a de la moisissure dans ma boîte de thé",
        "De la moisissure dans les boîtes de thé !",
        "Ma boîte de thé est pleine de moisissures",
    ),
    (
        "Ceaiul din cutie este mucegăit",
        "Cutia de ceai era mucegăită",
        "Am primit ceai mucegăit în cutie",
    ),
    (
        "В коробке с чаем плесень",
        "Чай в коробке заплесневел, плесень везде",
        "Плесень в коробках чая!",
    ),
)
LATE = (
    "My parcel never arrived, where is it?",
    "Where is my parcel? It never arrived!",
    "The parcel has never arrived. Where is it??",
)


def test_texts_that_say_the_same_in_other_endings_are_one_group() -> None:
    texts = [text for family in FAMILIES for text in family]
    assert groups(texts) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]


def test_what_customers_say_of_many_things_is_not_alike() -> None:
    texts = [text for _persona, text in QUIET_LINES] + [text for *_where, text in STORY]
    assert max(map(len, groups([one for one in texts if any(map(str.isalpha, one))]))) == 1


@pytest.fixture
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OnCallKit]:
    async with on_call(desk_address(request, tmp_path)) as found:
        yield found


async def said(kit: DeskKit, texts: Sequence[str], *, people: int = 9) -> None:
    for number, text in enumerate(texts):
        name = f"fan{number % people}"
        author = RemoteAuthor(RemoteId(name), name, name)
        await kit.take(kit.incoming(text, author=author))
    await kit.work(Lane.TRIAGE)


async def look(kit: DeskKit) -> tuple[Alert, ...]:
    found = await kit.read(lambda tx: growing(tx, kit.clock.now()))
    await kit.store.write(Growing(kit.rules.oncall).sound, found)
    return found


async def test_six_of_several_people_are_a_notice_with_their_words(desk: OnCallKit) -> None:
    kit = desk.kit
    await said(kit, (*LATE, LATE[0], LATE[1]))
    assert await look(kit) == ()
    await said(kit, ("Your shop charged me twice, I want my money back.", LATE[2]))
    await look(kit)
    [incident] = await desk.incidents()
    assert (incident.kind, incident.severity) == (AlertKind.COMPLAINTS, Severity.NOTICE)
    assert incident.count == 6
    card = words(await desk.card())
    assert "parcel" in card
    assert "charged me twice" not in card
    await kit.work()
    assert desk.direct("bob") == []


async def test_one_person_who_repeats_themselves_is_no_crowd(desk: OnCallKit) -> None:
    await said(desk.kit, LATE * 4, people=2)
    assert await look(desk.kit) == ()


async def test_it_goes_on_as_one_incident_and_is_not_told_again_when_it_is_over(
    desk: OnCallKit,
) -> None:
    kit = desk.kit
    await said(kit, LATE * 2)
    await look(kit)
    await said(kit, LATE * 4)
    await look(kit)
    [incident] = await desk.incidents()
    assert incident.count == 18
    assert (await kit.press("bob", await desk.card(), c.Resolve)).is_done
    await look(kit)
    assert await desk.incidents() == []
    await said(kit, LATE * 7)
    await look(kit)
    [again] = await desk.incidents()
    assert again.id != incident.id


async def test_what_an_open_incident_says_already_joins_it(desk: OnCallKit) -> None:
    kit = desk.kit
    await said(kit, LATE[:1])
    brand = (await kit.account_now()).brand_id
    item = await kit.id_of("c1")
    rise = Alert(
        brand, AlertKind.COMPLAINTS, "complaints", Severity.HIGH, (item,), count=40, expected=1.0,
        minutes=15,
    )  # fmt: skip
    await kit.do(lambda tx: Alarming(kit.rules.oncall).sound(tx, [rise]))
    await said(kit, LATE * 3)
    await look(kit)
    [incident] = await desk.incidents()
    assert (incident.cause, incident.count) == ("complaints", 40)


async def test_more_is_needed_where_many_complain_anyway(desk: OnCallKit) -> None:
    kit = desk.kit
    brand = (await kit.account_now()).brand_id
    season = {"level": 1.0, "profile": [1.0] * 24, "seen": 900}
    state = {"detector": {"closed": 900, "season": season, "last_bucket": 1}}

    await kit.do(lambda tx: tx.signals.keep_watches([((brand, None, Stream.COMPLAINTS), state)]))
    await said(kit, LATE * 3)
    assert await look(kit) == ()
    await said(kit, LATE)
    assert len(await look(kit)) == 1
