"""Items; their authors and conversations are reached through them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import bindparam, false, func, or_, select, update

from bot.model.ids import (
    AccountId,
    AuthorId,
    BrandId,
    ConversationId,
    ItemId,
    MemberId,
    Moment,
    RemoteId,
)
from bot.model.item import (
    ITEM_MACHINE,
    UNDECIDED,
    Author,
    Item,
    ItemKind,
    ItemState,
    NativeReply,
    ReplyClock,
)
from bot.model.label import ByHand
from bot.model.media import PostPicture, RemoteMedia
from bot.model.publication import ReplyTarget
from bot.model.triage import Triage
from bot.store.among import among
from bot.store.authors import Authors
from bot.store.by_hand import by_hand_from_json, by_hand_to_json
from bot.store.by_keys import ByKeys
from bot.store.connection import Connection
from bot.store.conversations import Conversations, picture_of
from bot.store.schema import author, conversation, item
from bot.store.statement import Statement
from bot.store.stored_triage import triage_from_json, triage_to_json
from bot.store.upsert import Upsert

_THIS = item.c.id == bindparam("id")
_GET = Statement(select(item).where(_THIS))
_SOME = ByKeys(select(item), item.c.id)
_WHOLE = ByKeys(
    select(
        item,
        conversation.c.root_remote_id.label("thread_remote_id"),
        conversation.c.title.label("thread_title"),
        conversation.c.post_text,
        conversation.c.post_link,
        conversation.c.post_picture,
        author.c.remote_id.label("author_remote_id"),
        author.c.handle.label("author_handle"),
        author.c.display_name.label("author_display_name"),
        author.c.url.label("author_url"),
        author.c.followers.label("author_followers"),
    )
    .join(author, author.c.id == item.c.author_id)
    .join(conversation, conversation.c.id == item.c.conversation_id),
    item.c.id,
)
_TRIAGE = Statement(select(item.c.triage).where(_THIS))
_NATIVE_REPLY = Statement(select(item.c.native_reply).where(_THIS))
_KNOWN = ByKeys(
    select(item).where(item.c.account_id == bindparam("account_id")),
    item.c.remote_id,
    is_second=True,
)
_CAME = Statement(
    select(item.c.id)
    .where(
        item.c.brand_id == bindparam("brand_id"),
        item.c.received_at >= bindparam("since"),
        item.c.received_at < bindparam("until"),
        item.c.state != ItemState.MUTED.value,
    )
    .order_by(item.c.id)
)
_OF_AUTHOR = Statement(
    select(item.c.id)
    .where(item.c.author_id == bindparam("author_id"))
    .order_by(item.c.id.desc())
    .limit(bindparam("limit"))
)
_STATES = Statement(
    select(item.c.state, func.count())
    .where(item.c.brand_id == bindparam("brand_id"))
    .group_by(item.c.state)
)
_ADD = Upsert(
    item, lambda added: added.on_conflict_do_nothing().returning(item.c.id, item.c.remote_id)
)
_UNDECIDED_OF = Statement(
    select(item.c.id)
    .where(
        item.c.brand_id == bindparam("brand_id"),
        item.c.assignee_id == bindparam("member_id"),
        among(item.c.state, "states"),
    )
    .order_by(item.c.id)
)
_SNOOZED_OF = ByKeys(select(item).where(item.c.snoozed_until.is_not(None)), item.c.author_id)
_SET = Statement(update(item).where(item.c.id == bindparam("b_id")))
_WAITS = frozenset({ItemState.NEW, ItemState.OPEN, ItemState.ANSWERING})
"""Whoever wrote it waits; in any other state nobody is told that it is late."""


def _sources(new: ItemState) -> Collection[ItemState]:
    """Whatever may move there by what the desk does: only its author brings back what is gone."""
    return ITEM_MACHINE.sources(new) - {ItemState.GONE}


_MOVE = {
    new: Statement(
        update(item)
        .where(
            among(item.c.id, "b_ids"),
            or_(false(), *(item.c.state == source.value for source in _sources(new))),
        )
        .values(state=new.value, **({} if new in _WAITS else {"tell_at": None}))
    )
    for new in ItemState
}
_BRING_BACK = Statement(
    update(item)
    .where(item.c.id == bindparam("b_id"), item.c.state == ItemState.GONE.value)
    .values(state=ItemState.OPEN.value)
)
_ANSWERING = Statement(
    _MOVE[ItemState.ANSWERING].core.values(
        native_reply=None, native_reply_id=None, native_reply_text=""
    )
)
_ANSWERED = Statement(
    _MOVE[ItemState.ANSWERED].core.values(
        answered_at=func.coalesce(item.c.answered_at, bindparam("b_at"))
    )
)


@dataclass(frozen=True, slots=True)
class WholeItem:
    """An item with everything that is shown around it."""

    item: Item
    author: Author
    triage: Triage | None
    thread_remote_id: RemoteId
    thread_title: str
    native_reply: NativeReply | None
    post_text: str = ""
    """What the post of ours says that it stands under; empty where it is not ours."""
    post_link: str = ""
    post_picture: PostPicture | None = None
    """Of the post it stands under, whosever that is."""

    @property
    def reply_target(self) -> ReplyTarget:
        return ReplyTarget(
            remote_id=self.item.remote_id,
            thread_remote_id=self.thread_remote_id,
            author_remote_id=self.author.remote_id,
            author_handle=self.author.handle,
            hints=self.item.hints,
        )


class Items:
    def __init__(self, connection: Connection) -> None:
        self._c = connection
        authors, conversations = Authors(connection), Conversations(connection)
        self.author = authors.get
        self.authors_named = authors.named
        self.some_authors = authors.some
        self.known_authors = authors.known
        self.save_authors = authors.save
        self.conversation_title = conversations.title
        self.save_conversations = conversations.save
        self.watched_threads = conversations.latest_roots
        self.watch_thread = conversations.watch
        self.picture_threads = conversations.picture

    def came(self, brand_id: BrandId, since: Moment, until: Moment) -> list[ItemId]:
        """What came from `since` to before `until`, without the backlog of a first sync."""
        terms = {"brand_id": brand_id, "since": since, "until": until}
        return [ItemId(r.id) for r in self._c.execute(_CAME, terms)]

    def known(self, account_id: AccountId, ids: Sequence[RemoteId]) -> dict[RemoteId, Item]:
        rows = _KNOWN.rows(self._c, ids, {"account_id": account_id})
        return {RemoteId(r.remote_id): item_of(r) for r in rows}

    def add(self, rows: Sequence[Mapping[str, Any]]) -> dict[RemoteId, ItemId]:
        """Insert new items of one account; maps by natural key, not by order.

        One that another transaction stored meanwhile is not in the answer.
        """
        if not rows:
            return {}
        made = self._c.execute(_ADD[self._c.dialect.name], list(rows)).all()
        return {RemoteId(r.remote_id): ItemId(r.id) for r in made}

    def get(self, item_id: ItemId) -> Item:
        return item_of(self._c.execute(_GET, {"id": item_id}).one())

    def maybe(self, item_id: ItemId) -> Item | None:
        row = self._c.execute(_GET, {"id": item_id}).one_or_none()
        return None if row is None else item_of(row)

    def some(self, ids: Collection[ItemId]) -> dict[ItemId, Item]:
        """Those of these that there are."""
        return {ItemId(r.id): item_of(r) for r in _SOME.rows(self._c, ids, {})}

    def whole(self, item_id: ItemId) -> WholeItem | None:
        return self.wholes([item_id]).get(item_id)

    def wholes(self, ids: Collection[ItemId]) -> dict[ItemId, WholeItem]:
        """Those of these that there are."""
        return {ItemId(r.id): _whole(r) for r in _WHOLE.rows(self._c, ids, {})}

    def edit(self, found: Item, text: str, media: Sequence[RemoteMedia]) -> None:
        """The author changed it: what was drafted for the old text is void."""
        self._set(found.id, text=text, revision=found.revision + 1, media=media_json(media))

    def set_state(self, item_id: ItemId, new: ItemState) -> bool:
        """Move along the machine; False when it cannot be reached from where the item is."""
        return self.set_states([item_id], new) == 1

    def set_states(self, ids: Sequence[ItemId], new: ItemState) -> int:
        """Move all that can be moved there; how many they were."""
        return self._c.execute(_MOVE[new], {"b_ids": list(ids)}).rowcount if ids else 0

    def bring_back(self, item_id: ItemId) -> None:
        """What was deleted on the network is there again, and open."""
        self._c.execute(_BRING_BACK, {"b_id": item_id})

    def begin_answer(self, item_id: ItemId) -> bool:
        """A reply to it is on its way, beside what was answered on the network before."""
        return self._c.execute(_ANSWERING, {"b_ids": [item_id]}).rowcount == 1

    def answer(self, item_id: ItemId, at: Moment) -> bool:
        """A reply to it stands on the network: nobody waits any more."""
        return self._c.execute(_ANSWERED, {"b_ids": [item_id], "b_at": at}).rowcount == 1

    def set_triage(self, item_id: ItemId, triage: Triage) -> None:
        self.set_triages({item_id: triage})

    def set_triages(self, found: Mapping[ItemId, Triage]) -> None:
        rows = [{"b_id": key, "triage": triage_to_json(one)} for key, one in found.items()]
        if rows:
            self._c.execute(_SET, rows)

    def triage(self, item_id: ItemId) -> Triage | None:
        raw = self._c.execute(_TRIAGE, {"id": item_id}).scalar()
        return None if raw is None else triage_from_json(raw)

    def assign(self, item_id: ItemId, member_id: MemberId | None) -> None:
        self._set(item_id, assignee_id=member_id)

    def undecided_of(self, brand_id: BrandId, member_id: MemberId) -> list[ItemId]:
        """What somebody has and nobody has decided, oldest first."""
        states = sorted(state.value for state in UNDECIDED)
        terms = {"brand_id": brand_id, "member_id": member_id, "states": states}
        return [ItemId(r.id) for r in self._c.execute(_UNDECIDED_OF, terms)]

    def of_author(self, author_id: AuthorId, limit: int) -> list[ItemId]:
        """Newest first."""
        terms = {"author_id": author_id, "limit": limit}
        return [ItemId(r.id) for r in self._c.execute(_OF_AUTHOR, terms)]

    def snooze(self, item_id: ItemId, until: Moment, member_id: MemberId) -> None:
        self._set(item_id, snoozed_until=until, snoozed_by=member_id)

    def wake(self, item_id: ItemId) -> None:
        """It is back from its snooze."""
        self._set(item_id, snoozed_until=None)

    def unsnooze(self, item_id: ItemId) -> None:
        """Nobody snoozes it, and nobody has."""
        self._set(item_id, snoozed_until=None, snoozed_by=None)

    def snoozed_of(self, authors: Collection[AuthorId]) -> list[Item]:
        """What these authors wrote and somebody snoozes."""
        return [item_of(r) for r in _SNOOZED_OF.rows(self._c, authors, {})]

    def set_by_hand(self, item_id: ItemId, labels: ByHand) -> None:
        self._set(item_id, by_hand=by_hand_to_json(labels))

    def set_asides(self, item_id: ItemId) -> None:
        """The team has said something about it in a table of its own."""
        self._set(item_id, has_asides=True)

    def mark(
        self, item_id: ItemId, *, liked: bool | None = None, hidden: bool | None = None
    ) -> None:
        values: dict[str, Any] = {}
        if liked is not None:
            values["is_liked"] = liked
        if hidden is not None:
            values["is_hidden"] = hidden
        self._set(item_id, **values)

    def set_native_reply(self, item_id: ItemId, reply: NativeReply) -> None:
        self._set(
            item_id,
            native_reply=reply.permalink,
            native_reply_id=reply.remote_id,
            native_reply_text=reply.text,
        )

    def native_reply(self, item_id: ItemId) -> str | None:
        """Permalink of a reply that was made on the network itself."""
        return self._c.execute(_NATIVE_REPLY, {"id": item_id}).scalar()

    def set_hints(self, item_id: ItemId, hints: Mapping[str, str]) -> None:
        self._set(item_id, hints=dict(hints))

    def states(self, brand_id: BrandId) -> dict[ItemState, int]:
        rows = self._c.execute(_STATES, {"brand_id": brand_id})
        return {ItemState(state): int(count) for state, count in rows}

    def _set(self, item_id: ItemId, **values: Any) -> None:
        self._c.execute(_SET, {"b_id": item_id, **values})


def media_json(media: Sequence[RemoteMedia]) -> list[dict[str, Any]]:
    return [asdict(picture) for picture in media]


def _whole(row: Any) -> WholeItem:
    found = item_of(row)
    return WholeItem(
        item=found,
        author=Author(
            id=found.author_id,
            account_id=found.account_id,
            remote_id=RemoteId(row.author_remote_id),
            handle=row.author_handle,
            display_name=row.author_display_name,
            url=row.author_url,
            followers=row.author_followers,
        ),
        triage=None if row.triage is None else triage_from_json(row.triage),
        thread_remote_id=RemoteId(row.thread_remote_id),
        thread_title=row.thread_title,
        native_reply=None
        if row.native_reply is None
        else NativeReply(
            RemoteId(row.native_reply_id or ""), row.native_reply, row.native_reply_text
        ),
        post_text=row.post_text,
        post_link=row.post_link,
        post_picture=picture_of(row.post_picture),
    )


def item_of(r: Any) -> Item:
    return Item(
        id=ItemId(r.id),
        brand_id=BrandId(r.brand_id),
        account_id=AccountId(r.account_id),
        conversation_id=ConversationId(r.conversation_id),
        author_id=AuthorId(r.author_id),
        remote_id=RemoteId(r.remote_id),
        kind=ItemKind(r.kind),
        text=r.text,
        revision=r.revision,
        state=ItemState(r.state),
        published_at=Moment(r.published_at),
        received_at=Moment(r.received_at),
        permalink=r.permalink,
        parent_remote_id=None if r.parent_remote_id is None else RemoteId(r.parent_remote_id),
        hints=r.hints,
        media=tuple(RemoteMedia(**picture) for picture in r.media),
        assignee_id=None if r.assignee_id is None else MemberId(r.assignee_id),
        snoozed_until=None if r.snoozed_until is None else Moment(r.snoozed_until),
        snoozed_by=None if r.snoozed_by is None else MemberId(r.snoozed_by),
        is_liked=r.is_liked,
        is_hidden=r.is_hidden,
        follows_id=None if r.follows_id is None else ItemId(r.follows_id),
        clock=None
        if r.due_at is None
        else ReplyClock(
            Moment(r.waits_since),
            Moment(r.due_at),
            None if r.tell_at is None else Moment(r.tell_at),
        ),
        has_asides=r.has_asides,
        native_reply=r.native_reply,
        by_hand=by_hand_from_json(r.by_hand),
    )
