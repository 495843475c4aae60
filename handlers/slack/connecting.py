"""What bootstrap loads where `[slack]` is configured: everything of this door, joined."""

from __future__ import annotations

from aiohttp import web

from bot.ports import ChatMemory, ChatPresence, Clock, Desk
from handlers.charting import ChartPainter
from handlers.slack.app import InFlight, build_app
from handlers.slack.door import build_door
from handlers.slack.drawn_charts import DrawnCharts
from handlers.slack.frontend import SlackFrontend
from handlers.slack.introducing import SlackIntroduction
from handlers.slack.line import SlackLine, SlackOptions, slack_line
from handlers.slack.socket import SlackSocket, SocketTiming
from handlers.slack.workspace import Workspace


def frontend(line: SlackLine, memory: ChatMemory) -> SlackFrontend:
    return SlackFrontend(line, DrawnCharts(line, memory, ChartPainter()))


def by_socket(
    line: SlackLine,
    desk: Desk,
    clock: Clock,
    presence: ChatPresence,
    in_flight: InFlight,
    timing: SocketTiming | None = None,
) -> SlackSocket:
    workspace = Workspace(line)
    app = build_app(line, workspace, desk, clock, presence, in_flight)
    return SlackSocket(app, line, workspace, in_flight, clock, timing or SocketTiming())


def by_http(
    line: SlackLine, desk: Desk, clock: Clock, presence: ChatPresence, in_flight: InFlight
) -> web.Application:
    """To be mounted at /chats/slack."""
    app = build_app(line, Workspace(line), desk, clock, presence, in_flight)
    return build_door(app, in_flight)


__all__ = [
    "InFlight",
    "SlackFrontend",
    "SlackIntroduction",
    "SlackOptions",
    "SocketTiming",
    "by_http",
    "by_socket",
    "frontend",
    "slack_line",
]
