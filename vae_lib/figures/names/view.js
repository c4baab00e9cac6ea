// Chapter 10: a name, letter by letter, before a decoder that uses z and one that does not; and how they came to that.
import { button, choice, slider, tabs } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { stateOf } from "../base/state.js";
import { nextBars, stateBars } from "./bars.js";
import { curves } from "./curves.js";
import { finder } from "./found.js";
import { firstLetters, opening } from "./opening.js";
import { reading } from "./reading.js";
import { admits, admitsState, ARMS, GUESSES, NETS, RUNS, STATES } from "./settings.js";
import { typing } from "./typing.js";
import style from "./view.css";

const ASK = "In training, one line a dose: encoder steps for each decoder step. Will dose 1 ever use z?";
const FIRST = {
  opening:
    "Same net, data and objective, two runs. Bars: the chance of each first letter. Below: six names drawn for that z.",
  all: "Type a name. Bars: what comes next after the letters seen, in a run that uses z and in one that does not.",
};
const BARS = "How probable each next letter is: with z as wide bars, without z as narrow ones";
const STATE_BARS = "The posterior of z after the letters seen: with z as wide bars, without z as narrow ones";

export function render({ model, el }) {
  const control = model.get("control") ?? "all";
  const part = control === "opening" ? openingOf(model) : namesOf(model);
  const hint = html("p", { class: "first hint" }, FIRST[control]);
  return mount(el, style, html("div", { class: `strings only-${control}` }, hint, ...part));
}

/** The opening's parts, live. */
function openingOf(model) {
  const { nodes, draw } = opening((change) => state.ease(change));
  const state = stateOf(model, { z: 3 }, firstLetters(model.get("data")), draw, admitsState);
  return nodes;
}

/** The whole figure's parts, live. */
function namesOf(model) {
  const { nets, recorded, name, seen } = model.get("data");
  const set = (change) => state.set(change);
  const text = reading(nets, recorded);
  const pictures = {
    next: nextBars(BARS, "next letter", RUNS, 120),
    z: stateBars(STATE_BARS, "z after these letters; dashed: its prior", 60),
  };
  const lines = Object.fromEntries(Object.keys(NETS).map((net) => [net, curves(recorded[net])]));
  const typed = typing((name, seen) => set({ name, seen }));
  const inputs = controls((change) => state.ease(change));

  function draw(found, settled) {
    const { now, most } = found.still;
    pictures.next.draw(found.next, most);
    pictures.z.draw(found.posterior, now.z);
    typed.set(now);
    inputs.set(now);
    for (const [net, { node, draw }] of Object.entries(lines)) {
      node.toggleAttribute("hidden", net !== now.net);
      draw(now.guess, now.arm);
    }
    text.draw(found, settled);
  }

  const start = { net: "mixture", name, seen, z: 0, seed: 1, guess: null, arm: "dose 1" };
  const state = stateOf(model, start, finder(nets), draw, admits);
  const again = button("draw again", () => state.ease({ seed: state.now.seed + 1 }));
  return arranged(pictures, typed, inputs, again, Object.values(lines), text);
}

/** The choices; `change(state)` is told of them. */
function controls(change) {
  const zs = Array.from({ length: STATES }, (_, k) => [k + 1, `z = ${k + 1}`]);
  const made = {
    net: choice("decoder", Object.entries(NETS), (net) => change({ net })),
    z: choice("which z", [[0, "all, by posterior"], ...zs], (z) => change({ z: Number(z) })),
    guess: choice("your guess", [["", "?"], ...Object.entries(GUESSES)], (guess) => change({ guess: guess || null })),
    arm: choice(
      "seeds of",
      ARMS.map((arm) => [arm, arm]),
      (arm) => change({ arm }),
    ),
  };
  const set = (now) => {
    for (const [name, one] of Object.entries(made)) one.set(now[name] ?? "");
  };
  return { ...made, set };
}

/** Where everything stands. */
function arranged({ next, z }, typed, inputs, again, lines, text) {
  const part = (name, ...nodes) => html("div", { class: name }, ...nodes);
  const key = html("p", { class: "key" }, ...RUNS.map((run) => html("span", {}, run)));
  const doses = part("doses", html("p", { class: "hint" }, ASK), inputs.guess.node, ...lines.map(({ node }) => node));
  doses.append(inputs.arm.node, text.answer);
  return [
    part("stage", key, next.node, z.node),
    part("controls", ...typed.nodes, inputs.z.node, inputs.net.node, text.sums),
    part("said", text.words),
    part(
      "more",
      tabs(["names drawn", part("many", text.drawn, again)], ["in training", doses], ["numbers", text.numbers]),
    ),
  ];
}
