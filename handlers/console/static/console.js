// The entry: each module installs what it does on the page it finds.
import { installActing } from "./acting.js";
import { installComposer } from "./composer.js";
import { installDesk } from "./desk.js";
import { installDrawer } from "./drawer.js";
import { installHints } from "./hints.js";
import { installKeys } from "./keys.js";
import { installLive } from "./live.js";
import { installPanes } from "./panes.js";
import { installMenus } from "./menus.js";

installMenus();
installActing();
installKeys();
installPanes();
installDrawer();
installHints();
installComposer();
installDesk();
installLive();
