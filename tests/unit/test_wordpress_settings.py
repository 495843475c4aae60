"""What a team may write down, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.model.account import SecretRef
from integrations.plain_text import escaped, plain_text
from integrations.wordpress.settings import WordPressSettings

GOOD = {
    "url": "https://blog.example.com",
    "user": "desk",
    "application_password": {"env": "BLOG_PASSWORD"},
}


def test_a_password_is_a_reference() -> None:
    settings = WordPressSettings.model_validate(GOOD)
    assert settings.application_password == SecretRef(env="BLOG_PASSWORD")


@pytest.mark.parametrize(
    "change",
    [
        {"url": "blog.example.com"},
        {"url": "file:///etc/passwd"},
        {"user": ""},
        {"application_password": "abcd efgh"},
        {"pasword": "x"},
        {"timeout_seconds": 0},
    ],
)
def test_what_cannot_work_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WordPressSettings.model_validate({**GOOD, **change})


@given(st.text())
def test_no_markup_is_too_broken_to_be_read(markup: str) -> None:
    plain_text(markup)
    plain_text(f"<p {markup}><![{markup}</p>&{markup};<!-- {markup}")


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])))
def test_every_text_survives_escaping_and_reading(text: str) -> None:
    assert plain_text(escaped(text)) == text
