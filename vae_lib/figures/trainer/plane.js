// The plane: the data, the decoder's line with its band of σ_x, and one x with its q.
import { at } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { clamp, format } from "../base/numbers.js";
import { axis, picture, verticalAxis } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { decode } from "../base/small-vae.js";
import { cutOut, stroke } from "./marks.js";

const [LEFT, TOP, SIDE] = [32, 2, 366];
const NAME = "The plane of the data: the points x, the decoder's line with its band of noise, and one x with its q";
const x = scale([-2.7, 2.7], [LEFT, LEFT + SIDE]);
const y = scale([-2.7, 2.7], [TOP + SIDE, TOP]);
const TICKS = [-2, -1, 0, 1, 2];

/** The plane for `count` points; `choose(n)` is told which is pressed. `draw(found)`. */
export function plane(count, choose) {
  const points = Array.from({ length: count }, () => svg("circle", { r: 3 }));
  const band = svg("path", { class: "band" });
  const line = svg("path", stroke("decoder", 2.5));
  const q = svg("path", { class: "bar" });
  const arm = svg("path", stroke("ink", 1.3, "3 3"));
  const ring = svg("circle", { r: 6.5, ...stroke("ink", 2) });
  const zs = zMarks();
  const surface = svg("rect", { class: "surface", x: LEFT, y: TOP, width: SIDE, height: SIDE, click: press });
  const data = svg("g", { class: "points" }, ...points);
  const parts = [band, data, line, q, arm, ...zs.nodes, ring, surface];
  const drawn = cutOut([LEFT, TOP, SIDE, SIDE], ...parts);
  const frame = [axis(x, TICKS, TOP + SIDE, "x₁"), verticalAxis(y, TICKS, LEFT, "")];
  const node = picture(400, 408, NAME, ...frame, svg("text", { x: 0, y: y(2.45) + 5 }, "x₂"), drawn);
  let shown = [];

  function press(event) {
    const [px, py] = at(node, event);
    const far = (n) => (x(shown[2 * n]) - px) ** 2 + (y(shown[2 * n + 1]) - py) ** 2;
    choose(points.reduce((best, _, n) => (far(n) < far(best) ? n : best), 0));
  }

  function draw({ vae, x: values, mu, sigma, chosen }) {
    if (values !== shown) move(points, values);
    shown = values;
    const on = (z) => {
      const [f0, f1] = decode(vae.decoder, [z]);
      return [clamp(x(f0), -4000, 4000), clamp(y(f1), -4000, 4000)];
    };
    const along = (from, to, n) => path(Array.from({ length: n + 1 }, (_, i) => on(from + ((to - from) * i) / n)));
    const whole = along(-3, 3, 240);
    place(line, { d: whole });
    place(band, { d: whole, "stroke-width": 2 * vae.noiseStd * (x(1) - x(0)) });
    place(q, { d: along(mu - sigma, mu + sigma, 30) });
    zs.draw(on);
    const middle = [x(values[2 * chosen]), y(values[2 * chosen + 1])];
    place(ring, { cx: middle[0], cy: middle[1] });
    place(arm, { d: path([middle, on(mu)]) });
  }

  return { node, draw };
}

const move = (points, values) =>
  points.forEach((point, n) => place(point, { cx: x(values[2 * n]).toFixed(1), cy: y(values[2 * n + 1]).toFixed(1) }));

/** Where z = −2 … 2 are on the line; a name that has no room is hidden. */
function zMarks() {
  const marks = [0, -2, 2, -1, 1].map((z) => ({
    z,
    dot: svg("circle", { r: 3.5, style: "fill: var(--decoder)" }),
    name: svg("text", { class: "halo", style: "fill: var(--decoder)" }, format(z, 0)),
  }));

  function draw(on) {
    const kept = [];
    for (const { z, dot, name } of marks) {
      const [cx, cy] = on(z);
      const free = kept.every(([px, py]) => Math.hypot(px - cx, py - cy) > 24);
      if (free) kept.push([cx, cy]);
      place(dot, { cx, cy });
      place(name, { x: cx + 7, y: cy - 6, visibility: free ? "visible" : "hidden" });
    }
  }

  return { nodes: marks.flatMap(({ dot, name }) => [dot, name]), draw };
}
