// Chapter 3: z = μ + σ ε with ε frozen, and the two estimators of ∂E[f(z)]/∂μ side by side.
import { button, choice, clamp, density, draggable, format, html, noise, normalCdf, oncePerFrame, place, scale, slider, svg } from "./base.js";

// Each f with its parameter p (the c of z² + c, the ω of z + sin ωz), and what is exact for z ~ N(μ, σ²):
// E[f], its derivative by μ, and the variance of one draw's estimate by either way, b being the baseline.
const FUNCTIONS = {
  square: {
    value: (z, c) => z * z + c,
    slope: (z) => 2 * z,
    expected: (c, mu, sigma) => mu ** 2 + sigma ** 2 + c,
    gradient: (c, mu) => 2 * mu,
    pathwiseVariance: (c, mu, sigma) => 4 * sigma ** 2,
    scoreVariance: (c, mu, sigma, b) => ((mu ** 2 + c - b) / sigma + 3 * sigma) ** 2 + 6 * sigma ** 2 + 8 * mu ** 2,
  },
  wave: {
    value: (z, omega) => z + Math.sin(omega * z),
    slope: (z, omega) => 1 + omega * Math.cos(omega * z),
    expected: (omega, mu, sigma) => mu + Math.sin(omega * mu) * Math.exp(-0.5 * (omega * sigma) ** 2),
    gradient: (omega, mu, sigma) => 1 + omega * Math.cos(omega * mu) * Math.exp(-0.5 * (omega * sigma) ** 2),
    pathwiseVariance(omega, mu, sigma) {
      const square = (omega * sigma) ** 2;
      return -0.5 * omega ** 2 * Math.expm1(-square) * (1 - Math.cos(2 * omega * mu) * Math.exp(-square));
    },
    scoreVariance(omega, mu, sigma, b) {
      const [s, m] = [omega * sigma, mu - b];
      const cross = m * (1 - s * s) * Math.sin(omega * mu) + sigma * (3 * s - s ** 3) * Math.cos(omega * mu);
      const squaredSine = 0.5 - 0.5 * (1 - 4 * s * s) * Math.cos(2 * omega * mu) * Math.exp(-2 * s * s);
      const meanSquare = m * m + 3 * sigma ** 2 + 2 * cross * Math.exp(-0.5 * s * s) + squaredSine;
      return meanSquare / sigma ** 2 - this.gradient(omega, mu, sigma) ** 2;
    },
  },
  step: {
    value: (z) => (z > 0 ? 1 : 0),
    slope: () => 0,
    expected: (_, mu, sigma) => normalCdf(mu / sigma),
    gradient: (_, mu, sigma) => density(mu / sigma) / sigma,
    pathwiseMean: () => 0,
    pathwiseVariance: () => 0,
    scoreVariance(_, mu, sigma, b) {
      const r = mu / sigma;
      const above = normalCdf(r) - r * density(r); // E[ε²] over the draws with z > 0; 1 over all
      return ((1 - b) ** 2 * above + b ** 2 * (1 - above)) / sigma ** 2 - this.gradient(_, mu, sigma) ** 2;
    },
  },
};

export const value = (f, p, z) => FUNCTIONS[f].value(z, p);
export const slope = (f, p, z) => FUNCTIONS[f].slope(z, p);

/** One draw's estimates of ∂E[f]/∂μ: the slope of f at z, and its height times the score. */
export const pathwiseGradient = (f, p, mu, sigma, eps) => slope(f, p, mu + sigma * eps);
export const scoreFunctionGradient = (f, p, mu, sigma, eps, baseline = 0) => ((value(f, p, mu + sigma * eps) - baseline) * eps) / sigma;

/** Exactly: E[f], ∂E[f]/∂μ (which is also the score function's mean), the path's mean, and both variances. */
export const expected = (f, p, mu, sigma) => FUNCTIONS[f].expected(p, mu, sigma);
export const gradient = (f, p, mu, sigma) => FUNCTIONS[f].gradient(p, mu, sigma);
export const pathwiseMean = (f, p, mu, sigma) => (FUNCTIONS[f].pathwiseMean ?? FUNCTIONS[f].gradient)(p, mu, sigma);
export const pathwiseVariance = (f, p, mu, sigma) => FUNCTIONS[f].pathwiseVariance(p, mu, sigma);
export const scoreVariance = (f, p, mu, sigma, baseline = 0) => FUNCTIONS[f].scoreVariance(p, mu, sigma, baseline);

