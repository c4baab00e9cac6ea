// The plane of z: each picture's code in the colour of its digit, its cloud, and the circle in which most draws land.
import { place, svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { picture } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { middles } from "./formulas.js";

const [LEFT, RIGHT, TOP, BOTTOM] = [24, 236, 2, 214];
const LEAST = 3; // codes that a digit has in sight, to be labelled
const CLOSE = 15; // between two labels

/** The plane up to ±`reach`, with circles around 0 and a frame at ±`frame`, if there is one. `draw(codes, sigma)`. */
export function plane(label, { reach, ticks, radii, frame, dot }, labels) {
  const x = scale([-reach, reach], [LEFT, RIGHT]);
  const y = scale([-reach, reach], [BOTTOM, TOP]);
  const unit = x(1) - x(0);
  const colour = (digit) => `var(--digit-${digit})`;
  const clouds = tenOf((k) => svg("path", { class: "cloud", fill: colour(k) }));
  const dots = tenOf((k) => svg("path", { class: "code", stroke: colour(k), "stroke-width": dot }));
  const names = tenOf((k) => svg("text", { class: "halo name" }, String(k)));
  const square = (size) => ({ x: x(-size), y: y(size), width: 2 * size * unit, height: 2 * size * unit });
  const node = picture(
    240,
    234,
    label,
    svg("rect", { class: "edge", ...square(reach) }),
    axes(x, y, ticks),
    ...clouds,
    ...dots,
    frame && svg("rect", { class: "edge", ...square(frame) }),
    ...radii.map((r) => svg("circle", { class: "prior", cx: x(0), cy: y(0), r: r * unit })),
    ...names,
  );
  const seen = ([a, b]) => Math.max(Math.abs(a), Math.abs(b)) < reach;

  function draw(codes, sigma) {
    const at = codes.map(([a, b]) => [x(a), y(b)]);
    const of = (digit, mark) => codes.map((code, i) => (labels[i] === digit && seen(code) ? mark(i) : "")).join("");
    dots.forEach((path, k) => place(path, { d: of(k, (i) => `M${round(at[i][0])},${round(at[i][1])}h0`) }));
    clouds.forEach((path, k) => place(path, { d: of(k, (i) => ellipse(at[i], sigma[i], unit)) }));
    const kept = [];
    middles(codes, labels, reach, LEAST).forEach((z, k) => {
      const here = z && [x(z[0]), y(z[1])];
      const free = here && kept.every(([px, py]) => Math.hypot(here[0] - px, here[1] - py) > CLOSE);
      names[k].classList.toggle("gone", !free);
      if (free) place(names[k], { x: round(here[0]), y: round(here[1] + 5) });
      if (free) kept.push(here);
    });
  }

  return { node, draw };
}

const tenOf = (make) => Array.from({ length: 10 }, (_, k) => make(k));

const round = (value) => value.toFixed(1);

/** An ellipse of one standard deviation around a place, as a path; none where there is no noise. */
function ellipse([px, py], sigma, unit) {
  const [rx, ry] = sigma.map((value) => value * unit);
  if (rx < 0.1 && ry < 0.1) return "";
  const [width, height, across] = [rx, ry, 2 * rx].map(round);
  return `M${round(px - rx)},${round(py)}a${width},${height} 0 1 0 ${across},0a${width},${height} 0 1 0 -${across},0`;
}

function axes(x, y, ticks) {
  return svg(
    "g",
    {},
    ...ticks.flatMap((tick) => [
      svg("text", { x: x(tick), y: BOTTOM + 17, "text-anchor": "middle" }, format(tick, 0)),
      svg("text", { x: LEFT - 4, y: y(tick) + 4, "text-anchor": "end" }, format(tick, 0)),
    ]),
  );
}
