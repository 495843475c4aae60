"""Fault points: the named moments of the two lines at which a test may end the process.

Each place calls `reach` once, in passing. Nothing happens there unless bootstrap armed the point,
which it does only when every account is a sandbox or on this machine (`bot/bootstrap/arming.py`).

A name says what has just happened. Of an outside call, `called` lies where it has ended and its
outcome is not stored: whatever it did stands in the world, and nobody here knows.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum


class FaultPoint(StrEnum):
    HOOK_RECEIVED = "hook.received"
    HOOK_VERIFIED = "hook.verified"
    HOOK_COMMITTED = "hook.committed"
    POLL_PAGE = "poll.page"
    POLL_CURSOR = "poll.cursor"
    DRAFT_CALLED = "draft.called"
    DRAFT_SAVED = "draft.saved"
    CARD_CLAIMED = "card.claimed"
    CARD_POSTED = "card.posted"
    CARD_SAVED = "card.saved"
    APPROVE_RECEIVED = "approve.received"
    APPROVE_COMMITTED = "approve.committed"
    PUBLISH_CLAIMED = "publish.claimed"
    PUBLISH_CALLED = "publish.called"
    PUBLISH_SAVED = "publish.saved"
    PUBLISH_RECONCILE = "publish.reconcile"
    UPDATE_CALLED = "update.called"
    UPDATE_SAVED = "update.saved"
    ESCALATE_FIRED = "escalate.fired"
    PAGE_CLAIMED = "page.claimed"
    PAGE_CALLED = "page.called"
    PAGE_SAVED = "page.saved"
    CRISIS_DECIDED = "crisis.decided"
    CRISIS_COMMITTED = "crisis.committed"
    BOOT_RECONCILE = "boot.reconcile"


MEANINGS: Mapping[FaultPoint, str] = {
    FaultPoint.HOOK_RECEIVED: "A webhook was read whole; its signature is not checked yet.",
    FaultPoint.HOOK_VERIFIED: "The webhook is genuine and translated; nothing of it is stored.",
    FaultPoint.HOOK_COMMITTED: "What it told is stored; the network has no answer yet.",
    FaultPoint.POLL_PAGE: "A network answered a poll; nothing of the page is stored.",
    FaultPoint.POLL_CURSOR: "The cursor is moved, in the transaction that will store the page.",
    FaultPoint.DRAFT_CALLED: "The drafter answered; its words are not stored.",
    FaultPoint.DRAFT_SAVED: "A draft is stored with the turn of its card.",
    FaultPoint.CARD_CLAIMED: "A card stands as being posted; its request was not made.",
    FaultPoint.CARD_POSTED: "The request to post a card has ended; its outcome is not stored.",
    FaultPoint.CARD_SAVED: "Where a posted card is, is stored.",
    FaultPoint.APPROVE_RECEIVED: "A person's yes arrived; nothing is decided.",
    FaultPoint.APPROVE_COMMITTED: "The yes is stored; the person has no answer yet.",
    FaultPoint.PUBLISH_CLAIMED: "A publication stands as sending; its request was not made.",
    FaultPoint.PUBLISH_CALLED: "The request to publish has ended; its outcome is not stored.",
    FaultPoint.PUBLISH_SAVED: "The outcome of the request is stored.",
    FaultPoint.PUBLISH_RECONCILE: "A look for a lost answer was made; what it saw is not stored.",
    FaultPoint.UPDATE_CALLED: "A chat has redrawn a card; that it did is not stored.",
    FaultPoint.UPDATE_SAVED: "It is stored that a card in a chat is up to date.",
    FaultPoint.ESCALATE_FIRED: "The pages of a step are stored; none of them was sent.",
    FaultPoint.PAGE_CLAIMED: "A page stands as sending; its request was not made.",
    FaultPoint.PAGE_CALLED: "The request to page has ended; its outcome is not stored.",
    FaultPoint.PAGE_SAVED: "It is stored that a route took a page.",
    FaultPoint.CRISIS_DECIDED: (
        "A crisis is started or ended, in the transaction that will store it."
    ),
    FaultPoint.CRISIS_COMMITTED: (
        "The start or the end of a crisis is stored; the person has no answer yet."
    ),
    FaultPoint.BOOT_RECONCILE: "A start took over what a dead process held; no work has begun.",
}
"""One line for each point: what has just happened there, and what has not."""

Act = Callable[[], None]
_armed: dict[FaultPoint, Act] = {}


def reach(point: FaultPoint) -> None:
    """Called in passing, from any thread."""
    act = _armed.get(point)
    if act is not None:
        act()


def arm(point: FaultPoint, act: Act) -> None:
    """From now on `act` is called at every passage of `point`, in the thread that passes."""
    _armed[point] = act


def disarm() -> None:
    _armed.clear()


class AtPassage:
    """Acts at the n-th passage alone, counted over all threads; n begins at 1."""

    def __init__(self, number: int, act: Act) -> None:
        self._left = number
        self._act = act
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            is_time = self._left == 0
        if is_time:
            self._act()


def kill_this_process() -> None:
    """As `kill -9` of ourselves: no line more runs, no file is closed, no farewell is said."""
    # Windows has no such signal; there any other one ends a process as abruptly.
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
