"""Names that the manifest and the listeners share."""

from __future__ import annotations

NEW_POST = "new_post"
REPLY = "reply_as_brand"
"""`callback_id` of each shortcut."""
