// A training as a schedule, a list of parts [steps, rate, β]: with a seed and data it says all that happens.
import { noise } from "../base/normal.js";
import { sum } from "../base/numbers.js";
import { means } from "./exact.js";
import { fresh, train, untrained } from "./formulas.js";

export const STEPS = 4; // a frame, and from a row of the record to the next

/** The steps of a schedule. */
export const length = (schedule) => sum(schedule.map(([steps]) => steps));

/** A schedule that goes on for some more steps. */
export function longer(schedule, steps, rate, beta) {
  const [before, [done, ...its]] = [schedule.slice(0, -1), schedule.at(-1) ?? [0, rate, beta]];
  if (its[0] === rate && its[1] === beta) return [...before, [done + steps, rate, beta]];
  return [...schedule, [steps, rate, beta]];
}

/** The first `steps` of a schedule. */
export function until(schedule, steps) {
  let left = steps;
  return schedule.flatMap(([count, ...settings]) => {
    const taken = Math.min(count, left);
    left -= taken;
    return taken ? [[taken, ...settings]] : [];
  });
}

/** A function of data, seed and schedule that trains: on from where it was, if the schedule begins with what was done,
 * otherwise from the start. It gives { params, t, rows }, `rows` being the means so far. */
export function trainer(data) {
  let [at, x, normal, state, past, done, buffers] = [];

  function begin(name, seed) {
    at = `${name} ${seed}`;
    [x, normal, past, done] = [data[name], noise(seed), history(), []];
    buffers = Array.from({ length: STEPS }, () => new Float64Array(x.length / 2));
    state = untrained(fresh(normal));
    past.add({ t: 0, ...means(state.params, x) });
  }

  function advance(steps, rate, beta) {
    const noises = buffers.slice(0, steps);
    for (const eps of noises) for (let n = 0; n < eps.length; n++) eps[n] = normal();
    train(state, x, noises, rate, beta);
    past.add({ t: state.t, ...means(state.params, x) });
    done = longer(done, steps, rate, beta);
  }

  return ({ data: name, seed, schedule }) => {
    const begun = at === `${name} ${seed}` && JSON.stringify(until(schedule, state.t)) === JSON.stringify(done);
    if (!begun) begin(name, seed);
    let end = 0;
    for (const [steps, rate, beta] of schedule) {
      end += steps;
      while (state.t < end) advance(Math.min(STEPS, end - state.t), rate, beta);
    }
    return { params: state.params, t: state.t, rows: past.rows() };
  };
}

/** Where a schedule changes, and to what: [{ t, rate } or { t, beta }, …], up to the settings of now. */
export function changes(schedule, rate, beta) {
  const found = [];
  let t = 0;
  const parts = [...schedule, [0, rate, beta]];
  for (let k = 1; k < parts.length; k++) {
    t += parts[k - 1][0];
    if (parts[k][1] !== parts[k - 1][1]) found.push({ t, rate: parts[k][1] });
    if (parts[k][2] !== parts[k - 1][2]) found.push({ t, beta: parts[k][2] });
  }
  return found;
}

/** A record of a training: at most `most` rows of numbers; when it is full, every other row is dropped. */
export function history(most = 400) {
  let rows = [];
  return {
    rows: () => rows,
    add: (row) => {
      if (rows.length >= most) rows = rows.filter((_, i) => i % 2 === 0);
      rows.push(row);
    },
  };
}

/** The end of an axis that starts at 0: the first of 500, 1000, 2000, 4000, … that holds `steps`. */
export function reach(steps) {
  let end = 500;
  while (end < steps) end *= 2;
  return end;
}
