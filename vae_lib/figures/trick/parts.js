// What the trick's three pictures are drawn with.
import { svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { words } from "../base/picture.js";

export const line = (attributes) => svg("line", { class: "line", ...attributes });

export const shape = (attributes) => svg("path", { fill: "none", ...attributes });

export const ring = () => svg("circle", { class: "ringed", r: 9 });

export const diamond = (x, y) => `M${x - 6},${y}L${x},${y - 6}L${x + 6},${y}L${x},${y + 6}Z`;

export const dot = (x, y) => `M${x - 5},${y}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z`;

/** A number line at height `y`, its numbers below it. */
export function numberLine(x, ticks, y, digits = 0) {
  const each = ticks.flatMap((tick) => [
    line({ x1: x(tick), x2: x(tick), y1: y, y2: y + 4 }),
    words(x(tick), y + 20, format(tick, digits), { anchor: "middle" }),
  ]);
  return svg("g", {}, line({ x1: x(ticks[0]), x2: x(ticks.at(-1)), y1: y, y2: y }), ...each);
}

/** A path through f over [low, high] that lifts the pen where f leaves [bottom, top] or jumps (at `jump`). */
export function trace(f, [low, high], { points, x, y, range: [bottom, top], jump = Number.NaN }) {
  let [text, down, last] = ["", false, low];
  for (let i = 0; i <= points; i++) {
    const u = low + ((high - low) * i) / points;
    const v = f(u);
    if (jump > last - 1e-9 && jump < u + 1e-9) down = false;
    if (v >= bottom && v <= top) text += `${down ? "L" : "M"}${x(u).toFixed(1)},${y(v).toFixed(1)}`;
    down = v >= bottom && v <= top;
    last = u;
  }
  return text;
}