/** Where `difference` is below 0 between `low` and `high`: intervals, their ends by bisection. */
export function negative(difference, low, high, points = 400) {
  const at = (i) => low + ((high - low) * i) / points;
  const isNegative = (u) => difference(u) < 0;
  const ends = isNegative(low) ? [low] : [];
  for (let i = 0; i < points; i++) {
    let [a, b] = [at(i), at(i + 1)];
    const first = isNegative(a);
    if (first === isNegative(b)) continue;
    for (let halving = 0; halving < 40; halving++) {
      const middle = (a + b) / 2;
      if (isNegative(middle) === first) a = middle;
      else b = middle;
    }
    ends.push((a + b) / 2);
  }
  if (ends.length % 2) ends.push(high);
  return Array.from({ length: ends.length / 2 }, (_, i) => [ends[2 * i], ends[2 * i + 1]]);
}

/** `n` draws of N(0, 1) from a seed, rounded and in order. */
export function normals(seed, n) {
  const draw = noise(seed);
  return Array.from({ length: n }, () => Math.round(100 * draw()) / 100).sort((a, b) => a - b);
}

/** The smallest round number that is not below `size`. */
export function nice(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 1.5, 2, 3, 4, 6, 8, 10].find((digit) => digit * power >= size * (1 - 1e-12)) * power;
}

