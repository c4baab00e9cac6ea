// First picture: ε below, z above it under q, and on top f over z with its slope and height at each draw.
import { handle } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { density } from "../base/normal.js";
import { clamp } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { slope, SWEEP, value } from "./formulas.js";
import { line, numberLine, ring, shape, trace } from "./parts.js";
import { nice, readable, short } from "./words.js";

const LABEL = "Frozen draws of ε below, the z that they give under q, and f over z with its slope and height at each";
const FEW = "Frozen draws of ε below, and the z that they give under q";
const TICKS = [-4, -2, 0, 2, 4];
const [ROOF, FLOOR, Z, EPS] = [48, 158, 236, 308];
const ABOVE = { mu: 180, sigma: 140 }; // where q begins, as narrow as it can be
const x = scale([-5.5, 5.5], [10, 390]);
const rounded = (number) => Math.round(20 * number) / 20;
const within = (name, number) => clamp(rounded(number), SWEEP[name][1], SWEEP[name][2]);

/** The picture of `count` draws; `set` is told the μ or the σ of a drag, and which draw is pointed at. With `only`, one
 * of the two, it ends above q, and nothing but that is dragged. */
export function drawsPicture(count, set, only) {
  const each = Array.from({ length: count }, (_, i) => marksOf(() => set({ chosen: i + 1 })));
  const [top, hump, grips] = [graphOfF(), humpOfQ(), handles(set, only)];
  const rings = [ring(), ring(), ring()];
  const node = only
    ? picture(400, 352, FEW, hump.curve, ...frozen(each, hump, rings.slice(0, 2)), ...grips.nodes)
    : picture(400, 352, LABEL, ...key(), ...layers(each, top, hump, rings), ...grips.nodes);
  if (only) place(node, { viewBox: `0 ${ABOVE[only]} 400 ${352 - ABOVE[only]}` });

  function draw(state, { f, p, b }, eps) {
    const zs = eps.map((e) => state.mu + state.sigma * e);
    const heights = zs.map((z) => value(f, p, z));
    const y = top.draw(state, { f, p, b }, heights);
    each.forEach((one, i) => one.draw(eps[i], zs[i], heights[i], { y, b, slope: slope(f, p, zs[i]) }));
    const i = state.chosen - 1;
    const ringed = [
      [x(eps[i]), EPS],
      [x(zs[i]), Z],
      [x(zs[i]), y(heights[i])],
    ];
    ringed.forEach(([cx, cy], k) => place(rings[k], { cx, cy }));
    hump.draw(state);
    grips.draw(state);
  }

  return { node, draw };
}

const key = () => [
  words(10, 15, "f(z)", { colour: "decoder" }),
  line({ class: "tangent", x1: 58, x2: 80, y1: 10, y2: 10 }),
  words(88, 15, "slope: pathwise", { colour: "q" }),
  line({ class: "line stem", x1: 210, x2: 232, y1: 10, y2: 10 }),
  words(240, 15, "height: score function"),
];

/** All but the key and the handles, from the back to the front. */
function layers(each, top, hump, rings) {
  const all = (name) => each.map((one) => one[name]);
  const above = [...top.nodes, ...all("stem"), ...all("tangent"), ...top.names];
  return [hump.curve, ...above, ...frozen(each, hump, rings)];
}

/** ε below, and z above it. */
function frozen(each, hump, rings) {
  const all = (name) => each.map((one) => one[name]);
  const lines = [Z, EPS].flatMap((y) => [line({ x1: 10, x2: 390, y1: y, y2: y }), numberLine(x, TICKS, y)]);
  const names = [
    words(390, EPS - 8, "ε", { anchor: "end" }),
    words(200, EPS + 38, "ε is frozen", { anchor: "middle" }),
  ];
  return [...all("fan"), ...lines, ...all("z"), ...all("eps"), ...rings, hump.name, ...names];
}

