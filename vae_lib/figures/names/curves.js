// What was recorded in training: I of the posterior and −log p over the epochs, a line for each dose, their mean.
import { svg } from "../base/elements.js";
import { sum } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { path, scale } from "../base/scale.js";
import { ARMS } from "./settings.js";

const LABEL =
  "Two panels over the epochs, one line for each dose: what z tells, I of the posterior, above, the loss below";
const [LEFT, RIGHT, WIDTH] = [40, 338, 400];
const [HIGH, APART] = [112, 154]; // of a panel, and from one to the next
const TOPS = { I: 26, "−log p": 26 + APART };
const NAMES = { I: "I of the posterior, nats", "−log p": "−log p(x) of test names, nats a name" };
const FLOOR = TOPS["−log p"] + HIGH;
const ABOVE = 1; // nats over the lowest loss that are shown
const LINE = 15; // of the names at the ends
const TICKS = [0, 1, 3, 10, 30, 100, 300, 1000];

/** The curves of one net, by arm: its `epochs`, and lists over seeds and epochs by quantity. `draw(guess, arm)` shows
 * them after a guess, and the seeds of an arm. The epochs are on a scale of log(1 + epoch), as some train longer. */
export function curves(arms) {
  const longest = Math.max(...Object.values(arms).map(({ epochs }) => epochs.at(-1)));
  const places = scale([0, Math.log1p(longest)], [LEFT, RIGHT]);
  const x = (epoch) => places(Math.log1p(epoch));
  const present = ARMS.filter((arm) => arm in arms);
  const panels = Object.keys(TOPS).map((name) => panel(name, x, arms, present));
  const asked = words((LEFT + RIGHT) / 2, TOPS.I + HIGH / 2, "guess first", { anchor: "middle" });
  const ticks = TICKS.filter((epoch) => epoch <= longest);
  const node = picture(
    WIDTH,
    FLOOR + 42,
    LABEL,
    ...ticks.map((epoch) => words(x(epoch), FLOOR + 18, String(epoch), { anchor: "middle" })),
    words((LEFT + RIGHT) / 2, FLOOR + 36, "epochs (logarithmic)", { anchor: "middle" }),
    ...panels.map(({ frame }) => frame),
    svg("g", { class: "told" }, ...panels.map(({ told }) => told)),
    asked,
  );

  function draw(guess, arm) {
    node.classList.toggle("untold", guess === null);
    asked.textContent = guess === null ? "guess first" : "";
    for (const one of panels) one.draw(arm);
  }

  return { node, draw };
}

/** One quantity: its frame, the means of all arms with their names at the ends, and the seeds of one. */
function panel(name, x, arms, present) {
  const top = TOPS[name];
  const range = rangeOf(
    name,
    Object.values(arms)
      .flatMap((arm) => arm[name])
      .flat(),
  );
  const y = scale(range, [top + HIGH, top]);
  const line = (arm) => (values) =>
    path(values.map((value, i) => [x(arms[arm].epochs[i]), y(value), value]).filter(([, , v]) => v <= range[1]));
  const reached = present.map((arm) => y(meanOf(arms[arm][name]).at(-1)));
  const ends = spread(reached, top + HIGH);
  const seeds = svg("path", { class: "seeds" });
  const means = present.map((arm) =>
    svg("path", { class: `arm ${classOf(arm)}`, d: line(arm)(meanOf(arms[arm][name])) }),
  );
  const names = present.map((arm, i) => words(RIGHT + 7, ends[i] + 5, arm));
  const leaders = present.map((arm, i) => {
    const from = [x(arms[arm].epochs.at(-1)), reached[i]];
    return svg("path", { class: "leader", d: path([from, [RIGHT, reached[i]], [RIGHT + 5, ends[i]]]) });
  });

  function draw(arm) {
    seeds.setAttribute("d", (arms[arm]?.[name] ?? []).map(line(arm)).join(""));
    means.concat(names).forEach((one, i) => {
      one.classList.toggle("bold", present[i % present.length] === arm);
    });
  }

  return { frame: axes(name, range, y), told: svg("g", {}, ...leaders, seeds, ...means, ...names), draw };
}

export const classOf = (arm) => arm.replace(" ", "-");

/** The mean over the seeds at each epoch. */
export const meanOf = (seeds) => seeds[0].map((_, i) => sum(seeds.map((one) => one[i])) / seeds.length);

/** The ends of a panel's scale: all of I from 0; of the loss what is near its lowest value. */
function rangeOf(name, values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return name === "I" ? [0, Math.ceil(5 * most) / 5] : [Math.floor(5 * least) / 5, Math.floor(5 * least) / 5 + ABOVE];
}

/** Places as near to the wanted ones as lines of text allow, in their order, none below the lowest. */
export function spread(wanted, lowest) {
  const order = wanted.map((_, i) => i).sort((i, j) => wanted[i] - wanted[j]);
  const places = [...wanted];
  order.slice(1).forEach((i, k) => {
    places[i] = Math.max(places[i], places[order[k]] + LINE);
  });
  const over = Math.max(...places.map((place, i) => place - wanted[i])) / 2;
  let free = lowest;
  for (const i of order.toReversed()) {
    places[i] = Math.min(places[i] - over, free);
    free = places[i] - LINE;
  }
  return places;
}

/** Axes of a panel, and its name. */
function axes(name, [low, high], y) {
  const top = TOPS[name];
  const ticks = [low, (low + high) / 2, high].flatMap((tick) => [
    svg("path", { class: "axes", d: `M${LEFT - 4},${y(tick)}h4` }),
    words(LEFT - 7, y(tick) + 5, String(Number(tick.toFixed(2))), { anchor: "end" }),
  ]);
  const lines = svg("path", { class: "axes", d: `M${LEFT},${top}V${top + HIGH}H${RIGHT}` });
  return svg("g", {}, lines, ...ticks, words(LEFT - 4, top - 9, NAMES[name]));
}
