"""What is said can be searched: folded words of each item, indexed by the database's own means.

SQLite has FTS5, kept by triggers over the table of words; PostgreSQL an index on their `tsvector`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0142"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FTS = (
    "CREATE VIRTUAL TABLE search_fts USING fts5("
    "words, content='search_text', content_rowid='item_id', tokenize='unicode61', detail=none)",
    "CREATE TRIGGER search_text_added AFTER INSERT ON search_text BEGIN "
    "INSERT INTO search_fts(rowid, words) VALUES (new.item_id, new.words); END",
    "CREATE TRIGGER search_text_gone AFTER DELETE ON search_text BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, words) "
    "VALUES ('delete', old.item_id, old.words); END",
    "CREATE TRIGGER search_text_changed AFTER UPDATE ON search_text BEGIN "
    "INSERT INTO search_fts(search_fts, rowid, words) "
    "VALUES ('delete', old.item_id, old.words); "
    "INSERT INTO search_fts(rowid, words) VALUES (new.item_id, new.words); END",
)


def upgrade() -> None:
    op.create_table(
        "search_text",
        sa.Column(
            "item_id",
            _ID,
            sa.ForeignKey("item.id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("brand_id", _ID, sa.ForeignKey("brand.id"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_table(
        "search_progress",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("below", sa.BigInteger(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in _FTS:
            op.execute(statement)
    else:
        op.execute(
            "CREATE INDEX ix_search_text_words ON search_text "
            "USING gin (to_tsvector('simple', words))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_fts")
    op.drop_table("search_progress")
    op.drop_table("search_text")
