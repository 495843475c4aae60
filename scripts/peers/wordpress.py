"""WordPress as Debian ships it, on PHP's own web server and a private MariaDB.

The packages are unpacked, not installed: installed they bring a web server along, which is not
needed. Each run gets a fresh copy of the site, one post, and comments that appear at once.
"""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from scripts.peers import debian
from scripts.peers.databases import start_mariadb
from scripts.peers.peer import is_stamped, peer_folder, run, stamp
from scripts.peers.processes import ProcessTree, accepts_connections, free_port

PACKAGES = (
    "wordpress",
    "wordpress-theme-twentytwentythree",
    "libjs-cropper",
    "libjs-underscore",
    "php-getid3",
)
NEEDS = {**debian.PHP, **debian.MARIADB}
DATABASE = "wordpress"
SECONDS_TO_START = 30.0
PARTS = Path(__file__).with_name("wordpress_site")


class WordPress:
    name = "wordpress"

    def is_installed(self) -> bool:
        return is_stamped(self.name, " ".join(PACKAGES)) and not debian.missing_packages(NEEDS)

    def install(self) -> None:
        debian.ensure(NEEDS)
        packages = peer_folder(self.name) / "packages"
        debian.unpack(PACKAGES, packages)
        # The Apache settings of an installed package: a link to a file that is not unpacked.
        (packages / "usr/share/wordpress/.htaccess").unlink(missing_ok=True)
        site = peer_folder(self.name) / "site"
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(packages / "usr/share/wordpress", site)
        stamp(self.name, " ".join(PACKAGES))

    def start(self, tree: ProcessTree) -> Mapping[str, object]:
        """{"url", "brand": {"user", "application_password"}, "post_id"}."""
        site = self._fresh_site(tree)
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {
            "PEER_URL": url,
            "PEER_DATABASE": DATABASE,
            "PEER_DATABASE_SOCKET": str(start_mariadb(tree, DATABASE)),
            "PHP_CLI_SERVER_WORKERS": "3",
        }
        php = ["php", "-d", "display_errors=stderr", "-d", "upload_max_filesize=16M"]
        printed = run([*php, PARTS / "setup.php", site], environment=environment, seconds=60)
        running = tree.start(
            self.name,
            [*php, "-S", f"127.0.0.1:{port}", "-t", site, PARTS / "router.php"],
            environment=environment,
        )
        tree.wait_until(running, lambda: accepts_connections(port), SECONDS_TO_START)
        made: Mapping[str, object] = json.loads(printed)
        return {"url": url, **made}

    def _fresh_site(self, tree: ProcessTree) -> Path:
        site = tree.folder / "site"
        shutil.copytree(peer_folder(self.name) / "site", site, symlinks=True)
        shutil.copy(PARTS / "wp-config.php", site / "wp-config.php")
        rules = site / "wp-content/mu-plugins"
        rules.mkdir()
        shutil.copy(PARTS / "peer-rules.php", rules)
        return site
