// The entry: each module installs what it does on the page it finds.
import { installActing } from "./acting.js";
import { installComposer } from "./composer.js";
import { installCopying } from "./copying.js";
import { installDesk } from "./desk.js";
import { installDrawer } from "./drawer.js";
import { installForms } from "./forms.js";
import { installHints } from "./hints.js";
import { installJoining } from "./joining.js";
import { installKeys } from "./keys.js";
import { installLive } from "./live.js";
import { installPanes } from "./panes.js";
import { installMenus } from "./menus.js";
import { installSaying } from "./says.js";

installMenus();
installActing();
installKeys();
installPanes();
installDrawer();
installHints();
installComposer();
installDesk();
installForms();
installJoining();
installCopying();
installSaying();
installLive();
