// What many random chains say over the stickiness: gaps above, bad optima below; where the present chain stands.
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { STAY } from "./settings.js";

const LABEL = "Means over many random chains, by the chance to stay: gaps of two q, and chains with several optima";
const [LEFT, RIGHT] = [44, 392];
const GAPS = { top: 70, floor: 180, most: 0.8, ticks: [0, 0.2, 0.4, 0.6, 0.8], name: "mean gap, nats" };
const SEVERAL = { top: 224, floor: 294, most: 100, ticks: [0, 50, 100], name: "chains with more than one optimum, %" };
const SHOWN = [40, 60, 80, 98];
const x = scale([33, STAY.max], [LEFT, RIGHT]);
const heightOf = ({ most, floor, top }) => {
  const y = scale([0, most], [floor, top]);
  return (value) => y(clamp(value, 0, most));
};
const [gaps, several] = [GAPS, SEVERAL].map(heightOf);

/** The `recorded` curves, lists by name over `stay`, in percent. `draw(found)`. */
export function curves({ stay, gap, error, product, share }) {
  const line = (values, y) => path(values.map((value, i) => [x(stay[i]), y(value)]));
  const bars = stay.map((at, i) => `M${x(at)},${gaps(gap[i] - error[i])}V${gaps(gap[i] + error[i])}`);
  const told = [
    svg("path", { class: "product", d: line(product, gaps) }),
    svg("path", { class: "best", d: line(gap, gaps) }),
    svg("path", { class: "error", d: bars.join("") }),
    svg("path", { class: "several", d: line(share, several) }),
  ];
  const now = svg("path", { class: "now" });
  const asked = words((LEFT + RIGHT) / 2, (GAPS.top + GAPS.floor) / 2, "guess first", { anchor: "middle" });
  const node = picture(
    400,
    340,
    LABEL,
    ...key(),
    ...frame(GAPS, gaps),
    ...frame(SEVERAL, several),
    ...SHOWN.map((percent) => words(x(percent), SEVERAL.floor + 20, `${percent}`, { anchor: "middle" })),
    words((LEFT + RIGHT) / 2, SEVERAL.floor + 40, "chance to stay, %", { anchor: "middle" }),
    now,
    svg("g", { class: "told" }, ...told),
    asked,
  );

  function draw({ stay, still: { guess } }) {
    node.classList.toggle("untold", guess === null);
    asked.textContent = guess === null ? "guess first" : "";
    place(now, { d: `M${x(stay).toFixed(1)},${GAPS.top - 6}V${SEVERAL.floor}` });
  }

  return { node, draw };
}

/** Axes of one of the two, and its name. */
const frame = ({ top, floor, ticks, name }, y) => [
  svg("path", { class: "axes", d: `M${LEFT},${top}V${floor}H${RIGHT}` }),
  ...ticks.flatMap((tick) => [
    svg("path", { class: "axes", d: `M${LEFT - 4},${y(tick)}h4` }),
    words(LEFT - 7, y(tick) + 5, String(tick), { anchor: "end" }),
  ]),
  words(LEFT - 4, top - 10, name),
];

const key = () => [
  svg("path", { class: "best", d: "M8,12h30" }),
  words(46, 17, "best mean field, ± standard error"),
  svg("path", { class: "product", d: "M8,32h30" }),
  words(46, 37, "product of the true marginals"),
];
