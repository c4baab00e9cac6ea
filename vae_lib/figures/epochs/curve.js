// One term of the loss over the epochs, with a marker at the record that is shown.
import { at } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";

const TICKS = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const [LEFT, RIGHT, TOP, BOTTOM] = [32, 350, 6, 128];

/** Where an epoch stands on the axis, before it is scaled. */
export const position = (epoch) => Math.log(1 + epoch);

const along = scale([0, position(TICKS.at(-1))], [LEFT, RIGHT]);
const x = (epoch) => along(position(epoch));

/** A curve: `line` after each epoch, `dots` at the records, and a `yardstick` if there is one; `choose(epoch)` is told
 * which record was pressed. `draw(position, value)` moves the marker. */
export function curve({ epochs, line, dots, range, ticks, colour, name, yardstick }, choose) {
  const y = scale(range, [BOTTOM, TOP]);
  const marker = svg("path", { d: `M0,${TOP}V${BOTTOM}`, stroke: "var(--ink)" });
  const ring = svg("circle", { class: "place", r: 7 });
  const far = (epoch, px) => Math.abs(x(epoch) - px);
  const nearest = (px) => epochs.reduce((best, epoch) => (far(epoch, px) < far(best, px) ? epoch : best));
  const box = { x: LEFT - 8, y: 0, width: RIGHT - LEFT + 16, height: BOTTOM + 4 };
  const surface = svg("rect", { class: "surface", ...box, click: (event) => choose(nearest(at(node, event)[0])) });
  const node = picture(
    360,
    170,
    `${name} over the epochs, with a marker at the epoch shown`,
    axis(x, TICKS, BOTTOM, "epoch"),
    verticalAxis(y, ticks, LEFT, ""),
    yardstick && level(y(yardstick), `independent pixels, ${format(yardstick, 1)}`),
    marker,
    svg("path", { class: "line", d: path(line.map((value, i) => [x(i + 1), y(value)])), stroke: `var(--${colour})` }),
    ...dots.map((value, k) => svg("circle", { cx: x(epochs[k]), cy: y(value), r: 3.5, fill: `var(--${colour})` })),
    ring,
    surface,
  );

  function draw(there, value) {
    const px = along(there).toFixed(1);
    place(marker, { transform: `translate(${px},0)` });
    place(ring, { cx: px, cy: y(value).toFixed(1) });
  }

  return { node, draw };
}

const level = (y, text) =>
  svg(
    "g",
    {},
    svg("path", { class: "level", d: `M${LEFT},${y}H${RIGHT}` }),
    words(RIGHT, y - 6, text, { anchor: "end" }),
  );