/** A draw: its ε, its z, the line between, its height above the level b and the slope of f there. */
function marksOf(chosen) {
  const fan = line({ class: "fan" });
  const stem = line({ class: "line stem" });
  const tangent = line({ class: "tangent" });
  const z = svg("circle", { class: "z", r: 4.5, cy: Z, pointerenter: chosen });
  const eps = svg("circle", { class: "eps", r: 4.5, cy: EPS, pointerenter: chosen });

  function draw(e, at, height, { y, b, slope: steepness }) {
    const [px, py] = [x(at), y(height)];
    const [dx, dy] = [x(1) - x(0), (y(1) - y(0)) * steepness];
    const length = 10 / Math.hypot(dx, dy);
    place(fan, { x1: x(e), x2: px, y1: EPS, y2: Z });
    place(stem, { x1: px, x2: px, y1: y(b), y2: py });
    place(tangent, { x1: px - length * dx, x2: px + length * dx, y1: py - length * dy, y2: py + length * dy });
    place(z, { cx: px });
    place(eps, { cx: x(e) });
  }

  return { fan, stem, tangent, z, eps, draw };
}

/** f over z, with the level from which heights count; `draw` returns the scale of the heights. */
function graphOfF() {
  const curve = shape({ class: "f" });
  const level = line({ x1: 10, x2: 390, "stroke-width": 0.8 });
  const most = words(20, ROOF + 5, "");
  const least = words(20, FLOOR + 5, "");
  const levelName = words(390, 0, "", { anchor: "end" });
  const ends = [ROOF, FLOOR].map((y) => line({ x1: 10, x2: 15, y1: y, y2: y }));
  const nodes = [level, line({ x1: 10, x2: 10, y1: ROOF, y2: FLOOR }), ...ends, curve];

  function draw(state, { f, p, b }, heights) {
    const [low, high] = [Math.min(0, b, ...heights), Math.max(0, b, ...heights)];
    const range = [low < 0 ? -nice(-low) : 0, nice(Math.max(high, 0.1))];
    const y = scale(range, [FLOOR, ROOF]);
    const jump = f === "step" ? 0 : Number.NaN;
    place(curve, { d: trace((z) => value(f, p, z), [-5.5, 5.5], { points: 440, x, y, range, jump }) });
    place(level, { y1: y(b), y2: y(b) });
    place(levelName, { y: y(b) + (y(b) > FLOOR - 20 ? -5 : 16) });
    levelName.textContent = state.baseline === "mean" ? `b = ${readable(b)}` : "0";
    most.textContent = short(range[1]);
    least.textContent = low < 0 ? short(range[0]) : "";
    return y;
  }

  return { nodes, names: [most, least, levelName], draw };
}

/** q's density over the line of z. */
function humpOfQ() {
  const curve = shape({ class: "hump" });
  const name = words(0, Z - 8, "z = μ + σ ε", { colour: "q" });
  const y = (q) => Z - 70 * q;

  function draw({ mu, sigma }) {
    const q = (z) => density((z - mu) / sigma) / sigma;
    place(curve, { d: trace(q, [mu - 4 * sigma, mu + 4 * sigma], { points: 80, x, y, range: [0, 9] }) });
    place(name, mu > 0 ? { x: 10, "text-anchor": "start" } : { x: 390, "text-anchor": "end" });
  }

  return { curve, name, draw };
}

/** μ is taken at the peak of q, σ on the line of z: apart, whatever σ is, for fingers. */
function handles(set, only) {
  const letter = (text, colour) => svg("text", { class: "letter", y: 4.5, style: `fill: var(--${colour})` }, text);
  const [arm, stand] = [line({ class: "arm" }), line({ class: "stand" })];
  const disc = svg("circle", { class: "grip", r: 10 });
  const box = svg("rect", { class: "grip", x: -9.5, y: -9.5, width: 19, height: 19 });
  let at = null;
  const mu = handle((px) => set({ mu: within("mu", x.invert(px)) }), disc, letter("μ", "ground"));
  const sigma = handle((px) => set({ sigma: within("sigma", x.invert(px) - at.mu) }), box, letter("σ", "q"));

  function draw(state) {
    at = state;
    const centre = x(state.mu);
    const peak = Z - (70 * density(0)) / state.sigma;
    const side = x(state.mu + state.sigma);
    place(arm, { x1: centre, x2: side, y1: Z, y2: Z });
    place(stand, { x1: centre, x2: centre, y1: Z, y2: peak });
    mu.moveTo(centre, peak);
    sigma.moveTo(side, Z);
  }

  const nodes = { mu: [stand, mu.node], sigma: [arm, sigma.node] };
  return { nodes: nodes[only] ?? [...nodes.mu, ...nodes.sigma], draw };
}
