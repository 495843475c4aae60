"""Writes notes for ever and prints each one after its write returned; made to be killed."""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from bot.store.store import Store
from tests.contract.store_case import note, opened

CLIENTS = 16


async def _write_for_ever(store: Store, client: int) -> None:
    for number in count():
        word = f"{client}-{number}"
        await store.write(note, word)
        # one system call, so that what is printed before the kill is all there
        os.write(sys.stdout.fileno(), f"{word}\n".encode())


async def _main(address: str) -> None:
    async with opened(address) as store:
        await asyncio.gather(*(_write_for_ever(store, client) for client in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