/** A number for reading, thousands apart; small ones with four digits. */
export function readable(number) {
  if (number === 0) return "0";
  const [whole, rest] = format(number, Math.abs(number) < 0.1 ? 4 : 2).split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, "\u202f")}.${rest}`;
}

// The four choices: which f, its slider, and over what the third picture runs.
const SWEEP = { mu: ["μ", -2, 2], sigma: ["σ", 0.3, 1.5] };
const CHOICES = {
  square: { f: "square", text: "z²", of: "z²", sweep: "sigma" },
  plus: { f: "square", text: "z² + c", of: "z² + c", sweep: "c", slider: { min: -20, max: 100, step: 1, digits: 0 } },
  wave: { f: "wave", text: "z + sin ωz", of: "z + sin ωz", sweep: "omega", slider: { min: 0, max: 10, step: 0.1, digits: 1 } },
  step: { f: "step", text: "step: 1 if z > 0, else 0", of: "step(z)", sweep: "mu" },
};
const LETTERS = { c: "c", omega: "ω" };
const START = { choice: "square", mu: 0.5, sigma: 1, c: 0, omega: 1, baseline: "none", chosen: 8, seed: 0 };

/** What the pictures show: everything that follows from the settings and the draws. */
export function derived(state, eps) {
  const { f, sweep } = CHOICES[state.choice];
  const p = LETTERS[sweep] ? state[sweep] : 0;
  const b = state.baseline === "mean" ? expected(f, p, state.mu, state.sigma) : 0;
  const at = [f, p, state.mu, state.sigma];
  const mean = (values) => values.reduce((a, c) => a + c, 0) / values.length;
  const path = eps.map((e) => pathwiseGradient(...at, e));
  const score = eps.map((e) => scoreFunctionGradient(...at, e, b));
  return {
    f, p, b, exact: gradient(...at),
    ways: [
      { values: path, shown: mean(path), mean: pathwiseMean(...at), variance: pathwiseVariance(...at) },
      { values: score, shown: mean(score), mean: gradient(...at), variance: scoreVariance(...at, b) },
    ],
  };
}

/** The function u ↦ [path, score function] of the third picture: variances, or for the step the means. */
function swept(state) {
  const { f, sweep } = CHOICES[state.choice];
  return (u) => {
    const { mu, sigma, c, omega } = { ...state, [sweep]: u };
    const at = [f, { c, omega }[sweep] ?? 0, mu, sigma];
    if (f === "step") return [0, gradient(...at)];
    return [pathwiseVariance(...at), scoreVariance(...at, state.baseline === "mean" ? expected(...at) : 0)];
  };
}

/** A path through f over [low, high] that lifts the pen where f leaves [bottom, top] or jumps (at `jump`). */
function trace(f, [low, high], points, x, y, [bottom, top], jump) {
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

/** A round number as short as it can be written. */
const short = (number) => String(Number(number.toPrecision(2))).replace("-", "−");

const BLUE = { fill: "var(--q)" };
const INK = { fill: "var(--ink)" };
const HALO = "paint-order: stroke; stroke: var(--ground); stroke-width: 4px; stroke-linejoin: round;";
const words = (x, y, text, anchor = "start", colour = "ink") => svg("text", { x, y, "text-anchor": anchor, style: `${HALO} fill: var(--${colour})` }, text);
const line = (attributes) => svg("line", { stroke: "var(--ink)", ...attributes });
const shape = (attributes) => svg("path", { fill: "none", ...attributes });
const ring = () => svg("circle", { r: 9, fill: "none", stroke: "var(--ink)", "stroke-width": 2, "pointer-events": "none" });
const picture = (height, label, ...children) => svg("svg", { viewBox: `0 0 400 ${height}`, role: "img", "aria-label": label, style: "overflow: hidden" }, ...children);
const diamond = (x, y) => `M${x - 6},${y}L${x},${y - 6}L${x + 6},${y}L${x},${y + 6}Z`;

function horizontalAxis(x, ticks, y, digits = 0) {
  return svg("g", {}, line({ x1: x(ticks[0]), x2: x(ticks.at(-1)), y1: y, y2: y }), ...ticks.flatMap((tick) => [
    line({ x1: x(tick), x2: x(tick), y1: y, y2: y + 4 }),
    words(x(tick), y + 20, format(tick, digits), "middle"),
  ]));
}

/** First picture: ε below, z above it under q, and on top f over z with its slope and height at each draw. */
function drawsPicture(count, set) {
  const [x, roof, floor, zY, epsY, ticks] = [scale([-5.5, 5.5], [10, 390]), 48, 158, 236, 308, [-4, -2, 0, 2, 4]];
  const curve = shape({ stroke: "var(--decoder)", "stroke-width": 2.5 });
  const hump = shape({ stroke: "var(--q)", "stroke-width": 2, "stroke-dasharray": "9 3 2 3", style: "fill: var(--q); fill-opacity: 0.12" });
  const level = line({ x1: 10, x2: 390, "stroke-width": 0.8 });
  const [levelName, most, least] = [words(390, 0, "", "end"), words(20, roof + 5, ""), words(20, floor + 5, "")];
  const zName = words(0, zY - 8, "z = μ + σ ε", "start", "q");
  const each = Array.from({ length: count }, (_, i) => {
    const touched = { pointerenter: () => set({ chosen: i + 1 }) };
    return {
      fan: line({ style: "stroke: var(--data)" }),
      stem: line({ "stroke-dasharray": "3 3", "stroke-width": 1.2 }),
      tangent: line({ style: "stroke: var(--q)", "stroke-width": 4, "stroke-linecap": "round" }),
      z: svg("circle", { r: 4.5, cy: zY, ...BLUE, ...touched }),
      eps: svg("circle", { r: 4.5, cy: epsY, fill: "var(--ground)", stroke: "var(--ink)", "stroke-width": 1.5, ...touched }),
    };
  });
  const all = (name) => each.map((one) => one[name]);
  const rings = [ring(), ring(), ring()];
  const letter = (text, colour) => svg("text", { "text-anchor": "middle", "pointer-events": "none", style: `fill: var(--${colour}); font-size: 14px` }, text);
  const [arm, stand] = [line({ style: "stroke: var(--q)", "stroke-width": 3 }), line({ style: "stroke: var(--q)" })];
  const [muName, sigmaName] = [letter("μ", "ground"), letter("σ", "q")];
  const muHandle = svg("circle", { r: 10, ...BLUE });
  const sigmaHandle = svg("rect", { width: 19, height: 19, fill: "var(--ground)", style: "stroke: var(--q)", "stroke-width": 2.5 });
  const node = picture(352, "Frozen draws of ε below, the z that they give under q, and f over z with its slope and height at each",
    words(10, 15, "f(z)", "start", "decoder"), line({ x1: 58, x2: 80, y1: 10, y2: 10, style: "stroke: var(--q)", "stroke-width": 4 }), words(88, 15, "slope: pathwise", "start", "q"),
    line({ x1: 210, x2: 232, y1: 10, y2: 10, "stroke-dasharray": "3 3" }), words(240, 15, "height: score function"),
    hump, level, line({ x1: 10, x2: 10, y1: roof, y2: floor }), line({ x1: 10, x2: 15, y1: roof, y2: roof }), curve, ...all("stem"), ...all("tangent"), line({ x1: 10, x2: 15, y1: floor, y2: floor }), most, least, levelName,
    ...all("fan"), line({ x1: 10, x2: 390, y1: zY, y2: zY }), horizontalAxis(x, ticks, zY), line({ x1: 10, x2: 390, y1: epsY, y2: epsY }), horizontalAxis(x, ticks, epsY), ...all("z"), ...all("eps"), ...rings,
    zName, words(390, epsY - 8, "ε", "end"), words(200, epsY + 38, "ε is frozen; drag μ and σ", "middle"),
    stand, arm, muHandle, muName, sigmaHandle, sigmaName);
  let now = START;
  const rounded = (number) => Math.round(20 * number) / 20;
  draggable(muHandle, (px) => set({ mu: clamp(rounded(x.invert(px)), -2, 2) }));
  draggable(sigmaHandle, (px) => set({ sigma: clamp(rounded(x.invert(px) - now.mu), 0.3, 1.5) }));

  function draw(state, { f, p, b }, eps) {
    now = state;
    const { mu, sigma } = state;
    const zs = eps.map((e) => mu + sigma * e);
    const heights = zs.map((z) => value(f, p, z));
    const [low, high] = [Math.min(0, b, ...heights), Math.max(0, b, ...heights)];
    const range = [low < 0 ? -nice(-low) : 0, nice(Math.max(high, 0.1))];
    const y = scale(range, [floor, roof]);
    place(curve, { d: trace((z) => value(f, p, z), [-5.5, 5.5], 440, x, y, range, f === "step" ? 0 : NaN) });
    place(hump, { d: trace((z) => density((z - mu) / sigma) / sigma, [mu - 4 * sigma, mu + 4 * sigma], 80, x, (q) => zY - 70 * q, [0, 9]) });
    place(zName, mu > 0 ? { x: 10, "text-anchor": "start" } : { x: 390, "text-anchor": "end" });
    place(level, { y1: y(b), y2: y(b) });
    place(levelName, { y: y(b) + (y(b) > floor - 20 ? -5 : 16) });
    levelName.textContent = state.baseline === "mean" ? `b = ${readable(b)}` : "0";
    most.textContent = short(range[1]);
    least.textContent = low < 0 ? short(range[0]) : "";
    each.forEach((one, i) => {
      const [px, py] = [x(zs[i]), y(heights[i])];
      const [dx, dy] = [x(1) - x(0), (y(1) - y(0)) * slope(f, p, zs[i])];
      const length = 10 / Math.hypot(dx, dy);
      place(one.fan, { x1: x(eps[i]), x2: px, y1: epsY, y2: zY });
      place(one.stem, { x1: px, x2: px, y1: y(b), y2: py });
      place(one.tangent, { x1: px - length * dx, x2: px + length * dx, y1: py - length * dy, y2: py + length * dy });
      place(one.z, { cx: px });
      place(one.eps, { cx: x(eps[i]) });
    });
    const i = state.chosen - 1;
    [[x(eps[i]), epsY], [x(zs[i]), zY], [x(zs[i]), y(heights[i])]].forEach(([cx, cy], k) => place(rings[k], { cx, cy }));
    const [peak, flank] = [density(0), density(1)].map((height) => zY - (70 * height) / sigma); // q at μ and at μ + σ
    place(arm, { x1: x(mu), x2: x(mu + sigma), y1: flank, y2: flank });
    place(stand, { x1: x(mu), x2: x(mu), y1: zY, y2: peak });
    place(muHandle, { cx: x(mu), cy: peak });
    place(muName, { x: x(mu), y: peak + 4.5 });
    place(sigmaHandle, { x: x(mu + sigma) - 9.5, y: flank - 9.5 });
    place(sigmaName, { x: x(mu + sigma), y: flank + 4.5 });
  }
  return { node, draw };
}

/** Second picture: each draw's two estimates over its ε, with the exact mean and standard deviation beside them. */
function estimatesPicture(count, set) {
  const [top, bottom] = [46, 236];
  const sides = [["q", "pathwise:", 46], ["ink", "score function:", 228]].map(([colour, name, left], side) => {
    const x = scale([-3.5, 3.5], [left, left + 138]);
    return {
      x, left, curve: shape({ stroke: `var(--${colour})`, "stroke-width": 1.3, "stroke-dasharray": side ? "5 3" : "none" }),
      marks: Array.from({ length: count }, (_, i) => shape({ stroke: "var(--ground)", style: `fill: var(--${colour})`, pointerenter: () => set({ chosen: i + 1 }) })),
      ring: ring(), band: svg("rect", { x: left, width: 138, style: `fill: var(--${colour}); fill-opacity: 0.1` }),
      bar: shape({ stroke: `var(--${colour})`, "stroke-width": 2 }), shown: shape({ style: `fill: var(--${colour})` }),
      title: words(left, 15, name, "start", colour), second: words(left, 34, "", "start", colour),
    };
  });
  const exact = line({ x1: 46, x2: 396, "stroke-width": 1.2 });
  const [high, zero, low] = [words(42, top + 5, "", "end"), words(42, (top + bottom) / 2 + 5, "0", "end"), words(42, bottom + 5, "", "end")];
  const bias = words(0, 0, "", "end");
  const frame = ({ x, left }) => [line({ x1: left, x2: left, y1: top, y2: bottom }), horizontalAxis(x, [-3, 0, 3], bottom), words(x(1.5), bottom + 20, "ε", "middle")];
  const node = picture(310, "The estimates of each draw over its ε, pathwise on the left and score function on the right",
    ...sides.map((side) => side.band), ...sides.flatMap(frame), exact, ...sides.flatMap((side) => [side.curve, ...side.marks, side.ring, side.bar, side.shown, side.title, side.second]),
    high, zero, low, bias,
    line({ x1: 46, x2: 68, y1: 276, y2: 276 }), words(76, 281, "exact gradient"), shape({ d: "M228,276l10,-5v10Z", style: "fill: var(--ink)" }), words(246, 281, `mean of the ${count} shown`),
    shape({ d: "M52,290h10m-5,0v16m-5,0h10M52,298h10", stroke: "var(--ink)", "stroke-width": 2 }), words(76, 303, "exact mean ± standard deviation of a draw"));

  function draw(state, { f, p, b, exact: truth, ways }, eps) {
    const { mu, sigma } = state;
    const reach = nice(1.05 * Math.max(0.5, truth, ...ways.flatMap((way) => [...way.values.map(Math.abs), Math.abs(way.mean) + Math.sqrt(way.variance)])));
    const y = scale([-reach, reach], [bottom, top]);
    high.textContent = short(reach);
    low.textContent = short(-reach);
    place(exact, { y1: y(truth), y2: y(truth) });
    sides[1].second.textContent = state.baseline === "mean" ? "(f(z) − b) ε/σ" : "f(z) ε/σ";
    sides[0].second.textContent = "f′(z)";
    const estimates = [(e) => pathwiseGradient(f, p, mu, sigma, e), (e) => scoreFunctionGradient(f, p, mu, sigma, e, b)];
    sides.forEach((side, k) => {
      const { values, mean, shown, variance } = ways[k];
      const [upper, lower] = [y(mean + Math.sqrt(variance)), y(mean - Math.sqrt(variance))];
      const [bar, tip] = [side.left + 148, [side.left + 155, y(shown)]];
      place(side.curve, { d: trace(estimates[k], [-3.5, 3.5], 350, side.x, y, [-reach, reach], f === "step" ? -mu / sigma : NaN) });
      place(side.band, { y: upper, height: lower - upper });
      place(side.bar, { d: `M${bar - 5},${upper}h10m-5,0V${lower}m-5,0h10M${bar - 5},${y(mean)}h10` });
      place(side.shown, { d: `M${tip[0]},${tip[1]}l10,-5v10Z` });
      values.forEach((estimate, i) => {
        const [px, py] = [side.x(eps[i]), y(estimate)];
        place(side.marks[i], { d: k ? diamond(px, py) : `M${px - 5},${py}a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z` });
      });
      place(side.ring, { cx: side.x(eps[state.chosen - 1]), cy: y(values[state.chosen - 1]) });
    });
    bias.textContent = f === "step" ? `bias ${readable(-truth)}` : "";
    place(bias, { x: sides[0].left + 136, y: y(truth) - 7 });
  }
  return { node, draw };
}

/** Third picture: the two variances (for the step, the two means) against the parameter, with the crossover. */
function sweepPicture(set) {
  const [left, right, top, bottom] = [54, 386, 44, 196];
  const [fixed, moving] = [svg("g"), svg("g")];
  const now = line({ y1: top, y2: bottom, "stroke-width": 1 });
  const handle = svg("circle", { r: 7, cy: bottom, ...INK });
  const node = picture(240, "Both variances, or for the step both means, against the parameter", fixed, now, moving, handle);
  let [x, sweep, step] = [scale([0, 1], [left, right]), "sigma", 0.05];
  draggable(handle, (px) => set({ [sweep]: clamp(Math.round(x.invert(px) / step) * step, x.invert(left), x.invert(right)) }));

  function biasArrow({ mu, sigma }, y) {
    const [px, from, to] = [x(mu), y(gradient("step", 0, mu, sigma)), y(0)];
    const label = words(px + (mu > 0.5 ? -10 : 10), (from + to) / 2 + 5, `bias ${readable(-gradient("step", 0, mu, sigma))}`, mu > 0.5 ? "end" : "start");
    return from < to - 16 ? [shape({ d: `M${px},${from}V${to - 8}m-5,-7l5,7l5,-7`, stroke: "var(--ink)", "stroke-width": 3 }), label] : [label];
  }

  function draw(state) {
    const setting = CHOICES[state.choice];
    sweep = setting.sweep;
    step = setting.slider?.step ?? 0.05;
    const [name, from, to] = SWEEP[sweep] ?? [LETTERS[sweep], setting.slider.min, setting.slider.max];
    x = scale([from, to], [left, right]);
    const both = swept(state);
    const points = Array.from({ length: 241 }, (_, i) => both(from + ((to - from) * i) / 240));
    const isStep = setting.f === "step";
    const highest = Math.max(...points.flat());
    const decades = [Math.max(-2, Math.floor(Math.log10(Math.min(...points.flat())))), Math.ceil(Math.log10(highest))];
    if (decades[1] - decades[0] < 2) decades[0] = decades[1] - 2;
    const linear = scale(isStep ? [0, nice(highest)] : decades, [bottom, top]);
    const y = isStep ? linear : (variance) => linear(Math.log10(variance));
    const range = isStep ? [0, nice(highest)] : decades.map((power) => 10 ** power);
    const ticks = isStep ? range : Array.from({ length: decades[1] - decades[0] + 1 }, (_, i) => 10 ** (decades[0] + i));
    const label = (tick) => (tick >= 10000 ? `10${[..."⁴⁵⁶⁷"][Math.round(Math.log10(tick)) - 4]}` : short(tick));
    const wins = isStep ? [] : negative((u) => both(u)[1] - both(u)[0], from, to);
    const along = { mu: [-2, -1, 0, 1, 2], sigma: [0.3, 0.6, 0.9, 1.2, 1.5], c: [-20, 0, 20, 40, 60, 80, 100], omega: [0, 2, 4, 6, 8, 10] }[sweep];
    const ends = points.at(-1).map((end) => clamp(y(end), top, bottom));
    const above = ends[0] <= ends[1] ? [-8, 18] : [18, -8];
    fixed.replaceChildren(
      words(left, 15, isStep ? "mean of the estimate, against μ" : `variance of one draw's estimate, against ${name}`),
      ...wins.flatMap(([a, b]) => [
        svg("rect", { x: x(a), width: x(b) - x(a), y: top, height: bottom - top, style: "fill: var(--ink); fill-opacity: 0.08" }),
        ...[a, b].filter((end) => end > from && end < to).map((end) => line({ x1: x(end), x2: x(end), y1: top, y2: bottom, "stroke-dasharray": "2 3" })),
      ]),
      horizontalAxis(x, along, bottom, sweep === "sigma" ? 1 : 0), words((left + right) / 2, bottom + 38, name, "middle"),
      line({ x1: left, x2: left, y1: top, y2: bottom }),
      ...ticks.flatMap((tick) => [line({ x1: left - 4, x2: left, y1: y(tick), y2: y(tick) }), words(left - 8, y(tick) + 5, label(tick), "end")]));
    const path = (k) => trace((u) => both(u)[k], [from, to], 240, x, y, range);
    moving.replaceChildren(
      shape({ d: path(0), stroke: "var(--q)", "stroke-width": 2.5 }), shape({ d: path(1), stroke: "var(--ink)", "stroke-width": 2.5, "stroke-dasharray": "6 4" }),
      words(right - 12, isStep ? y(0) - 10 : ends[0] + above[0], "pathwise", "end", "q"),
      words(right - 12, isStep ? top - 8 : ends[1] + above[1], isStep ? "dashed: score function, exact" : "score function", "end"),
      ...(isStep ? biasArrow(state, y) : []),
      wins.length > 0 && words(x(wins[0][0]) + 6, bottom - 8, "score function quieter"));
    place(now, { x1: x(state[sweep]), x2: x(state[sweep]) });
    place(handle, { cx: x(state[sweep]) });
  }
  return { node, draw };
}

