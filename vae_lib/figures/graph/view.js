// Chapter 2: the worked example with every number live: change x, ε or a weight, and read off values and gradients.
import { slider } from "../base/controls.js";
import { html } from "../base/elements.js";
import { mount } from "../base/mount.js";
import { clamp } from "../base/numbers.js";
import { stateOf } from "../base/state.js";
import { about } from "./about.js";
import { derive, flat, INPUTS, placeOf, replaced } from "./formulas.js";
import { admits, inputsOf, LIMIT } from "./inputs.js";
import { NODES } from "./nodes.js";
import { panels } from "./panels.js";
import style from "./view.css";
import { lossSentence, movedSentence } from "./words.js";

const STEPS = 20; // a hand and the slider move a number in so many steps a unit
const FIRST = {
  x: "Drag a number of x sideways, or use the slider: everything follows.",
  eps: "Drag a number of ε sideways, or use the slider: which numbers follow, and which do not?",
  all:
    "Take a number of x, ε, W or b and drag it sideways, or use the slider. " +
    "Point at any number to see where it comes from.",
};
const LEGEND =
  "In each cell: the value, and under it in italics the slope ∂J/∂value. Values run along the arrows, slopes against " +
  "them. Bold: changed by you. Dashed: switched off by a ReLU.";

export function render({ model, el }) {
  const data = model.get("data");
  const control = model.get("control") ?? "all";
  const editable = (key) => (control === "all" ? INPUTS : [control]).includes(key);
  const begin = { example: 0, numbers: {}, held: control === "x" ? "x 0" : "eps 1", taken: null };
  const pointed = { over: null, focus: null };
  let [now, gripped] = [derive(data, begin), 0];
  const held = () => placeOf(state.now.held);
  const value = ({ key, k }) => flat(now.values[key])[k];

  const act = {
    focused: () => pointed.focus,
    grip: () => (gripped = value(held())),
    drag: (by) => act.change(Math.round((gripped + by) * STEPS) / STEPS),
    load: (example) => state.ease({ example, numbers: {}, taken: null }),
    hold: ({ key, k }) => {
      pointed.over = null;
      if (`${key} ${k}` === state.now.held) return;
      graph.show(key);
      state.set({ held: `${key} ${k}`, taken: value({ key, k }) });
    },
    change: (next) => {
      const { [held().key]: changed } = replaced(now.values, held(), clamp(next, -LIMIT, LIMIT));
      state.set({ numbers: { ...state.now.numbers, [held().key]: changed } });
    },
    point: (change) => {
      Object.assign(pointed, change);
      state.set({});
    },
  };
  const few = control === "eps";
  const graph = panels(now.values, act, editable, few);
  const [inputs, one, words] = [inputsOf(act), oneSlider(control, act), about(data)];
  const [loss, moved] = [html("p", { "aria-live": "polite" }), html("p", { class: "moved" })];

  function draw(found, settled) {
    now = found;
    const at = placeOf(found.held);
    const shown = pointed.over ?? pointed.focus ?? at;
    graph.draw(found, at, shown);
    if (control === "all") inputs.draw(found, at);
    else one.set(value(at));
    words.draw(found, shown);
    if (settled) [loss.textContent, moved.textContent] = [lossSentence(found), movedSentence(found, at)];
  }

  const state = stateOf(
    model,
    begin,
    (given) => derive(data, given),
    draw,
    (given) => admits(data, given),
  );
  const all = control === "all";
  const frame = html(
    "div",
    { class: `graph only-${control}` },
    html("p", { class: "first hint" }, FIRST[control]),
    all ? inputs.node : one.node,
    loss,
    !few && moved,
    !few && html("p", { class: "legend hint" }, LEGEND),
    html("div", { class: "lower" }, html("div", { class: "stage tall" }, graph.node), all && words.node),
  );
  return mount(el, style, frame);
}

const oneSlider = (key, act) =>
  slider(NODES[key]?.symbol ?? "", { min: -LIMIT, max: LIMIT, step: 1 / STEPS, value: 0 }, act.change);
