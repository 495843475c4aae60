"""`replydesk init`: what it asks becomes a configuration that loads, and never holds a secret."""

from __future__ import annotations

from bot.cli.opening import known_networks
from bot.config import Settings, load
from bot.model.member import Role
from bot.model.text import slugified
from tests.unit.cli_case import Desk

ALONE = ('Café "Noir" \\ x', "", "en, fr", "Europe/Paris", "Ann Bee", "")
BLOG = ("wordpress", "", "https://blog.example.com", "ann", "")


def loaded(desk: Desk) -> Settings:
    return load(desk.folder / "replydesk.toml", known_networks(), {})


def test_one_person_gets_a_configuration_that_loads(desk: Desk) -> None:
    desk.say(*ALONE, *BLOG, "")
    said = desk.run("init")
    assert said.code == 0
    settings = loaded(desk)
    (brand,) = settings.brands
    assert (brand.name, brand.slug) == ('Café "Noir" \\ x', "cafe-noir-x")
    assert (brand.languages, brand.zone) == (("en", "fr"), "Europe/Paris")
    assert [(m.slug, m.role) for m in brand.members] == [("ann-bee", Role.ADMIN)]
    assert settings.policies.solo_team is True
    assert brand.accounts[0].settings == {
        "url": "https://blog.example.com",
        "user": "ann",
        "application_password": {"env": "CAFE_NOIR_X_WORDPRESS_APPLICATION_PASSWORD"},
    }
    assert "CAFE_NOIR_X_WORDPRESS_APPLICATION_PASSWORD" in said.out


def test_a_team_keeps_four_eyes(desk: Desk) -> None:
    desk.say("Acme", "", "", "", "Ann", "Ann", "boss", "manager", "", "")
    assert desk.run("init").code == 0
    settings = loaded(desk)
    assert settings.policies.solo_team is False
    assert [m.slug for m in settings.brands[0].members] == ["ann", "ann-2"]


def test_a_file_is_never_replaced(desk: Desk) -> None:
    desk.write("mine")
    said = desk.run("init")
    assert (said.code, "never replaces" in said.err) == (2, True)
    assert (desk.folder / "replydesk.toml").read_text("utf-8") == "mine"


def test_a_pasted_secret_is_not_taken_for_a_name(desk: Desk) -> None:
    secret = "abcd efgh 1234 mnop qrst uvwx"
    desk.say(*ALONE, *BLOG[:-1], secret, "BLOG_PASSWORD", "")
    said = desk.run("init")
    assert said.code == 0
    assert secret not in said.out + said.err
    assert secret not in (desk.folder / "replydesk.toml").read_text("utf-8")


def test_a_wrong_answer_is_asked_again(desk: Desk) -> None:
    wrong = ("wordpres", "wordpress", "", "blog", "ann", "", "https://blog.example.com", "ann", "")
    desk.say(
        "", "Acme", "A B", "acme", "english", "en", "Paris", "Europe/Paris", "Ann", "", *wrong, ""
    )
    said = desk.run("init")
    assert said.code == 0
    assert "url: write a whole address" in said.out
    assert loaded(desk).brands[0].accounts[0].settings["url"] == "https://blog.example.com"


def test_when_nobody_answers_nothing_is_written(desk: Desk) -> None:
    desk.say("Acme")
    said = desk.run("init")
    assert (said.code, "nobody to answer" in said.err) == (2, True)
    assert list(desk.folder.iterdir()) == []


def test_a_short_name_is_made_of_any_name() -> None:
    assert slugified("Café Noir & Co.") == "cafe-noir-co"
    assert slugified("Чай") == "desk"
    assert len(slugified("a" * 200)) == 60
