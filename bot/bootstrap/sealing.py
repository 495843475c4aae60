"""The key that stored secrets are sealed with: found at start, or made while the desk runs."""

from __future__ import annotations

import os
from importlib import import_module

from bot.config import DeskSettings, sealing_key
from bot.errors import ConfigurationError
from bot.store.session_vault import Seals

NO_DISK = (
    "This platform keeps no file of the desk. Set REPLYDESK_KEY for every process instead, to 32 "
    "random bytes in URL-safe base64."
)
NO_KEY = "There is no key to seal secrets with yet. Make one first."


class Sealing:
    """Looks again while there is no key: another process may have made it."""

    def __init__(self, desk: DeskSettings) -> None:
        self._desk = desk
        self._vault: Seals | None = None
        self.look()

    def look(self) -> Seals | None:
        """None without a key. Its library takes 7 MiB, so only who has a key pays for it."""
        if self._vault is None:
            key = sealing_key(self._desk)
            if key is not None:
                self._vault = import_module("bot.store.vault").Vault(key)
        return self._vault

    def vault(self) -> Seals:
        found = self.look()
        if found is None:
            raise ConfigurationError(NO_KEY)
        return found

    @property
    def trouble(self) -> str | None:
        """Why there is no key; empty where one can be made, None where one is there."""
        if self.look() is not None:
            return None
        return NO_DISK if "DYNO" in os.environ else ""

    def make(self) -> None:
        """ConfigurationError where there is one already, or where a file would not last."""
        trouble = self.trouble
        if trouble is None:
            raise ConfigurationError("There is a key already, and secrets are sealed with it.")
        if trouble:
            raise ConfigurationError(trouble)
        path = self._desk.data_dir / "key"
        try:
            import_module("bot.store.vault").create_key_file(path)
        except FileExistsError:
            # somebody else was faster, which is as good
            self.vault()
        except OSError as error:
            raise ConfigurationError(
                f"The key file {path} cannot be written: {error.strerror}. Let the user that runs "
                "replydesk write there, or set REPLYDESK_KEY."
            ) from error
        self.vault()
