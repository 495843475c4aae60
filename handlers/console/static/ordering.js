// One order to the desk: its answer is said, what it gives once is handed over, the page redrawn.
import { handedOver } from "./asking.js";
import { redrawPage } from "./redraw.js";
import { say } from "./says.js";
import { order } from "./wire.js";

export async function sendOrder(name, fields) {
  const outcome = await order(`/orders/${name}`, fields);
  if (outcome.once?.startsWith("/")) await handedOver(outcome.says, location.origin + outcome.once);
  else if (outcome.once) say(`${outcome.once} - ${outcome.says}`, "code");
  else say(outcome.says, outcome.kind);
  await redrawPage()?.catch(() => {});
  return outcome;
}