/** The table and the sentences. */
function reading(count) {
  const cells = Array.from({ length: 4 }, () => [html("td"), html("td")]);
  const names = [`mean of the ${count}`, "exact mean", "bias", "exact variance"];
  const table = html("table", {},
    html("thead", {}, html("tr", {}, html("td"), html("th", { scope: "col", style: "color: var(--q); text-align: right; white-space: nowrap" }, "● pathwise"), html("th", { scope: "col", style: "text-align: right; white-space: nowrap" }, "◆ score function"))),
    html("tbody", {}, ...names.map((name, i) => html("tr", {}, html("th", { scope: "row" }, name), ...cells[i]))));
  const [one, verdict] = [html("p"), html("p", { "aria-live": "polite" })];

  function draw(state, { f, p, b, exact, ways }, eps) {
    ways.forEach(({ shown, mean, variance }, k) => {
      [shown, mean, mean - exact, variance].forEach((number, row) => (cells[row][k].textContent = readable(number)));
    });
    const [e, i] = [eps[state.chosen - 1], state.chosen - 1];
    const z = state.mu + state.sigma * e;
    const r = readable;
    const [height, where] = state.baseline === "mean" ? ["(f(z) − b) ε/σ", `, where b = E[f] = ${r(b)}`] : ["f(z) ε/σ", ""];
    one.textContent = `Draw ${state.chosen} (ringed): ε = ${r(e)} stays where it is, z = μ + σ ε = ${r(z)}. There f(z) = ${r(value(f, p, z))} and f′(z) = ${r(slope(f, p, z))}: ` +
      `the path reports f′(z) = ${r(ways[0].values[i])}, the score function ${height} = ${r(ways[1].values[i])}${where}. (All are numbers without a unit.)`;
    verdict.textContent = sentence(state, exact, ways);
  }
  return { table, one, verdict, draw };
}

