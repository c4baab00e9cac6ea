// Bars of the next symbol, a to z and the end, for one run or for both; and of z, for both.
import { place, svg } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { picture, words } from "../base/picture.js";
import { LETTERS, RUNS, STATES } from "./settings.js";

const SYMBOLS = [...LETTERS, "end"];
const [LEFT, WIDTH, TOP] = [34, 426, 24];
const STEP = 14; // from one letter to the next
const round = (number) => number.toFixed(1);

/** How far a place is along the symbols: their numbers go from the end, 0, to z, 26. */
const order = (i) => (i + 1) % SYMBOLS.length;

/** The bars of the next symbol for `runs`; `draw(rows, most)`: probabilities by run, and where their scale ends. */
export function nextBars(label, name, runs, high) {
  const foot = TOP + high;
  const middle = (i) => LEFT + (i + 0.5) * STEP + (i === LETTERS.length ? 9 : 0);
  const made = runs.map((run) => [run, SYMBOLS.map((_, i) => bar(run, middle(i), run === RUNS[0] ? 10 : 4))]);
  const ends = ["0 %", ""].map((text, k) => words(LEFT - 5, foot + 4 - k * (high - 2), text, { anchor: "end" }));
  const node = picture(
    WIDTH,
    foot + 20,
    label,
    svg("path", { class: "axes", d: `M${LEFT},${TOP - 2}V${foot}H${WIDTH}` }),
    ...made.flatMap(([, all]) => all),
    ...SYMBOLS.map((symbol, i) => words(middle(i), foot + 16, symbol, { anchor: "middle" })),
    ...ends,
    words(LEFT + 8, 15, name),
  );

  function draw(rows, most) {
    ends[1].textContent = `${format(100 * most, 0)} %`;
    for (const [run, all] of made)
      all.forEach((one, i) => {
        rise(one, foot, (high * rows[run][order(i)]) / most);
      });
  }

  return { node, draw };
}

/** The bars of z for both runs; `draw(posterior, z)`, where z is the chosen one, 1 to 5, or 0. */
export function stateBars(label, name, high) {
  const foot = TOP + high;
  const apart = (WIDTH - LEFT) / STATES;
  const middle = (k) => LEFT + (k + 0.5) * apart;
  const made = RUNS.map((run) => [run, range().map((k) => bar(`${run} state`, middle(k), run === RUNS[0] ? 34 : 14))]);
  const names = range().map((k) => words(middle(k), foot + 16, `z = ${k + 1}`, { anchor: "middle" }));
  const prior = foot - high / STATES;
  const node = picture(
    WIDTH,
    foot + 20,
    label,
    svg("path", { class: "axes", d: `M${LEFT},${TOP - 2}V${foot}H${WIDTH}` }),
    ...made.flatMap(([, all]) => all),
    svg("path", { class: "prior", d: `M${LEFT},${prior}H${WIDTH}` }),
    words(LEFT - 5, prior + 5, "1/5", { anchor: "end" }),
    words(LEFT - 5, TOP + 6, "1", { anchor: "end" }),
    ...names,
    words(LEFT + 8, 15, name),
  );

  function draw(posterior, z) {
    for (const [run, all] of made)
      all.forEach((one, k) => {
        rise(one, foot, high * posterior[run][k]);
      });
    names.forEach((name, k) => {
      name.classList.toggle("bold", k === z - 1);
    });
  }

  return { node, draw };
}

const range = () => Array.from({ length: STATES }, (_, k) => k);
const bar = (run, middle, width) => svg("rect", { class: run.replace(" z", ""), x: round(middle - width / 2), width });
const rise = (node, foot, height) => place(node, { y: round(foot - height), height: round(height) });
