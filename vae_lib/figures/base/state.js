// The state of a figure: plain values by name, changed by its controls and from outside.
import { animated } from "./motion.js";

/** The state, `start` except what the model's `state` says. `draw(found, settled)` draws what `derive(state)` finds.
 *
 * `set(change)` changes it at once, `ease(change)` in a motion: for changes that no hand makes. The model's `state`
 * holds a copy for those outside; what they set there is drawn if `admits(state)`. So it must be made of what JSON
 * knows. */
export function stateOf(model, start, derive, draw, admits = () => true) {
  const now = { ...start, ...model.get("state") };
  let told = null; // the copy that the model got from us

  function tell() {
    told = { ...now };
    model.set("state", told);
    model.save_changes();
  }

  const redraw = animated(
    () => derive(now),
    (found, settled) => {
      draw(found, settled);
      if (settled) tell();
    },
  );
  const change = (changes, eased) => {
    Object.assign(now, changes);
    redraw(eased);
  };
  model.on("change:state", () => {
    const given = model.get("state");
    if (given === told) return;
    if (admits({ ...now, ...given })) change(given, true);
    else tell();
  });
  return { now, set: (changes) => change(changes, false), ease: (changes) => change(changes, true) };
}
