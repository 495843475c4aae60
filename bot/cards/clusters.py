"""What many comments say, by the kind of thing they say, each with a few of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.card import Bold, Link, Text, Untrusted
from bot.cards.labels import spoken_label
from bot.model.peak import Cluster, Sample
from bot.model.text import excerpt
from bot.speech.speech import Speech


def told_clusters(
    speech: Speech, clusters: Sequence[Cluster]
) -> Iterator[Bold | Text | Untrusted | Link]:
    for place, cluster in enumerate(clusters):
        if place:
            yield Text("\n\n")
        yield Bold(f"{spoken_label(speech, cluster.label)} ({cluster.count})")
        for sample in cluster.samples:
            yield Text("\n")
            yield from _told(sample)


def _told(sample: Sample) -> Iterator[Text | Untrusted | Link]:
    author = excerpt(sample.author, 40)
    yield Link(author, sample.permalink) if sample.permalink else Untrusted(author)
    yield Text(": ")
    yield Untrusted(excerpt(sample.text, 120))
