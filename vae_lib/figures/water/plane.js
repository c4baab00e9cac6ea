// The plane of rate and distortion: Shannon's curve, the best point, the line of its ELBO, and the way of a training.
import { place, svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { axis, picture, verticalAxis, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { cutOut, key, stroke } from "../trainer/marks.js";
import { shannon } from "./formulas.js";

const [LEFT, RIGHT, TOP, FLOOR] = [34, 394, 24, 214];
const MOST = 5; // of the distortion
const LABEL =
  "The plane of distortion and rate: Shannon's curve, the predicted point, its ELBO, the way of the training";
const LEVELS = Array.from({ length: 120 }, (_, k) => 0.7 * 0.96 ** k);
const REACHES = [0.5, 1, 2, 4, 8, 16, 32];
const x = scale([0, MOST], [LEFT, RIGHT]);

/** The plane for `eigenvalues`. `draw(found)`. */
export function plane(eigenvalues) {
  const curve = shannon(eigenvalues, LEVELS);
  const shape = svg("path", stroke("ink", 1.5));
  const line = svg("path", stroke("decoder", 2, "7 4"));
  const way = svg("path", stroke("q", 2));
  const tip = svg("circle", { class: "latent", r: 5 });
  const best = svg("path", { class: "best", d: "M-8,0H8M0,-8V8" });
  const level = key(LEFT + 12, FLOOR - 16, "", "decoder", 2, "7 4");
  const keys = svg(
    "g",
    {},
    level,
    key(LEFT + 12, FLOOR - 35, "Shannon's curve", "ink", 1.5),
    svg("path", { class: "best", d: `M${LEFT + 17},${FLOOR - 59}h16m-8,-8v16` }),
    words(LEFT + 44, FLOOR - 54, "predicted"),
  );
  const frame = svg("g");
  const inside = cutOut([LEFT, TOP - 8, RIGHT - LEFT, FLOOR - TOP + 14], shape, line, way, best, tip);
  const node = picture(400, 254, LABEL, frame, keys, inside);
  let framed = 0;

  function axes(reach) {
    const y = scale([0, reach], [FLOOR, TOP]);
    if (framed === reach) return y;
    framed = reach;
    const ticks = [0, reach / 2, reach];
    frame.replaceChildren(
      axis(x, [0, 1, 2, 3, 4, 5], FLOOR, "distortion: squared error a picture"),
      verticalAxis(y, ticks, LEFT, "rate: KL, nats", reach < 2 ? 2 : 0),
    );
    place(shape, { d: path(curve.map(({ distortion, rate }) => [x(distortion), y(rate)])) });
    return y;
  }

  function draw({ predicted: { rate, distortion, elbo: nats }, trained, still }) {
    const { variance } = still.now;
    const y = axes(REACHES.find((reach) => reach >= 1.3 * Math.max(rate, trained?.rate ?? 0)) ?? REACHES.at(-1));
    const ends = [0, distortion + 2 * variance * rate]; // of the distortions with this ELBO
    place(line, { d: path(ends.map((at) => [x(at), y(rate + (distortion - at) / (2 * variance))])) });
    place(best, { transform: `translate(${x(distortion).toFixed(1)},${y(rate).toFixed(1)})` });
    const rows = still.rows.map((row) => [x(row.distortion), y(row.rate)]);
    place(way, { d: path(rows) });
    tip.classList.toggle("gone", !trained);
    if (trained) place(tip, { cx: x(trained.distortion).toFixed(1), cy: y(trained.rate).toFixed(1) });
    level.lastChild.textContent = `ELBO ${format(nats)} nats`;
  }

  return { node, draw };
}
