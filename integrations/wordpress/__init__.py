"""WordPress: the comments of a blog, read, answered and moderated; and posts."""

from __future__ import annotations

from bot.model.ids import NetworkName
from bot.speech.speech import marked
from integrations.definition import NetworkDefinition
from integrations.wordpress.settings import WordPressSettings

NETWORK: NetworkDefinition[WordPressSettings] = NetworkDefinition(
    name=NetworkName("wordpress"),
    title="WordPress",
    settings=WordPressSettings,
    about=marked("The comments of one blog: replies, moderation and posts."),
    steps=(
        marked("In WordPress, open Users > Profile of an Editor and find Application Passwords."),
        marked("Make one called replydesk and copy it: it is shown once."),
    ),
)
