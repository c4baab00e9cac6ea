// Third picture: the two variances (for the step, the two means) against the parameter, with the crossover.
import { handle } from "../base/drag.js";
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { scale } from "../base/scale.js";
import { CHOICES, gradient, negative, reachOf, swept } from "./formulas.js";
import { line, numberLine, shape, trace } from "./parts.js";
import { nice, readable, short } from "./words.js";

const LABEL = "Both variances, or for the step both means, against the parameter";
const [LEFT, RIGHT, TOP, BOTTOM] = [54, 386, 44, 196];
const POINTS = 240;
const ALONG = {
  mu: [-2, -1, 0, 1, 2],
  sigma: [0.3, 0.6, 0.9, 1.2, 1.5],
  c: [-20, 0, 20, 40, 60, 80, 100],
  omega: [0, 2, 4, 6, 8, 10],
};

/** The picture; `set` is told the parameter's value to which its handle is dragged. */
export function sweepPicture(set) {
  const [fixed, moving] = [svg("g"), svg("g")];
  const now = line({ y1: TOP, y2: BOTTOM, "stroke-width": 1 });
  let [x, sweep, step] = [scale([0, 1], [LEFT, RIGHT]), "sigma", 0.05];
  const moved = (px) => Math.round(x.invert(px) / step) * step;
  const grip = handle(
    (px) => set({ [sweep]: clamp(moved(px), x.invert(LEFT), x.invert(RIGHT)) }),
    svg("circle", { class: "dot", r: 7 }),
  );
  const node = picture(400, 240, LABEL, fixed, now, moving, grip.node);

  function draw(state) {
    const { f, sweep: over, slider } = CHOICES[state.choice];
    [sweep, step] = [over, slider?.step ?? 0.05];
    const range = reachOf(state.choice);
    x = scale([range.low, range.high], [LEFT, RIGHT]);
    const both = swept(state);
    const points = Array.from({ length: POINTS + 1 }, (_, i) => both(x.invert(LEFT + ((RIGHT - LEFT) * i) / POINTS)));
    const vertical = f === "step" ? meansScale(points) : variancesScale(points);
    const wins = f === "step" ? [] : negative((u) => both(u)[1] - both(u)[0], range.low, range.high);
    fixed.replaceChildren(...background(f, sweep, range, x, vertical, wins));
    moving.replaceChildren(...curves(f, both, points, range, x, vertical), ...foreground(f, state, x, vertical, wins));
    place(now, { x1: x(state[sweep]), x2: x(state[sweep]) });
    grip.moveTo(x(state[sweep]), BOTTOM);
  }

  return { node, draw };
}

/** The vertical scale of the means: from 0 to a round number. */
function meansScale(points) {
  const range = [0, nice(Math.max(...points.flat()))];
  return { range, y: scale(range, [BOTTOM, TOP]), ticks: range };
}

/** The vertical scale of the variances: logarithmic, two decades at least. */
function variancesScale(points) {
  const [least, most] = [Math.min(...points.flat()), Math.max(...points.flat())];
  const decades = [Math.max(-2, Math.floor(Math.log10(least))), Math.ceil(Math.log10(most))];
  if (decades[1] - decades[0] < 2) decades[0] = decades[1] - 2;
  const linear = scale(decades, [BOTTOM, TOP]);
  const ticks = Array.from({ length: decades[1] - decades[0] + 1 }, (_, i) => 10 ** (decades[0] + i));
  return { range: decades.map((power) => 10 ** power), y: (variance) => linear(Math.log10(variance)), ticks };
}

/** Title, axes, and where the score function is the quieter one. */
function background(f, sweep, { name, low, high }, x, { y, ticks }, wins) {
  const title = f === "step" ? "mean of the estimate, against μ" : `variance of one draw's estimate, against ${name}`;
  const label = (tick) => (tick >= 10000 ? `10${[..."⁴⁵⁶⁷"][Math.round(Math.log10(tick)) - 4]}` : short(tick));
  const shaded = wins.flatMap(([a, b]) => [
    svg("rect", { class: "quieter", x: x(a), width: x(b) - x(a), y: TOP, height: BOTTOM - TOP }),
    ...[a, b].filter((end) => end > low && end < high).map((end) => upright(x(end))),
  ]);
  return [
    words(LEFT, 15, title),
    ...shaded,
    numberLine(x, ALONG[sweep], BOTTOM, sweep === "sigma" ? 1 : 0),
    words((LEFT + RIGHT) / 2, BOTTOM + 38, name, { anchor: "middle" }),
    line({ x1: LEFT, x2: LEFT, y1: TOP, y2: BOTTOM }),
    ...ticks.flatMap((tick) => [
      line({ x1: LEFT - 4, x2: LEFT, y1: y(tick), y2: y(tick) }),
      words(LEFT - 8, y(tick) + 5, label(tick), { anchor: "end" }),
    ]),
  ];
}

const upright = (at) => line({ x1: at, x2: at, y1: TOP, y2: BOTTOM, "stroke-dasharray": "2 3" });

/** Both curves and their names. */
function curves(f, both, points, { low, high }, x, { y, range }) {
  const path = (k) => trace((u) => both(u)[k], [low, high], { points: POINTS, x, y, range });
  const ends = points.at(-1).map((end) => clamp(y(end), TOP, BOTTOM));
  const above = ends[0] <= ends[1] ? [-8, 18] : [18, -8];
  const named = ["pathwise", f === "step" ? "dashed: score function, exact" : "score function"];
  const heights = f === "step" ? [y(0) - 10, TOP - 8] : ends.map((end, k) => end + above[k]);
  return [
    shape({ d: path(0), stroke: "var(--q)", "stroke-width": 2.5 }),
    shape({ d: path(1), stroke: "var(--ink)", "stroke-width": 2.5, "stroke-dasharray": "6 4" }),
    ...named.map((name, k) => words(RIGHT - 12, heights[k], name, { anchor: "end", colour: k ? "ink" : "q" })),
  ];
}

/** The step's bias as an arrow, or the word for the shaded part. */
function foreground(f, { mu, sigma }, x, { y }, wins) {
  if (f !== "step") return wins.length ? [words(x(wins[0][0]) + 6, BOTTOM - 8, "score function quieter")] : [];
  const exact = gradient("step", 0, mu, sigma);
  const [px, from, to, left] = [x(mu), y(exact), y(0), mu > 0.5];
  const anchor = { anchor: left ? "end" : "start" };
  const label = words(px + (left ? -10 : 10), (from + to) / 2 + 5, `bias ${readable(-exact)}`, anchor);
  const arrow = { d: `M${px},${from}V${to - 8}m-5,-7l5,7l5,-7`, stroke: "var(--ink)", "stroke-width": 3 };
  return from < to - 16 ? [shape(arrow), label] : [label];
}
