// N(0, 1): its density, its distribution function, and draws from a seed.

/** The density of N(0, 1). */
export const density = (r) => Math.exp(-0.5 * r * r) / Math.sqrt(2 * Math.PI);

/** P(ε < r) for ε ~ N(0, 1), by a series whose terms have one sign and so lose no digits. */
export function normalCdf(r) {
  if (Math.abs(r) > 9) return r > 0 ? 1 : 0;
  let [term, sum] = [r, r];
  for (let n = 1; n < 300 && Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (r * r) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + density(r) * sum;
}

/** A source of independent N(0, 1) from a seed, the same numbers everywhere: mulberry32, then Box and Muller. */
export function noise(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 1831565813) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
