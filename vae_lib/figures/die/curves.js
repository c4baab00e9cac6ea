// Bias and variance of the four estimators over the temperature, both exact, and where the present τ is.
import { place, svg } from "../base/elements.js";
import { clamp } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { TAUS, WAYS } from "./settings.js";

const LABEL = "Bias and variance of the four estimators over the temperature τ";
const [LEFT, RIGHT] = [44, 392];
const BIAS = { top: 72, floor: 182, name: "‖bias‖ / ‖g‖" };
const VARIANCE = { top: 226, floor: 346, name: "variance a call, nats²" };
const DECADES = [0.001, 0.01, 0.1, 1, 10, 100];
const SHOWN = [0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const NAMES = Object.keys(WAYS);
const x = scale([Math.log(0.05), Math.log(5)], [LEFT, RIGHT]);
const places = TAUS.map((tau) => x(Math.log(tau)));
const decades = scale([Math.log(DECADES[0]), Math.log(DECADES.at(-1))], [VARIANCE.floor, VARIANCE.top]);
const variance = (value) => decades(clamp(Math.log(value), Math.log(DECADES[0]), Math.log(DECADES.at(-1))));

/** `draw(found)`. */
export function curves() {
  const [lines, scatters] = [bundle(), bundle()];
  const now = svg("path", { class: "now" });
  const marks = [0, 1].map(() => svg("circle", { class: "here", r: 5 }));
  const biasTicks = svg("g");
  const node = picture(
    400,
    392,
    LABEL,
    ...key(),
    ...frame(BIAS),
    ...frame(VARIANCE),
    biasTicks,
    svg("g", {}, ...ticks(DECADES, variance)),
    ...SHOWN.map((tau) => words(x(Math.log(tau)), VARIANCE.floor + 20, String(tau), { anchor: "middle" })),
    words((LEFT + RIGHT) / 2, VARIANCE.floor + 40, "temperature τ, log scale", { anchor: "middle" }),
    now,
    ...Object.values(lines),
    ...Object.values(scatters),
    ...marks,
  );
  let shown = 0;

  /** The scale of the bias, which has two reaches. */
  function biasScale(most) {
    const step = most <= 1.2 ? 0.5 : 1;
    const y = scale([0, 2.4 * step], [BIAS.floor, BIAS.top]);
    if (step !== shown) biasTicks.replaceChildren(...ticks([0, step, 2 * step], y));
    shown = step;
    return (value) => y(Math.min(value, 2.4 * step));
  }

  function draw({ sweep, logTau, worths, still: { way } }) {
    const bias = biasScale(Math.max(...sweep.gumbel.concat(sweep.straight).map((one) => one.bias)));
    for (const name of NAMES) {
      place(lines[name], { d: path(sweep[name].map((one, i) => [places[i], bias(one.bias)])) });
      place(scatters[name], { d: path(sweep[name].map((one, i) => [places[i], variance(one.variance)])) });
      for (const line of [lines[name], scatters[name]]) line.classList.toggle("chosen", name === way);
    }
    place(now, { d: `M${x(logTau).toFixed(1)},${BIAS.top - 6}V${VARIANCE.floor}` });
    [bias(worths[way].bias), variance(worths[way].variance)].forEach((y, i) => {
      place(marks[i], { cx: x(logTau).toFixed(1), cy: y.toFixed(1) });
    });
  }

  return { node, draw };
}

/** A line for each estimator. */
const bundle = () => Object.fromEntries(NAMES.map((name) => [name, svg("path", { class: name })]));

/** Axes of one of the two, and its name. */
const frame = ({ top, floor, name }) => [
  svg("path", { class: "axes", d: `M${LEFT},${top}V${floor}H${RIGHT}` }),
  words(LEFT - 4, top - 10, name),
];

const ticks = (values, y) =>
  values.flatMap((value) => [
    svg("path", { class: "axes", d: `M${LEFT - 4},${y(value)}h4` }),
    words(LEFT - 7, y(value) + 5, String(value), { anchor: "end" }),
  ]);

const key = () =>
  NAMES.flatMap((name, i) => {
    const [left, top] = [8 + 190 * (i % 2), 12 + 20 * Math.floor(i / 2)];
    return [svg("path", { class: name, d: `M${left},${top}h30` }), words(left + 38, top + 5, WAYS[name])];
  });
