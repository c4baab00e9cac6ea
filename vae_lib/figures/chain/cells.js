// The chain: a column for each day, a row for each state; how probable it is, exactly and for mean field.
import { html, place, svg } from "../base/elements.js";
import { picture, words } from "../base/picture.js";
import { STATES, SYMBOLS } from "./settings.js";

const LABEL =
  "Each day's probabilities of cold, mild and hot: the exact posterior's as wide bars, mean field's as narrow";
const [LEFT, WIDTH, TOP, ROW, MOST] = [52, 400, 26, 62, 54];
const WIDE = 44; // of an exact bar
const NARROW = 16; // of one of mean field
const round = (number) => number.toFixed(1);
const floor = (state) => TOP + ROW * (STATES.length - state) - 4;

/** The bars, and below them a button for each day's symbol; `change(x)` is told the symbols. `draw(found)`. */
export function cells(steps, change) {
  let seen = [];
  const column = (t) => LEFT + ((t + 0.5) * (WIDTH - LEFT)) / steps;
  const pairs = Array.from({ length: steps }, (_, t) => STATES.map((_, k) => pair(column(t), floor(k))));
  const node = picture(
    WIDTH,
    TOP + ROW * STATES.length + 22,
    LABEL,
    ...key(),
    ...STATES.flatMap((name, k) => [
      svg("path", { class: "base", d: `M${LEFT},${floor(k)}H${WIDTH}` }),
      words(LEFT - 8, floor(k) - 14, name, { anchor: "end" }),
    ]),
    ...pairs.flat().map((one) => one.node),
    ...pairs.map((_, t) => words(column(t), TOP + ROW * STATES.length + 16, `day ${t + 1}`, { anchor: "middle" })),
  );
  const buttons = pairs.map((_, t) =>
    html("button", { type: "button", click: () => change(seen.with(t, (seen[t] + 1) % SYMBOLS)) }),
  );
  const symbols = html("div", { class: "symbols" }, html("span", {}, "eaten"), ...buttons);

  function draw({ marginals, q, still: { x } }) {
    seen = x;
    pairs.forEach((day, t) => {
      day.forEach((one, k) => {
        one.draw(marginals[t][k], q[t][k]);
      });
      buttons[t].textContent = x[t];
      place(buttons[t], { "aria-label": `day ${t + 1}: ${x[t]} ${x[t] === 1 ? "ice cream" : "ice creams"} eaten` });
    });
  }

  return { nodes: [node, symbols], draw };
}

/** The two bars of a state on a day. */
function pair(middle, foot) {
  const [wide, narrow] = [bar("exact", middle, WIDE), bar("loose", middle, NARROW)];

  function draw(exact, loose) {
    place(wide, { y: round(foot - MOST * exact), height: round(MOST * exact) });
    place(narrow, { y: round(foot - MOST * loose), height: round(MOST * loose) });
  }

  return { node: svg("g", {}, wide, narrow), draw };
}

const bar = (name, middle, width) => svg("rect", { class: name, x: round(middle - width / 2), width });

const key = () => [
  svg("rect", { class: "exact", x: LEFT, y: 4, width: 22, height: 12 }),
  words(LEFT + 28, 15, "exact posterior"),
  svg("rect", { class: "loose", x: LEFT + 160, y: 4, width: 10, height: 12 }),
  words(LEFT + 176, 15, "mean field"),
];