/** Which way is better here, in words. */
export function sentence(state, exact, [path, score]) {
  const { of, sweep, f, slider: range } = CHOICES[state.choice];
  const first = `At μ = ${format(state.mu)}, σ = ${format(state.sigma)} the exact gradient ∂E[${of.replaceAll(" ", "\u00a0")}]/∂μ is ${readable(exact)}. `;
  if (f === "step") {
    const enough = Math.floor(score.variance / exact ** 2) + 1;
    const catches = enough < 1e6 ? ` By mean squared error, ${enough > 1 ? `the mean of ${enough} of its draws` : "one of its draws"} is already better.` : "";
    return `${first}The path says 0 for every ε: variance 0, and a bias of ${readable(-exact)} that no number of draws mends. The score function has variance ${readable(score.variance)} and no bias.${catches}`;
  }
  const [name, low, high] = SWEEP[sweep] ?? [LETTERS[sweep], range.min, range.max];
  const both = swept(state);
  const wins = negative((u) => both(u)[1] - both(u)[0], low, high).map((ends) => `from ${ends.map((end) => format(end)).join(" to ")}`);
  const where = wins.length ? `for ${name} ${wins.join(" and ")}` : `at no ${name} from ${format(low, low % 1 ? 1 : 0)} to ${format(high, high % 1 ? 1 : 0)}`;
  const [better, worse, more] = path.variance <= score.variance ? ["path", "score function", score.variance / path.variance] : ["score function", "path", path.variance / score.variance];
  const price = Number.isFinite(more) ? `for the precision of one draw of the ${better}, the ${worse} needs ${readable(more)} draws` : "here one draw of the path is exact";
  return `${first}Both ways are unbiased; ${price}. The score function has the lower variance ${where}, all else as it is.`;
}

