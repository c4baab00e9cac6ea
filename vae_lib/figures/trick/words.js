// The trick in numbers and words: the table of both estimators, one draw, and which way is better here.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { CHOICES, negative, reachOf, slope, swept, value } from "./formulas.js";

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

/** A round number as short as it can be written. */
export const short = (number) => String(Number(number.toPrecision(2))).replace("-", "−");

/** The table of the `count` draws and of what is exact, and the sentences below it. */
export function reading(count) {
  const cells = Array.from({ length: 4 }, () => [html("td"), html("td")]);
  const names = [`mean of the ${count}`, "exact mean", "bias", "exact variance"];
  const rows = names.map((name, i) => html("tr", {}, html("th", { scope: "row" }, name), ...cells[i]));
  const head = (text, colour) => html("th", { scope: "col", class: "way", style: `color: var(--${colour})` }, text);
  const heads = html("tr", {}, html("td"), head("● pathwise", "q"), head("◆ score function", "ink"));
  const table = html("table", {}, html("thead", {}, heads), html("tbody", {}, ...rows));
  const [one, verdict, ringed] = [html("p"), html("p", { "aria-live": "polite" }), html("p", { class: "ringed-draw" })];

  function draw(state, found, eps) {
    found.ways.forEach(({ shown, mean, variance }, k) => {
      const numbers = [shown, mean, mean - found.exact, variance];
      numbers.forEach((number, row) => Object.assign(cells[row][k], { textContent: readable(number) }));
    });
    one.textContent = draws(state, found, eps);
    ringed.textContent = zOf(state, eps);
    verdict.textContent = sentence(state, found.exact, found.ways);
  }

  return { table, one, verdict, ringed, draw };
}

/** Where the ringed draw is. */
function zOf({ chosen, mu, sigma }, eps) {
  const e = eps[chosen - 1];
  return `Draw ${chosen} (ringed): ε = ${readable(e)} stays where it is, z = μ + σ ε = ${readable(mu + sigma * e)}.`;
}

/** What the ringed draw reports by either way. */
function draws(state, { f, p, b, ways: [path, score] }, eps) {
  const { chosen, baseline, mu, sigma } = state;
  const z = mu + sigma * eps[chosen - 1];
  const [height, where] =
    baseline === "mean" ? ["(f(z) − b) ε/σ", `, where b = E[f] = ${readable(b)}`] : ["f(z) ε/σ", ""];
  return [
    zOf(state, eps),
    `There f(z) = ${readable(value(f, p, z))} and f′(z) = ${readable(slope(f, p, z))}:`,
    `the path reports f′(z) = ${readable(path.values[chosen - 1])},`,
    `the score function ${height} = ${readable(score.values[chosen - 1])}${where}.`,
    "(All are numbers without a unit.)",
  ].join(" ");
}

/** Which way is better here, in words. */
export function sentence(state, exact, ways) {
  const { of, f } = CHOICES[state.choice];
  const expectation = `∂E[${of.replaceAll(" ", "\u00a0")}]/∂μ`;
  const at = `At μ = ${format(state.mu)}, σ = ${format(state.sigma)}`;
  const first = `${at} the exact gradient ${expectation} is ${readable(exact)}.`;
  return `${first} ${f === "step" ? ofTheStep(exact, ways[1]) : `${price(ways)} ${crossover(state)}`}`;
}

/** How many of its draws the mean of a biased estimator is worth. */
function ofTheStep(exact, score) {
  const enough = Math.floor(score.variance / exact ** 2) + 1;
  const many = enough > 1 ? `the mean of ${enough} of its draws` : "one of its draws";
  return [
    `The path says 0 for every ε: variance 0, and a bias of ${readable(-exact)} that no number of draws mends.`,
    `The score function has variance ${readable(score.variance)} and no bias.`,
    ...(enough < 1e6 ? [`By mean squared error, ${many} is already better.`] : []),
  ].join(" ");
}

function price([path, score]) {
  const [better, worse, more] =
    path.variance <= score.variance
      ? ["path", "score function", score.variance / path.variance]
      : ["score function", "path", path.variance / score.variance];
  if (!Number.isFinite(more)) return "Both ways are unbiased; here one draw of the path is exact.";
  const precise = `for the precision of one draw of the ${better}, the ${worse} needs ${readable(more)} draws`;
  return `Both ways are unbiased; ${precise}.`;
}

/** Where the score function is the quieter one. A crossing has a digit more than the sliders: at 1.90 it is not yet. */
function crossover(state) {
  const { name, low, high } = reachOf(state.choice);
  const both = swept(state);
  const wins = negative((u) => both(u)[1] - both(u)[0], low, high);
  const end = (u) => (u === low || u === high ? format(u, u % 1 ? 1 : 0) : format(u, 3));
  const ranges = wins.map((ends) => `from ${ends.map(end).join(" to ")}`).join(" and ");
  const where = wins.length ? `for ${name} ${ranges}` : `at no ${name} from ${end(low)} to ${end(high)}`;
  return `The score function has the lower variance ${where}, all else as it is.`;
}
