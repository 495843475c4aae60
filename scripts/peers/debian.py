"""Debian packages: installed for the machine, or only unpacked where they want too much company."""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.peers.peer import PeerFailed, run

# What stands on the machine when a package is there -> the package.
COMPILER: Mapping[str, str] = {
    "usr/bin/g++": "g++",
    "usr/bin/make": "make",
    "usr/bin/python3": "python3",
}
POSTGRES: Mapping[str, str] = {"usr/lib/postgresql/*/bin/initdb": "postgresql"}
REDIS: Mapping[str, str] = {"usr/bin/redis-server": "redis-server"}
MARIADB: Mapping[str, str] = {
    "usr/sbin/mariadbd": "mariadb-server-core",
    "usr/bin/mariadb": "mariadb-client-core",
}
PHP: Mapping[str, str] = {
    "usr/bin/php": "php-cli",
    "usr/lib/php/*/mysqli.so": "php-mysql",
    "usr/lib/php/*/dom.so": "php-xml",
    "usr/lib/php/*/mbstring.so": "php-mbstring",
    "usr/lib/php/*/curl.so": "php-curl",
    "usr/lib/php/*/gd.so": "php-gd",
}
CHROMIUM: Mapping[str, str] = {
    "usr/bin/chromium": "chromium",
    "usr/share/fonts/truetype/noto/NotoColorEmoji.ttf": "fonts-noto-color-emoji",
}


def missing_packages(needs: Mapping[str, str]) -> list[str]:
    return [package for pattern, package in needs.items() if not any(Path("/").glob(pattern))]


def ensure(needs: Mapping[str, str]) -> None:
    """Install the packages whose files are missing; as another user than root only say so."""
    missing = missing_packages(needs)
    if not missing:
        return
    if os.geteuid() != 0:
        raise PeerFailed(f"Missing on this machine. As root: apt-get install {' '.join(missing)}")
    run(["apt-get", "update", "-q"])
    run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing],
        environment={"DEBIAN_FRONTEND": "noninteractive"},
    )


def unpack(packages: Sequence[str], tree: Path) -> None:
    """Download packages and unpack them below `tree`, without their dependencies and services."""
    archives = tree.with_name(f"{tree.name}-archives")
    for folder in (tree, archives):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    if os.geteuid() == 0:
        run(["apt-get", "update", "-q"])
    run(["apt-get", "download", "-q", *packages], folder=archives)
    for archive in sorted(archives.glob("*.deb")):
        run(["dpkg", "-x", archive, tree])
    shutil.rmtree(archives)


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL server on this machine."""
    found = [path.parent for path in Path("/").glob("usr/lib/postgresql/*/bin/initdb")]
    if not found:
        raise PeerFailed("There is no PostgreSQL server here. As root: apt-get install postgresql")
    return max(found, key=lambda folder: int(folder.parent.name))
