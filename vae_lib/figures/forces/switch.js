// A switch that is on or off.
import { html } from "../base/elements.js";

/** A button that a screen reader calls a switch; `change(on)` is told where it goes, `set(on)` puts it there. */
export function toggle(name, change) {
  let on = false;
  const node = html("button", { type: "button", role: "switch", click: () => change(!on) }, name);

  function set(value) {
    on = value;
    node.setAttribute("aria-checked", on);
  }

  set(false);
  return { node, set };
}
