"""Where Bluesky is told that a text has mentions, links and tags: in bytes, cut as the app does."""

import pytest

from integrations.bluesky.facets import facets_of, handles_in

FAN = {"fan.test": "did:plc:fan"}


def _cut(text: str, dids: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """What each facet covers, and what it points to."""
    raw = text.encode()
    return [
        (
            raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            next(value for name, value in facet["features"][0].items() if name != "$type"),
        )
        for facet in facets_of(text, dids or {})
    ]


def test_offsets_count_bytes_and_not_characters() -> None:
    (facet,) = facets_of("👨‍👩‍👧‍👦 hi @fan.test", FAN)
    assert facet["index"] == {"byteStart": 29, "byteEnd": 38}
    assert facet["features"] == [{"$type": "app.bsky.richtext.facet#mention", "did": "did:plc:fan"}]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("@fan.test", [("@fan.test", "did:plc:fan")]),
        ("Thanks, @Fan.Test.", [("@Fan.Test", "did:plc:fan")]),
        ("(@fan.test)", [("@fan.test", "did:plc:fan")]),
        ("@nobody.test", []),
        ("mail me@fan.test", []),
        ("see https://a.example/x, or", [("https://a.example/x", "https://a.example/x")]),
        ("(https://a.example)", [("https://a.example", "https://a.example")]),
        ("https://a.example/b_(c)", [("https://a.example/b_(c)", "https://a.example/b_(c)")]),
        ("https://a.example/@fan.test", [("https://a.example/@fan.test",) * 2]),
        ("ftp://a.example", []),
        ("#cake!", [("#cake", "cake")]),
        ("#торт #2026 #2026a", [("#торт", "торт"), ("#2026a", "2026a")]),
        ("C#sharp #️⃣ # #!!", []),
        ("#" + "x" * 65, []),
    ],
)
def test_each_piece_is_cut_where_the_app_cuts_it(text: str, covered: list[tuple[str, str]]) -> None:
    assert _cut(text, FAN) == covered


def test_facets_stand_in_the_order_of_the_text() -> None:
    text = "#cake for @fan.test at https://a.example"
    assert [piece for piece, _ in _cut(text, FAN)] == [
        "#cake",
        "@fan.test",
        "https://a.example",
    ]


def test_handles_are_found_once_each_and_only_when_they_can_be_handles() -> None:
    assert handles_in("@fan.test, @fan.test and @olga or @a..b (@b.test.)") == (
        "fan.test",
        "b.test",
    )
