"""People in the fake Slack: what they do reaches the app as Slack sends it, by socket or by HTTP.

Payloads have the shapes of https://docs.slack.dev/reference/interaction-payloads. The client side
refuses what Slack's own clients refuse: a required field that is empty, a text that is too long.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.fakes.slack_judges import judged_message, judged_view
from tests.fakes.slack_server import BOT_USER, SIGNING_SECRET, TEAM, Message, OpenView, SlackServer
from tests.fakes.slack_sockets import ACK_SECONDS

Payload = dict[str, Any]
Deliver = Callable[[str, Payload], Awaitable[Payload | None]]
"""Kind of envelope and payload; the answer, or None when nobody acknowledged in time."""


def by_http(address: str, *, secret: str = SIGNING_SECRET, age: float = 0.0) -> Deliver:
    """As Slack calls an app: signed with the time, to one address, with a few seconds to answer."""

    async def deliver(kind: str, payload: Payload) -> Payload | None:
        status, answer = await call(address, kind, payload, secret=secret, age=age)
        return answer if status == 200 else None

    return deliver


async def call(
    address: str, kind: str, payload: Payload, *, secret: str = SIGNING_SECRET, age: float = 0.0
) -> tuple[int, Payload]:
    """Status and answer of one signed request; 0 when there was none within three seconds."""
    body, content_type = _body(kind, payload)
    stamp = str(int(time.time() - age))
    base = f"v0:{stamp}:{body}".encode()
    signature = "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": signature,
        "Content-Type": content_type,
    }
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ACK_SECONDS)) as http,
            http.post(address, data=body.encode(), headers=headers) as response,
        ):
            text = await response.text()
            return response.status, json.loads(text) if text.startswith("{") else {}
    except TimeoutError:
        return 0, {}


def _body(kind: str, payload: Payload) -> tuple[str, str]:
    if kind == "events_api":
        return json.dumps(payload), "application/json"
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return urlencode(form), "application/x-www-form-urlencoded"


@dataclass(slots=True)
class Person:
    """`troubles` are the times Slack told them that it did not work."""

    slack: SlackServer
    user: str
    deliver: Deliver
    team: str = TEAM
    troubles: list[str] = field(default_factory=list)
    sent: list[tuple[str, Payload]] = field(default_factory=list)

    # What they see

    @property
    def view(self) -> OpenView:
        """The modal on top."""
        mine = [one for one in self.slack.views.values() if one.user == self.user and one.is_open]
        assert mine, "no modal is open"
        return mine[-1]

    @property
    def has_view(self) -> bool:
        return any(one.user == self.user and one.is_open for one in self.slack.views.values())

    @property
    def home(self) -> Payload:
        return self.slack.homes[self.user]

    @property
    def heard(self) -> list[str]:
        """What was whispered to them."""
        return [text for _channel, user, text in self.slack.whispers if user == self.user]

    # What they do

    async def press(
        self, message: Message, label: str, picks: Mapping[str, list[str]] | None = None
    ) -> None:
        """A button or an option of a menu, by what stands on it.

        `picks` is what they selected before, by block id; other selects hold what was shown.
        """
        container: Payload = {"type": "message", "message_ts": message.ts}
        container |= {"channel_id": message.channel}
        if message in self.slack.whispered:
            container["is_ephemeral"] = True
        state = {
            block["block_id"]: {block["accessory"]["action_id"]: _filled(as_input, picks or {})}
            for block in message.blocks
            if "accessory" in block
            for as_input in [block | {"element": block["accessory"], "optional": True}]
        }
        more = {"container": container, "state": {"values": state}}
        await self._act(message.blocks, label, more)

    async def press_in_view(self, label: str) -> None:
        view = self.view
        shown = view.view | {"id": view.id, "hash": view.hash}
        container = {"type": "view", "view_id": view.id}
        await self._act(view.view["blocks"], label, {"container": container, "view": shown})

    async def press_at_home(self, label: str, place: int = 0) -> None:
        shown = self.home | {"id": f"VHOME{self.user}", "hash": "h"}
        container = {"type": "view", "view_id": shown["id"]}
        more = {"container": container, "view": shown}
        await self._act(self.home["blocks"], label, more, place)

    async def _act(self, blocks: list[Payload], label: str, more: Payload, place: int = 0) -> None:
        found = [one for block in blocks for one in pressable(block) if one[0] == label]
        assert len(found) > place, f"{label!r} is not among {[one[0] for one in _all(blocks)]}"
        action = found[place][1] | {"action_ts": f"{time.time():.6f}"}
        await self.send("interactive", self._person("block_actions") | more | {"actions": [action]})

    async def submit(self, values: Mapping[str, Any] | None = None) -> None:
        """Fill the fields by block id, leave the others as they are, and press the button."""
        view = self.view
        state = {
            block["block_id"]: {block["element"]["action_id"]: _filled(block, (values or {}))}
            for block in view.view["blocks"]
            if block["type"] == "input"
        }
        shown = view.view | {"id": view.id, "hash": view.hash, "state": {"values": state}}
        view.errors = {}
        answer = await self.send("interactive", self._person("view_submission") | {"view": shown})
        if answer is not None:
            self._take(view, answer)

    def _take(self, view: OpenView, answer: Payload) -> None:
        match answer.get("response_action"):
            case "errors":
                view.errors = answer["errors"]
                inputs = {b["block_id"] for b in view.view["blocks"] if b["type"] == "input"}
                if not set(view.errors) <= inputs:
                    self.slack.complaints.append(f"errors at {set(view.errors) - inputs}")
            case "update":
                view.view = answer["view"]
                self.slack.complaints += judged_view(answer["view"])
            case "clear":
                for one in self.slack.views.values():
                    one.is_open = one.is_open and one.user != self.user
            case _:
                view.is_open = False

    async def close(self) -> None:
        view = self.view
        view.is_open = False
        if view.view.get("notify_on_close"):
            shown = view.view | {"id": view.id, "hash": view.hash}
            await self.send("interactive", self._person("view_closed") | {"view": shown})

    async def slash(self, text: str, command: str = "/desk") -> str:
        """The answer's text; its blocks are judged as a message's."""
        payload = {
            "command": command,
            "text": text,
            "user_id": self.user,
            "team_id": self.team,
            "channel_id": "C0CARE",
            "trigger_id": self.slack.trigger(self.user),
        }
        answer = await self.send("slash_commands", payload)
        if answer is None:
            return ""
        assert answer.get("response_type") == "ephemeral", answer
        if "blocks" in answer:
            self.slack.complaints += judged_message(answer)
        return json.dumps(answer, ensure_ascii=False)

    async def shortcut(self, callback_id: str, message: Payload | None = None) -> None:
        kind = "shortcut" if message is None else "message_action"
        more: Payload = {"callback_id": callback_id}
        if message is not None:
            more |= {"message": message, "channel": {"id": message["channel"], "name": "care"}}
        await self.send("interactive", self._person(kind) | more)

    async def open_home(self) -> None:
        await self._event({"type": "app_home_opened", "user": self.user, "tab": "home"})

    async def invites(self, user: str, channel: str) -> None:
        """Somebody, or the bot, into a channel."""
        event = {"type": "member_joined_channel", "user": user, "channel": channel}
        await self._event(event | {"channel_type": "C", "team": self.team, "inviter": self.user})

    async def leaves(self, channel: str) -> None:
        event = {"type": "member_left_channel", "user": self.user, "channel": channel}
        await self._event(event | {"channel_type": "G", "team": self.team})

    async def writes(self, under: Message, text: str, files: list[Payload]) -> Message:
        """A reply in a thread, which Slack tells to whoever listens to the channel."""
        message = self.slack.written(self.user, under, text, files)
        event = {"type": "message", "channel": message.channel, "ts": message.ts, **message.body}
        await self._event(event | ({"subtype": "file_share"} if files else {}))
        return message

    async def rewrites(self, message: Message, text: str) -> None:
        """They edit what they wrote."""
        before, message.body = message.body, message.body | {"text": text}
        event = self._changed("message_changed", message, before)
        edited = {"user": self.user, "ts": event["event_ts"]}
        await self._event(event | {"message": message.body | {"ts": message.ts, "edited": edited}})

    async def deletes(self, message: Message) -> None:
        await self._event(self._changed("message_deleted", message, message.body))

    def _changed(self, subtype: str, message: Message, before: Payload) -> Payload:
        return {
            "type": "message",
            "subtype": subtype,
            "channel": message.channel,
            "hidden": True,
            "event_ts": f"{time.time_ns() / 1e9:.6f}",
            "previous_message": {**before, "ts": message.ts, "type": "message"},
        }

    async def removes_the_bot(self, channel: str, kind: str = "channel_left") -> None:
        await self._event({"type": kind, "channel": channel, "actor_id": self.user})

    async def _event(self, event: Payload) -> None:
        payload = {
            "type": "event_callback",
            "team_id": self.team,
            "event_id": f"Ev{time.time_ns()}",
            "event": event,
            "authorizations": [{"team_id": self.team, "user_id": BOT_USER, "is_bot": True}],
        }
        await self.send("events_api", payload)

    async def send(self, kind: str, payload: Payload) -> Payload | None:
        self.sent.append((kind, payload))
        answer = await self.deliver(kind, payload)
        if answer is None:
            self.troubles.append(str(payload.get("type", kind)))
        return answer

    async def again(self) -> Payload | None:
        """The last thing once more, as it is delivered when Slack repeats itself."""
        kind, payload = self.sent[-1]
        return await self.deliver(kind, payload)

    def _person(self, kind: str) -> Payload:
        return {
            "type": kind,
            "user": {"id": self.user, "username": "somebody", "team_id": self.team},
            "team": {"id": self.team, "domain": "acme"},
            "trigger_id": self.slack.trigger(self.user),
        }


def _all(blocks: list[Payload]) -> list[tuple[str, Payload]]:
    return [one for block in blocks for one in pressable(block)]


def pressable(block: Payload) -> list[tuple[str, Payload]]:
    found: list[tuple[str, Payload]] = []
    if block["type"] != "actions":
        return found
    for element in block["elements"]:
        action = {"action_id": element["action_id"], "block_id": block["block_id"]}
        action["type"] = element["type"]
        if element["type"] == "button":
            found.append((element["text"]["text"], action | {"value": element["value"]}))
            continue
        groups = element.get("option_groups") or [{"options": element["options"]}]
        found += [
            (option["text"]["text"], action | {"selected_option": option})
            for group in groups
            for option in group["options"]
        ]
    return found


def _filled(block: Payload, values: Mapping[str, Any]) -> Payload:
    """The state of one field, refused as Slack's clients refuse it."""
    element, kind = block["element"], block["element"]["type"]
    given = values.get(block["block_id"])
    if kind in {"plain_text_input", "url_text_input"}:
        text = element.get("initial_value", "") if given is None else given
        assert text or block.get("optional"), f"{block['block_id']} is required"
        assert len(text) <= element.get("max_length", 3_000), "too long to be typed"
        return {"type": kind, "value": text or None}
    if kind == "datetimepicker":
        at = element.get("initial_date_time") if given is None else given
        return {"type": kind, "selected_date_time": at}
    if kind == "file_input":
        files = given or []
        assert len(files) <= element["max_files"], "more files than the field takes"
        endings = {str(one["name"]).rpartition(".")[2].lower() for one in files}
        assert endings <= set(element["filetypes"]), "the field does not take such files"
        return {"type": kind, "files": files}
    grouped = [one for group in element.get("option_groups", ()) for one in group["options"]]
    options = {one["value"]: one for one in element.get("options", grouped)}
    if kind == "multi_static_select":
        shown = element.get("initial_options", [])
        chosen = shown if given is None else [options[one] for one in given]
        assert chosen or block.get("optional"), f"{block['block_id']} is required"
        return {"type": kind, "selected_options": chosen}
    assert given in options, f"{given!r} is not among {list(options)}"
    return {"type": kind, "selected_option": options[given]}
