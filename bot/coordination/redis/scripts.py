"""What Redis runs in one piece, in Lua.

Every number goes in and out as text: Redis would print a large Lua number with 14 digits, and a
moment in microseconds has 16. As doubles they are exact (below 2^53). Each script is given its
time by a line of its own, so that its arithmetic can be tested at any moment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

NOW = """
local told = redis.call('TIME')
local now = told[1] * 1000000 + told[2] + ARGV[1]
"""
"""Microseconds since 1970 by the clock of Redis, moved by as many as the first argument says."""

RESERVE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local now_ms = math.floor(now / 1000)
local longest = 0
local moved = {}
for n = 2, #KEYS do
  local held = redis.call('HMGET', KEYS[n], 'tat', 'closed_until')
  local tat, closed = tonumber(held[1] or 0), tonumber(held[2] or 0)
  local interval, burst = tonumber(ARGV[2 * n - 2]), tonumber(ARGV[2 * n - 1])
  longest = math.max(longest, closed - now_ms)
  if interval > 0 then
    local reach = burst * interval
    -- further ahead than any act can have moved it: the clock was set back since
    if tat > now + reach then tat = now end
    local arrival = math.max(tat, now) + interval
    longest = math.max(longest, math.ceil((arrival - reach - now) / 1000))
    moved[KEYS[n]] = {arrival, math.max(math.ceil(arrival / 1000), closed) - now_ms}
  end
end
if longest > 0 then return string.format('%.0f', longest) end
for key, new in pairs(moved) do
  redis.call('HSET', key, 'tat', string.format('%.0f', new[1]))
  redis.call('PEXPIRE', key, string.format('%.0f', new[2] + 1000))
end
return '0'
"""
"""KEYS: the mark, then the buckets. ARGV: skew, then interval (microseconds, 0 for none) and burst
of each bucket. Answers milliseconds to wait, or -1 when this Redis has forgotten everything."""

CLOSE = """
local now_ms = math.floor(now / 1000)
for n = 2, #KEYS do
  local held = redis.call('HMGET', KEYS[n], 'tat', 'closed_until')
  local closed = math.max(tonumber(held[2] or 0), tonumber(ARGV[n]))
  redis.call('HSET', KEYS[n], 'closed_until', string.format('%.0f', closed))
  local left = math.max(math.ceil(tonumber(held[1] or 0) / 1000), closed) - now_ms
  redis.call('PEXPIRE', KEYS[n], string.format('%.0f', math.max(left, 0) + 1000))
end
if ARGV[#KEYS + 1] == 'mark' then redis.call('SET', KEYS[1], '1') end
return '0'
"""
"""KEYS: the mark, then the buckets. ARGV: skew, then until when each is closed (milliseconds since
1970); a last one, `mark`, sets the mark: all closings that the store knows are here."""

APPEND = """
local last = 0
if redis.call('EXISTS', KEYS[1]) == 1 then
  local about = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #about, 2 do
    if about[n] == 'last-generated-id' then
      last = tonumber(string.match(about[n + 1], '^%d+'))
    end
  end
end
if last < tonumber(ARGV[1]) then return string.format('%.0f', last) end
for n = 3, #ARGV, 8 do
  if tonumber(ARGV[n]) > last then
    last = tonumber(ARGV[n])
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], ARGV[n] .. '-0',
      'id', ARGV[n], 'at', ARGV[n + 1], 'kind', ARGV[n + 2], 'brand', ARGV[n + 3],
      'subject', ARGV[n + 4], 'subject_id', ARGV[n + 5], 'member', ARGV[n + 6],
      'facts', ARGV[n + 7])
  end
end
return string.format('%.0f', last)
"""
"""KEYS: the stream. ARGV: the event after which these come, how many entries are kept, then eight
words for each event. Answers the number of the last event that stands there. A stream that ends
before the first number has lost something, and is not written; an event that stands there already
is left out."""

BREAKER = """
local what, failures = ARGV[2], tonumber(ARGV[3])
local within, rest = tonumber(ARGV[4]), tonumber(ARGV[5])
local open_until = tonumber(redis.call('GET', KEYS[1]) or 0)
local function open_again()
  redis.call('SET', KEYS[1], string.format('%.0f', now + rest))
end
if what == 'succeeded' then
  redis.call('DEL', KEYS[1], KEYS[2])
  return '0'
end
if what == 'failed' then
  redis.call('LPUSH', KEYS[2], string.format('%.0f', now))
  redis.call('LTRIM', KEYS[2], 0, failures - 1)
  local first = redis.call('LINDEX', KEYS[2], failures - 1)
  if open_until > 0 or (first and now - tonumber(first) <= within) then open_again() end
  return '0'
end
local left = math.max(0, open_until - now)
if what == 'enter' and open_until > 0 and left == 0 then open_again() end
return string.format('%.0f', left)
"""
"""KEYS: until when it is open, the moments of the last failures. ARGV: skew, what happens (look,
enter, failed, succeeded), failures, within and rest (microseconds). Answers microseconds left."""

SPENDING = """
if tonumber(ARGV[2]) > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
local sum = 0
for _, part in ipairs(redis.call('HVALS', KEYS[1])) do sum = sum + tonumber(part) end
return string.format('%.0f', sum)
"""
"""KEYS: the day. ARGV: who we are, what we used today, for how many seconds the day is kept.
Answers what all used together."""


class Script:
    """Run by its hash; sent whole to a server that does not know it yet."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._hash = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Redis, keys: Sequence[str], arguments: Sequence[object]) -> Any:
        words = [*keys, *(str(one) for one in arguments)]
        try:
            return await cast(Any, client.evalsha(self._hash, len(keys), *words))
        except NoScriptError:
            return await cast(Any, client.eval(self._text, len(keys), *words))
