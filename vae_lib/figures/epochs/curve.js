// One term of the loss over the epochs, on a logarithmic axis, with a marker at the epoch shown.
import { at } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { axis, picture, verticalAxis } from "../base/picture.js";
import { path, scale } from "../base/scale.js";

const TICKS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const [TOP, FLOOR] = [8, 130];
const grow = scale([0, Math.log(1 + TICKS.at(-1))], [28, 350]);
const x = (epoch) => grow(Math.log(1 + epoch));

/** `line` after each epoch, `dots` at the records, `extra(y)` behind them; a click calls `choose(record)`. */
export function curve(epochs, { line, dots, low, high, ticks, colour, name, extra = () => [] }, choose) {
  const y = scale([low, high], [FLOOR, TOP]);
  const marker = svg("line", { class: "marker", y1: TOP, y2: FLOOR });
  const ring = svg("circle", { class: "ringed", r: 7 });
  const distance = (k, px) => Math.abs(x(epochs[k]) - px);
  const nearest = (px) => epochs.reduce((best, _, k) => (distance(k, px) < distance(best, px) ? k : best), 0);
  const press = (event) => choose(nearest(at(node, event)[0]));
  const node = picture(
    360,
    172,
    `${name} over the epochs, with a marker at the epoch shown`,
    axis(x, TICKS, FLOOR, "epoch"),
    verticalAxis(y, ticks, 28),
    ...extra(y),
    marker,
    svg("path", { class: "each", stroke: `var(--${colour})`, d: path(line.map((value, i) => [x(i + 1), y(value)])) }),
    ...dots.map((value, k) => svg("circle", { cx: x(epochs[k]), cy: y(value), r: 3.5, fill: `var(--${colour})` })),
    ring,
    svg("rect", { class: "pressed", x: 20, y: TOP - 6, width: 340, height: FLOOR - TOP + 10, click: press }),
  );
  const draw = (k) => {
    place(marker, { x1: x(epochs[k]).toFixed(1), x2: x(epochs[k]).toFixed(1) });
    place(ring, { cx: x(epochs[k]).toFixed(1), cy: y(dots[k]).toFixed(1) });
  };
  return { node, draw };
}
