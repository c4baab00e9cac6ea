// The scrubber: a slider over the records with the epoch as its value; one back, one on; and a clock that plays them.
import { button } from "../base/controls.js";
import { html } from "../base/elements.js";
import { clamp } from "../base/numbers.js";

const PAUSE = 1000; // milliseconds that a record stays while playing

/** `change(k)` is told the record to show, `ease(k)` the same where no hand is on the slider. */
export function scrubber(epochs, { change, ease }) {
  const last = epochs.length - 1;
  const moved = () => choose(change)(Number(input.value));
  const input = html("input", { type: "range", min: 0, max: last, step: 1, value: 0, input: moved });
  const output = html("output");
  let [timer, shown] = [null, 0];

  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(tick, PAUSE) : null;
    player.textContent = on ? "pause" : "play";
  }

  function tick() {
    ease(shown + 1);
    if (shown + 1 >= last) play(false);
  }

  const choose = (tell) => (k) => {
    play(false);
    tell(clamp(k, 0, last));
  };
  const player = button("play", () => {
    if (!timer && shown === last) ease(0);
    play(!timer);
  });
  const buttons = [button("previous", () => choose(ease)(shown - 1)), button("next", () => choose(ease)(shown + 1))];
  const node = html(
    "div",
    { class: "run" },
    html("label", { class: "scrubber" }, html("span", {}, "epoch"), input, output),
    html("div", { class: "buttons" }, ...buttons, player),
  );

  function draw(k) {
    shown = k;
    input.value = k;
    input.setAttribute("aria-valuetext", `epoch ${epochs[k]}`);
    output.textContent = String(epochs[k]);
  }

  return { node, draw, choose: choose(ease), playing: () => timer !== null };
}
