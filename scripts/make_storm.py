"""The storm that comes with the desk, made anew: `python -m scripts.make_storm`.

Comments in four languages whose rate grows as that of a complaint which spreads, with a few that
allege harm, questions that have nothing to do with it, baits and a threat. Equal seeds make equal
files.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "prompts" / "drills" / "poisoned-tea.jsonl"
COMMENTS = 48
MINUTES = 12
HEAD: dict[str, Any] = {
    "drill": "Poisoned tea",
    "minutes": 20,
    "acknowledge_minutes": 3,
    "statement_minutes": 12,
    "banned": ["guarantee", "garantie", "garanție", "гарантируем", "our lawyers", "fake news"],
    "statements": [
        {"name": "recall", "language": "en",
         "text": "We take this very seriously and are looking into it now. Please stop drinking "
         "the tea until we know more; we will say more here by noon."},
        {"name": "recall", "language": "fr",
         "text": "Nous prenons cela très au sérieux et vérifions en ce moment même. Ne buvez plus "
         "ce thé d'ici là ; nous en dirons plus ici avant midi."},
        {"name": "recall", "language": "ro",
         "text": "Luăm asta foarte în serios și verificăm chiar acum. Vă rugăm să nu mai beți "
         "ceaiul până aflăm mai multe; revenim aici până la prânz."},
        {"name": "recall", "language": "ru",
         "text": "Мы относимся к этому очень серьёзно и уже проверяем. Пожалуйста, не пейте этот "
         "чай, пока мы не узнаем больше; напишем здесь до полудня."},
    ],
}  # fmt: skip
HARM = (
    "My son was poisoned by your tea, he is in hospital.",
    "Mon fils est à l'hôpital à cause de votre thé.",
    "Copilul meu a ajuns la spital după ceaiul vostru.",
    "Мой сын попал в больницу после вашего чая.",
)
WORRIED = (
    "I drank it this morning. Is it safe? Please answer.",
    "Is the green tea affected too? We have three boxes at home.",
    "My order from Monday, should I throw it away? I want my money back.",
    "J'en ai bu hier soir, est-ce dangereux ?",
    "Quels lots sont concernés ? Personne ne répond au téléphone.",
    "Am băut azi dimineață. Este periculos?",
    "Îmi dați banii înapoi pentru cele două cutii?",
    "Я пила его вчера. Это опасно?",
    "Какие партии надо выбросить? Ответьте, пожалуйста.",
)
BAITS = (
    "Killers. All of you. lol",
    "You will hear from my lawyer, I sue you for everything.",
    "Ce rușine, niște hoți!",
    "Bande d'assassins !",
)
OTHERS = (
    "Where is my parcel? It was due on Friday.",
    "Do you ship to Norway?",
    "Quand le rooibos revient-il en stock ?",
    "Love the new tin!",
)
NAMES = ("Maya", "Tom", "Grace", "Camille", "Hugo", "Ioana", "Andrei", "Katya", "Dima", "Elif")


def storm(chance: random.Random) -> Iterator[dict[str, Any]]:
    yield HEAD
    for place in range(COMMENTS):
        # the rate doubles about every three minutes
        at = MINUTES * 60 * (place / COMMENTS) ** 0.55
        text, expects = _said(place, chance)
        who = f"{chance.choice(NAMES)} {chr(65 + place % 26)}."
        followers = int(chance.paretovariate(0.9) * 60)
        yield {"at": round(at, 1), "author": who, "text": text, "followers": followers} | (
            {"expects": expects} if expects else {}
        )


def _said(place: int, chance: random.Random) -> tuple[str, str]:
    if place % 11 == 1:
        return HARM[place // 11 % len(HARM)], "answer"
    if place % 9 == 5:
        return BAITS[place // 9 % len(BAITS)], "silence"
    if place % 7 == 0:
        return OTHERS[place // 7 % len(OTHERS)], ""
    return chance.choice(WORRIED), "answer"


def main() -> None:
    rows = [json.dumps(row, ensure_ascii=False) for row in storm(random.Random(44))]
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