export function render(root, data) {
  let [state, eps] = [{ ...START }, data.eps];
  const first = drawsPicture(eps.length, set);
  const second = estimatesPicture(eps.length, set);
  const third = sweepPicture(set);
  const text = reading(eps.length);
  const sliders = {
    mu: slider("μ", { min: -2, max: 2, step: 0.05, value: state.mu }, (mu) => set({ mu })),
    sigma: slider("σ", { min: 0.3, max: 1.5, step: 0.05, value: state.sigma }, (sigma) => set({ sigma })),
    c: slider("c", { ...CHOICES.plus.slider, value: state.c }, (c) => set({ c })),
    omega: slider("ω", { ...CHOICES.wave.slider, value: state.omega }, (omega) => set({ omega })),
    chosen: slider("ring draw", { min: 1, max: eps.length, step: 1, digits: 0, value: state.chosen }, (chosen) => set({ chosen })),
  };
  const menus = {
    choice: choice("f", Object.entries(CHOICES).map(([key, { text }]) => [key, text]), (key) => set({ choice: key })),
    baseline: choice("baseline b", [["none", "0"], ["mean", "E[f]"]], (baseline) => set({ baseline })),
  };

  function set(change) {
    Object.assign(state, change);
    redraw();
  }

  function draw() {
    const found = derived(state, eps);
    Object.entries(sliders).forEach(([name, { set: show }]) => show(state[name]));
    Object.entries(menus).forEach(([name, node]) => (node.querySelector("select").value = state[name]));
    ["c", "omega"].forEach((name) => (sliders[name].node.style.display = CHOICES[state.choice].sweep === name ? "" : "none"));
    [first, second, third, text].forEach((part) => part.draw(state, found, eps));
  }

  const redraw = oncePerFrame(draw);
  const row = "display: flex; flex-wrap: wrap; gap: 0.5rem 1.2rem; margin: 0.4rem 0 0.6rem";
  draw();
  root.append(html("div", { style: row }, ...Object.values(menus)), html("div", { class: "panels" },
    html("div", {}, first.node, ...Object.values(sliders).map(({ node }) => node), html("div", { style: row },
      button("resample ε", () => ((eps = normals(++state.seed, eps.length)), redraw())),
      button("reset", () => ((state = { ...START }), (eps = data.eps), redraw())))),
    html("div", {}, second.node, text.table),
    html("div", {}, third.node),
    html("div", {}, text.verdict, text.one)));
}
