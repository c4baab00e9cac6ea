// The scrubber: a slider over the records with the epoch as its value, and buttons to step and to play.
import { button, slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { clamp } from "../base/numbers.js";

const PAUSE = 1000; // milliseconds that a record stays while playing
const QUICK = 4000; // and that all of them take, if it is quick

/** `set(epoch)` is told where a hand slides to, `ease(epoch)` where a button goes. If it is `quick`, *play* is the only
 * button. `draw(epoch)`. */
export function scrubber(epochs, set, ease, quick) {
  let [now, timer] = [0, null]; // the record that is shown
  const last = epochs.length - 1;
  const range = { min: 0, max: last, step: 1, value: 0, text: (k) => `epoch ${epochs[k]}` };
  const { node: label, set: show } = slider("training", range, (k) => {
    playing(false);
    set(epochs[k]);
  });
  const play = button("play", () => {
    if (!timer && now === last) ease(epochs[0]);
    playing(!timer);
  });

  function playing(on) {
    clearInterval(timer);
    timer = on ? setInterval(tick, quick ? QUICK / last : PAUSE) : null;
    play.textContent = on ? "pause" : "play";
  }

  function tick() {
    const next = Math.min(now + 1, last);
    if (next === last) playing(false);
    ease(epochs[next]);
  }

  function choose(epoch) {
    playing(false);
    ease(epoch);
  }

  const step = (by) => () => choose(epochs[clamp(now + by, 0, last)]);
  const steps = [button("previous", step(-1)), button("next", step(1))];
  const node = html("div", { class: "run" }, label, html("div", { class: "buttons" }, ...(quick ? [] : steps), play));

  function draw(epoch) {
    now = epochs.indexOf(epoch);
    show(now);
  }

  return { node, draw, choose, isPlaying: () => timer !== null };
}
