"""What an item answers, our own posts' words, and native replies by their number.

The state of a conversation goes: its items say how they stand.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.migrations.columns import ID, words

revision = "0120"
down_revision = "0112"
branch_labels = None
depends_on = None

_OUR_POSTS = """
UPDATE conversation SET post_text = publication.text, post_link = publication.permalink
FROM publication
WHERE publication.variant_id IS NOT NULL
  AND publication.account_id = conversation.account_id
  AND publication.remote_id = conversation.root_remote_id
"""


def upgrade() -> None:
    op.drop_column("conversation", "state")
    op.add_column("conversation", words("post_text"))
    op.add_column("conversation", words("post_link"))
    op.execute(_OUR_POSTS)
    op.add_column("item", sa.Column("native_reply_id", sa.Text(), nullable=True))
    op.add_column("item", words("native_reply_text"))
    op.add_column("item", sa.Column("follows_id", ID, nullable=True))
    where = sa.text("native_reply_id IS NOT NULL")
    op.create_index(
        "ix_item_native_reply_id",
        "item",
        ["account_id", "native_reply_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_item_native_reply_id", "item")
    for column in ("follows_id", "native_reply_text", "native_reply_id"):
        op.drop_column("item", column)
    for column in ("post_link", "post_text"):
        op.drop_column("conversation", column)
    state = sa.Column("state", sa.String(length=20), server_default="new", nullable=False)
    op.add_column("conversation", state)
