// The prior, the true posterior with its two humps, and q, which is taken by its mean and by its shoulder.
import { handle } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { axis, picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { logNormal, logPosterior } from "./formulas.js";

export const MU = { min: -2.5, max: 2.5, step: 0.05 };
export const SIGMA = { min: 0.1, max: 1.6, step: 0.01 };
const [WIDTH, HEIGHT, FLOOR] = [400, 270, 222];
const LABEL = "The prior, the true posterior with its two humps, and q";
const x = scale([-4, 4], [10, WIDTH - 10]);
const y = scale([0, 0.75], [FLOOR - 2, 8]);
const ZS = Array.from({ length: 401 }, (_, i) => -4 + i / 50);
const curve = (logDensity) => path(ZS.map((z) => [x(z), y(Math.exp(logDensity(z)))]));

/** The picture; `set` is told the μ or the σ to which a hand drags q. Without `only`, both can be dragged. */
export function densities(set, only) {
  const q = svg("path", { class: "q" });
  const name = words(0, 0, "q", { colour: "q", anchor: "middle" });
  const [stem, arm] = [svg("line", { class: "arm" }), svg("line", { class: "arm" })];
  const mean = handle((px) => set({ mu: within(MU, x.invert(px)) }), svg("circle", { class: "grip", r: 9 }));
  const shoulder = handle(
    (px) => set({ sigma: within(SIGMA, x.invert(px) - now.mu) }),
    svg("rect", { class: "grip", x: -8, y: -8, width: 16, height: 16 }),
  );
  let now = null;
  const node = picture(
    WIDTH,
    HEIGHT,
    LABEL,
    svg("path", { class: "prior", d: curve((z) => logNormal(z, 0, 1)) }),
    svg("path", { class: "posterior", d: curve(logPosterior) }),
    words(x(-0.45), y(0.42), "prior", { colour: "prior" }),
    words(x(-1.6), y(0.5), "posterior", { colour: "posterior", anchor: "middle" }),
    axis(x, [-4, -3, -2, -1, 0, 1, 2, 3, 4], FLOOR, "latent z"),
    svg("svg", { width: WIDTH, height: FLOOR, overflow: "hidden" }, q), // what leaves the picture is cut off
    name,
    stem,
    only !== "mu" && arm,
    only !== "sigma" && mean.node,
    only !== "mu" && shoulder.node,
  );

  function draw(found) {
    now = found;
    const { mu, sigma } = found;
    const logQ = (z) => logNormal(z, mu, sigma);
    const height = Math.max(y(Math.exp(logQ(mu + sigma))), 24); // of the shoulder, where q bends from hill to slope
    place(q, { d: curve(logQ) });
    place(name, { x: x(mu), y: Math.max(y(Math.exp(logQ(mu))) - 8, 16) });
    place(stem, { x1: x(mu), x2: x(mu), y1: y(0), y2: height });
    place(arm, { x1: x(mu), x2: x(mu + sigma), y1: height, y2: height });
    mean.moveTo(x(mu), y(0));
    shoulder.moveTo(x(mu + sigma), height);
  }

  return { node, draw };
}

const within = ({ min, max }, value) => clamp(value, min, max);
