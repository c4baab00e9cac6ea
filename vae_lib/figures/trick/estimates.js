// Second picture: each draw's two estimates over its ε, with the exact mean and standard deviation beside them.
import { place, svg } from "../base/elements.js";
import { picture, words } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { pathwiseGradient, scoreFunctionGradient } from "./formulas.js";
import { diamond, dot, line, numberLine, ring, shape, trace } from "./parts.js";
import { nice, readable, short } from "./words.js";

const LABEL = "The estimates of each draw over its ε, pathwise on the left and score function on the right";
const [TOP, BOTTOM] = [46, 236];
const SIDES = [
  { colour: "q", name: "pathwise:", left: 46, dashes: "none", mark: dot },
  { colour: "ink", name: "score function:", left: 228, dashes: "5 3", mark: diamond },
];

/** The picture of `count` draws; `set` is told which is pointed at. */
export function estimatesPicture(count, set) {
  const sides = SIDES.map((side) => sideOf(side, count, set));
  const exact = line({ x1: 46, x2: 396, "stroke-width": 1.2 });
  const [high, zero, low] = [TOP, (TOP + BOTTOM) / 2, BOTTOM].map((y) => words(42, y + 5, "", { anchor: "end" }));
  zero.textContent = "0";
  const bias = words(0, 0, "", { anchor: "end" });
  const node = picture(
    400,
    310,
    LABEL,
    ...sides.flatMap((side) => side.behind),
    exact,
    ...sides.flatMap((side) => side.before),
    high,
    zero,
    low,
    bias,
    ...key(count),
  );

  function draw(state, { f, p, b, exact: truth, ways }, eps) {
    const { mu, sigma } = state;
    const reach = nice(1.05 * Math.max(0.5, truth, ...ways.flatMap(extent)));
    const y = scale([-reach, reach], [BOTTOM, TOP]);
    high.textContent = short(reach);
    low.textContent = short(-reach);
    place(exact, { y1: y(truth), y2: y(truth) });
    const height = state.baseline === "mean" ? "(f(z) − b) ε/σ" : "f(z) ε/σ";
    const jump = f === "step" ? -mu / sigma : Number.NaN;
    const estimates = [
      ["f′(z)", (e) => pathwiseGradient(f, p, mu, sigma, e)],
      [height, (e) => scoreFunctionGradient(f, p, mu, sigma, e, b)],
    ];
    const how = { y, reach, jump, eps, chosen: state.chosen - 1 };
    sides.forEach((side, k) => side.draw(ways[k], ...estimates[k], how));
    bias.textContent = f === "step" ? `bias ${readable(-truth)}` : "";
    place(bias, { x: SIDES[0].left + 136, y: y(truth) - 7 });
  }

  return { node, draw };
}

/** How far an estimator reaches from 0: its draws, and its mean ± its standard deviation. */
const extent = ({ values, mean, variance }) => [...values.map(Math.abs), Math.abs(mean) + Math.sqrt(variance)];

/** One estimator: curve, draws, the band and bar of its standard deviation, the mean of the draws. */
function sideOf({ colour, name, left, dashes, mark }, count, set) {
  const x = scale([-3.5, 3.5], [left, left + 138]);
  const ink = `var(--${colour})`;
  const curve = shape({ stroke: ink, "stroke-width": 1.3, "stroke-dasharray": dashes });
  const draws = Array.from({ length: count }, (_, i) =>
    shape({ class: "draw", style: `fill: ${ink}`, pointerenter: () => set({ chosen: i + 1 }) }),
  );
  const ringed = ring();
  const band = svg("rect", { class: "band", x: left, width: 138, style: `fill: ${ink}` });
  const bar = shape({ stroke: ink, "stroke-width": 2 });
  const shown = shape({ style: `fill: ${ink}` });
  const second = words(left, 34, "", { colour });
  const frame = [line({ x1: left, x2: left, y1: TOP, y2: BOTTOM }), numberLine(x, [-3, 0, 3], BOTTOM)];
  const title = words(left, 15, name, { colour });
  const axisName = words(x(1.5), BOTTOM + 20, "ε", { anchor: "middle" });

  function draw({ values, mean, shown: meanOfShown, variance }, formula, estimate, { y, reach, jump, eps, chosen }) {
    const [upper, lower] = [y(mean + Math.sqrt(variance)), y(mean - Math.sqrt(variance))];
    const at = left + 148;
    second.textContent = formula;
    place(curve, { d: trace(estimate, [-3.5, 3.5], { points: 350, x, y, range: [-reach, reach], jump }) });
    place(band, { y: upper, height: lower - upper });
    place(bar, { d: `M${at - 5},${upper}h10m-5,0V${lower}m-5,0h10M${at - 5},${y(mean)}h10` });
    place(shown, { d: `M${at + 7},${y(meanOfShown)}l10,-5v10Z` });
    values.forEach((value, i) => place(draws[i], { d: mark(x(eps[i]), y(value)) }));
    place(ringed, { cx: x(eps[chosen]), cy: y(values[chosen]) });
  }

  const before = [curve, ...draws, ringed, bar, shown, title, second];
  return { behind: [band, ...frame, axisName], before, draw };
}

const key = (count) => [
  line({ x1: 46, x2: 68, y1: 276, y2: 276 }),
  words(76, 281, "exact gradient"),
  shape({ d: "M228,276l10,-5v10Z", style: "fill: var(--ink)" }),
  words(246, 281, `mean of the ${count} shown`),
  shape({ d: "M52,290h10m-5,0v16m-5,0h10M52,298h10", stroke: "var(--ink)", "stroke-width": 2 }),
  words(76, 303, "exact mean ± standard deviation of a draw"),
];
