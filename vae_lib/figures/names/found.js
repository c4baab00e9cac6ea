// What a state of the figure amounts to: the next letter, log p of the name and the posterior of z, for both runs.
import { format } from "../base/numbers.js";
import { uniforms } from "../chain/formulas.js";
import { decoderOf } from "./decoders.js";
import { drawn, read } from "./formulas.js";
import { lettersOf, MOST, STATES, symbolsOf } from "./settings.js";

const LEVELS = [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1]; // where the scale of the bars may end

/** A function of the state: all that is shown of it. What a motion does not pass through has no prototype. */
export function finder(nets) {
  const decoders = eachOf(nets, (runs) => eachOf(runs, ({ weights }) => decoderOf(weights)));
  const solve = remembered((net, name, z) =>
    eachOf(decoders[net], (decoder) => read(decoder, symbolsOf(name), z ? z - 1 : null)),
  );
  const draw = remembered((net, seed) => eachOf(decoders[net], (decoder) => namesOf(decoder, seed)));
  return (now) => {
    const runs = solve(now.net, now.name, now.z);
    const next = eachOf(runs, (run) => run.next[now.seen]);
    return {
      next,
      posterior: eachOf(runs, (run) => run.posterior[now.seen]),
      still: still({ now: { ...now }, runs, most: levelOf(Object.values(next)), drawn: draw(now.net, now.seed) }),
    };
  };
}

/** A name from each z, all from the same random numbers. */
function namesOf(decoder, seed) {
  const [row] = uniforms(seed, 1, MOST + 1);
  return Array.from({ length: STATES }, (_, z) => written(drawn(decoder, z, row)));
}

/** A name that was drawn, as it is shown: of one that has no end yet the beginning. */
export const written = (symbols) =>
  symbols.length > MOST ? `${lettersOf(symbols.slice(0, MOST))}…` : lettersOf(symbols) || "(no letter)";

/** The end of a scale for rows of probabilities. */
export const levelOf = (rows) => LEVELS.find((level) => level >= Math.max(...rows.flat())) ?? 1;

/** A probability for reading; the sign stays with its number. */
export const percent = (p) => `${format(100 * p, 0)}\u00a0%`;

/** What a function makes of what each run has, by the run's name. */
export const eachOf = (named, make) =>
  Object.fromEntries(Object.entries(named).map(([name, one]) => [name, make(one, name)]));

export const still = (values) => Object.assign(Object.create(null), values);

/** A function that keeps its last value, for as long as it is asked for the same. */
function remembered(compute) {
  let [key, value] = [];
  return (...asked) => {
    const now = JSON.stringify(asked);
    if (now !== key) [key, value] = [now, compute(...asked)];
    return value;
  };
}
