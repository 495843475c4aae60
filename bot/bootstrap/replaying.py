"""What a configuration and a folder of cues make of comments, for a replay without a line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from bot.bootstrap.connecting import roster_of
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.model.account import AccountState
from bot.model.channel import Channel
from bot.model.ids import BrandId, ChannelId
from bot.model.triage import LanguageCode
from bot.services.language import identifier_for
from bot.services.lexicon import CuePack, load_cues, parse_cues
from bot.services.replaying import Rules
from bot.services.settling_in import NamedBrand
from bot.services.triage_rules import Triager
from bot.store.tx import Tx

SetUp = Mapping[str, tuple[Channel, ...]]


def set_up_in_chats(tx: Tx) -> SetUp:
    """Channels that no configuration names, by the slug of their brand."""
    return {
        brand.slug: tuple(one for one in tx.channels.of_brand(brand.id) if not one.from_file)
        for brand in tx.accounts.brands()
    }


def rules_for_replay(settings: Settings, cues: Path | None, set_up: SetUp) -> Rules:
    """`cues` holds packs that stand in for those of their names, as `en.toml`."""
    packs = _packs(cues)
    named = roster_of(settings, AccountState.WATCH_ONLY).brands
    languages = {brand.slug: brand.languages for brand in named}
    codes = [LanguageCode(code) for code in dict.fromkeys(chain(*languages.values()))]
    return Rules(
        triager=Triager(packs, identifier_for(codes)),
        says={rule.name: rule.says for pack in packs.values() for rule in pack.rules},
        languages=languages,
        channels={brand.slug: (*_channels(brand), *set_up.get(brand.slug, ())) for brand in named},
        goals=settings.goals,
        peaks=settings.peaks.rule,
        oncall=settings.oncall_rules,
        watch=settings.alerts.rule,
    )


def _packs(folder: Path | None) -> Mapping[LanguageCode, CuePack]:
    packs = load_cues()
    if folder is None:
        return packs
    found = {code: folder / f"{code}.toml" for code in packs if (folder / f"{code}.toml").exists()}
    if not found:
        raise ConfigurationError(
            f"{folder} has no cues. Copy prompts/cues/en.toml there and change it."
        )
    return {**packs, **{code: _parsed(path, code) for code, path in found.items()}}


def _parsed(path: Path, code: LanguageCode) -> CuePack:
    try:
        return parse_cues(path.read_text("utf-8"), code)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error


def _channels(brand: NamedBrand) -> tuple[Channel, ...]:
    return tuple(
        Channel(
            ChannelId(0), BrandId(0), one.slug, one.chat, one.place, shows=one.shows,
            routes=one.routes, pace=one.pace,
        )
        for one in brand.channels
    )  # fmt: skip
