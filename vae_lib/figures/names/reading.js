// The state in numbers and words.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { meanOf } from "./curves.js";
import { percent } from "./found.js";
import { GUESSES, LETTERS, RUNS, STATES } from "./settings.js";

const symbolName = (symbol) => (symbol === 0 ? "the end" : LETTERS[symbol - 1]);
const likeliest = (row) => row.indexOf(Math.max(...row));

/** Tables and sentences; `draw(found, settled)`. */
export function reading(nets, curves) {
  const [sums, letters, drawn] = ["sums", "letters", "drawn"].map((name) => html("table", { class: name }));
  const [words, answer, made] = ["words", "answer", "made hint"].map((name) => html("p", { class: name }));
  for (const node of [words, answer]) node.setAttribute("aria-live", "polite");

  function draw(found, settled) {
    const { now, runs, drawn: names } = found.still;
    fill(sums, sumRows(now, runs));
    fill(letters, letterRows(now.name, runs), "log p of each symbol, given those before it, nats");
    fill(drawn, drawnRows(names), "one name from each z, with the same random numbers");
    tell(made, madeBy(nets[now.net]));
    if (!settled) return;
    tell(words, said(found));
    tell(answer, answered(curves[now.net], now.guess));
  }

  return { sums, numbers: html("div", {}, letters, made), drawn, words, answer, draw };
}

/** A table's rows anew: the first has the heads of the columns, and each begins with its own. */
function fill(table, rows, caption) {
  const text = JSON.stringify(rows);
  if (table.dataset.rows === text) return;
  table.dataset.rows = text;
  const [heads, ...rest] = rows;
  const top = heads.map((head, i) => html(i ? "th" : "td", i ? { scope: "col" } : {}, head));
  const cells = ([head, ...row]) => [html("th", { scope: "row" }, head), ...row.map((one) => html("td", {}, one))];
  table.replaceChildren(
    ...(caption ? [html("caption", {}, caption)] : []),
    html("thead", {}, html("tr", {}, ...top)),
    html("tbody", {}, ...rest.map((row) => html("tr", {}, ...cells(row)))),
  );
}

/** log p of the name, whole and a symbol. */
export function sumRows({ name, z }, runs) {
  const each = RUNS.map((run) => runs[run].logp);
  return [
    ["", ...RUNS],
    [z ? `log p(x | z = ${z}), nats` : "log p(x), nats", ...each.map((logp) => format(logp))],
    ["a symbol, the end too", ...each.map((logp) => format(logp / (name.length + 1)))],
  ];
}

/** What each letter of the name and its end add to log p. */
export const letterRows = (name, runs) => [
  ["", ...RUNS],
  ...[...name, "end"].map((letter, t) => [letter, ...RUNS.map((run) => format(runs[run].terms[t]))]),
  ["sum", ...RUNS.map((run) => format(runs[run].logp))],
];

const drawnRows = (names) => [
  ["", ...RUNS],
  ...names[RUNS[0]].map((_, z) => [`z = ${z + 1}`, ...RUNS.map((run) => names[run][z])]),
];

/** What the two runs were. */
export const madeBy = (runs) =>
  RUNS.map((run) => {
    const { arm, epochs, seed, I, loss } = runs[run];
    return (
      `${run}: ${arm}, ${epochs} epochs, seed ${seed}; on test names I of the posterior is ${format(I, 3)} nats, ` +
      `−log p = ${format(loss)} nats a name.`
    );
  }).join(" ");

function tell(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What is told of the letters seen and of the name. */
export function said({ next, posterior, still: { now, runs } }) {
  const [used, unused] = RUNS;
  const begin = now.seen ? `After “${now.name.slice(0, now.seen)}”` : "At the start";
  const given = now.z ? ` and for z = ${now.z}` : "";
  const [first, second] = RUNS.map((run) => next[run]).map((row) => [likeliest(row), Math.max(...row)]);
  const what = now.z ? `log p(x | z = ${now.z})` : "log p(x)";
  return [
    `${begin}${given}, ${used}, ${symbolName(first[0])} is likeliest (${percent(first[1])}); ${unused}, ` +
      `${symbolName(second[0])} (${percent(second[1])}).`,
    `${likelyStates(posterior[used], used)}; ${unused} each z has ${range(posterior[unused])}.`,
    `The whole name: ${what} is ${format(runs[used].logp)} nats ${used}, ${format(runs[unused].logp)} ${unused}.`,
  ].join(" ");
}

/** Which z the letters speak for: all that round to the highest chance. */
function likelyStates(row, run) {
  const top = percent(Math.max(...row));
  const named = row.flatMap((p, z) => (percent(p) === top ? [z + 1] : []));
  if (named.length === row.length) return `The letters so far say nothing of z ${run}: each has ${top}`;
  const last = named.pop();
  const states = named.length ? `${named.join(", ")} or ${last} with ${top} each` : `${last} with ${top}`;
  return `The letters so far say z = ${states}`;
}

/** The lowest and highest of some probabilities, as one number where they round to it. */
function range(row) {
  const [low, high] = [Math.min(...row), Math.max(...row)].map((p) => format(100 * p, 0));
  return low === high ? `${low}\u00a0%` : `${low} to ${high}\u00a0%`;
}

/** What the recorded curves say of dose 1 and exact, after a guess; before it nothing. */
export function answered({ exact, "dose 1": late }, guess) {
  if (guess === null) return "";
  const early = exact.epochs.find((epoch) => epoch >= exact.epochs.at(-1) / 4);
  const then = ({ epochs, I }) => format(meanOf(I)[epochs.indexOf(early)]);
  const last = (seeds) => format(meanOf(seeds).at(-1));
  const ends = late.I.map((seed) => seed.at(-1));
  return (
    `You said: ${GUESSES[guess]}. I of the posterior, dose 1 and exact: ` +
    `${then(late)} and ${then(exact)} nats at epoch ${early}, ` +
    `${last(late.I)} and ${last(exact.I)} at their ends, after ${late.epochs.at(-1)} and ${exact.epochs.at(-1)} ` +
    `epochs: means of ${ends.length} and ${exact.I.length} seeds. ` +
    `${bySeed(ends.map((end) => format(end)))} ` +
    `−log p there: ${last(late["−log p"])} and ${last(exact["−log p"])} nats a name.`
  );
}

/** Where the seeds end, from the lowest to the highest, as one number where they round to it. */
function bySeed(ends) {
  const [low, high] = [ends.toSorted()[0], ends.toSorted().at(-1)];
  return low === high ? `Each seed of dose 1 ends at ${low}.` : `By seed dose 1 ends at ${low} to ${high}.`;
}
