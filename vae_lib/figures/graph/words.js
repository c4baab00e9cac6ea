// The graph's numbers in words: exactly where they are the example's own, and where each of them comes from.
import { format } from "../base/numbers.js";
import { flat } from "./formulas.js";
import { columns, NODES } from "./nodes.js";

const signed = (value, digits) => (value > 0 ? "+" : "") + format(value, digits);
const isOf = (pattern, text) => (pattern.test(text) ? text : `(${text})`);

/** A number as text: exactly, where it has the example's value and there is `room` for so many signs; else a decimal.
 * `kind` is "values" or "gradients". */
export function text(found, kind, { key, k }, room = Infinity) {
  const [now, own] = [found, found.own].map((at) => flat(at[kind][key])[k]);
  const exact = flat(found.exact[kind][key])[k];
  return now === own && exact.length <= room ? exact.replaceAll("-", "−") : decimal(now);
}

/** A decimal that fits into a cell. */
function decimal(value) {
  const size = Math.abs(value);
  if (size >= 1e4) return value.toExponential(0).replace("-", "−").replace("e+", "e");
  return value === 0 ? "0" : format(value, size < 10 ? 2 : size < 100 ? 1 : 0);
}

export function entryName({ values }, { key, k }) {
  if (!Array.isArray(values[key][0])) return `number ${k + 1}`;
  const across = columns(values, key);
  return `row ${1 + Math.floor(k / across)}, column ${1 + (k % across)}`;
}

export function name(found, { key, k }) {
  const { each, symbol } = NODES[key];
  if (each) return `${each} ${k + 1}`;
  return flat(found.values[key]).length > 1 ? `${entryName(found, { key, k })} of ${symbol}` : symbol;
}

/** J and its two terms. */
export function lossSentence(found) {
  const exactly = (key) => {
    const own = found.values[key] === found.own.values[key];
    return (own ? `${text(found, "values", { key, k: 0 })} ≈ ` : "") + format(found.values[key], 4);
  };
  const [J, reconstruction, kl] = ["J", "reconstruction_loss", "kl"].map(exactly);
  return `J = ${J} nats: the reconstruction loss ${reconstruction}, plus the KL ${kl}.`;
}

/** What moving the number that is held did to J, and what its slope said that it would. */
export function movedSentence(found, held) {
  const read = (numbers) => flat(numbers[held.key])[held.k];
  const step = read(found.values) - read(found.origin.values);
  const itsName = name(found, held);
  if (!step) {
    const slope = text(found, "gradients", held, 8);
    return `Move ${itsName} by a small step, and J will move by about ${slope} times the step: that is its slope.`;
  }
  const rate = read(found.origin.gradients);
  const change = signed(found.values.J - found.origin.values.J, 4);
  const product = `${decimal(rate)} · ${step < 0 ? `(${format(step)})` : format(step)} = ${signed(rate * step, 4)}`;
  const moved = `You moved ${itsName} by ${signed(step, 2)}, and J by ${change} nats.`;
  return `${moved} The slope from where you started says ${product}.`;
}

/** The equation of a number: its tensor's, or those that an input enters. */
export function equation(key) {
  const written = (of) => `${NODES[of].forward} (${NODES[of].tag})`;
  const { symbol, use } = NODES[key];
  return use ? `${symbol} is given, and enters ${use.map(written).join(" and ")}.` : written(key);
}

/** A number with those that enter it in place. */
export function worked(found, place) {
  const how = NODES[place.key].use ? "" : `${arithmetic(found, place)} = `;
  return `${name(found, place)}: ${how}${text(found, "values", place)}`;
}

function arithmetic(found, { key, k }) {
  const { values } = found;
  const plain = (of, i = k) => text(found, "values", { key: of, k: i });
  const factor = (of, i = k) => isOf(/^[\d./]+$/, plain(of, i));
  const power = (of, i = k) => `${isOf(/^[\d.]+$/, plain(of, i))}²`;
  const layer = (W, x, b, i = k) => {
    const row = columns(values, W) * i;
    return [...flat(values[x]).map((_, j) => `${factor(W, row + j)} · ${factor(x, j)}`), factor(b, i)].join(" + ");
  };
  return {
    a1: () => layer("W1", "x", "b1"),
    h1: () => `max(0, ${plain("a1")})`,
    mu: () => layer("W2", "h1", "b2"),
    log_var: () => layer("W2", "h1", "b2", k + values.mu.length),
    sigma: () => `exp(½ · ${factor("log_var")})`,
    z: () => `${plain("mu")} + ${factor("sigma")} · ${factor("eps")}`,
    a2: () => layer("W3", "z", "b3"),
    h2: () => `max(0, ${plain("a2")})`,
    f: () => layer("W4", "h2", "b4"),
    error: () => `${plain("x")} − ${factor("f")}`,
    reconstruction_loss: () => `½ (${values.error.map((_, i) => power("error", i)).join(" + ")})`,
    kl_per_dimension: () => `½ (${power("mu")} + ${power("sigma")} − 1 − ${factor("log_var")})`,
    kl: () => values.mu.map((_, i) => plain("kl_per_dimension", i)).join(" + "),
    J: () => `${plain("reconstruction_loss")} + ${plain("kl")}`,
  }[key]();
}

/** A tensor for ears: its equation, all its values, all its slopes. */
export function spoken(found, key) {
  const all = (kind) =>
    flat(found.values[key])
      .map((_, k) => text(found, kind, { key, k }))
      .join(", ");
  const { symbol, forward } = NODES[key];
  const what = forward.startsWith(symbol) ? forward : `${symbol}, from ${forward}`;
  return `${what}: ${all("values")}; slope ${all("gradients")}`;
}
