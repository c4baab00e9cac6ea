// The state in numbers and words.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { GUESSES, STATES } from "./settings.js";

const HEADS = ["ELBO, nats", "gap, nats", "moves a path"];
const ROWS = { exact: "exact posterior", loose: "mean field", product: "product of the true marginals" };

/** Tables and sentences for a chain and the recorded curves; `draw(found, settled)`. */
export function reading(emission, recorded, steps) {
  const [gaps, days] = [table(["", ...HEADS], Object.values(ROWS)), daysTable(steps)];
  const chain = `P(0, 1, 2, 3, 4 ice creams | weather): ${emission.map(rowOf).join("; ")}.`;
  const [words, answer] = ["words", "answer"].map((name) => html("p", { class: name, "aria-live": "polite" }));

  function draw(found, settled) {
    fillGaps(gaps.cells, found);
    fillDays(days.cells, found);
    if (!settled) return;
    tell(words, said(found));
    tell(answer, answered(recorded, found.still.guess));
  }

  const numbers = html("div", {}, days.node, html("p", { class: "hint" }, chain));
  return { gaps: gaps.node, numbers, words, answer, draw };
}

/** A table with its heads, and the cells of each row to be filled. */
function table(heads, names) {
  const cells = names.map(() => heads.slice(1).map(() => html("td")));
  const rows = names.map((name, i) => html("tr", {}, html("th", { scope: "row" }, name), ...cells[i]));
  const [corner, ...rest] = heads;
  const top = html("tr", {}, html("td", {}, corner), ...rest.map((text) => html("th", { scope: "col" }, text)));
  return { node: html("table", {}, html("thead", {}, top), html("tbody", {}, ...rows)), cells };
}

function daysTable(steps) {
  const days = Array.from({ length: steps }, (_, t) => `day ${t + 1}`);
  const { node, cells } = table(["", ...STATES], days);
  node.prepend(html("caption", {}, "Probabilities: exact / mean field"));
  return { node, cells };
}

const fill = (cells, texts) =>
  cells.forEach((cell, i) => {
    cell.textContent = texts[i];
  });

const fillGaps = (cells, { logp, bounds, moves }) =>
  Object.keys(ROWS).forEach((name, i) => {
    const bound = bounds[name] ?? logp;
    fill(cells[i], [format(bound), format(logp - bound), format(moves[name])]);
  });

const fillDays = (cells, { marginals, q }) =>
  cells.forEach((row, t) => {
    fill(
      row,
      marginals[t].map((p, k) => `${format(p)} / ${format(q[t][k])}`),
    );
  });

const rowOf = (row, k) => `${STATES[k]} ${row.map((p) => format(p)).join(", ")}`;

function tell(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What is told of the present chain. */
export function said({ logp, bounds, moves, still: { start, chosen, gaps, endOf } }) {
  const [loose, exact] = [moves.loose, moves.exact].map((value) => format(value));
  const more = loose === exact ? "as often as" : moves.loose > moves.exact ? "more often than" : "less often than";
  return [
    `log p(x) = ${format(logp)} nats, exactly.`,
    `${shown(start, chosen)} lies ${format(logp - bounds.loose)} nats below.`,
    ends(gaps, endOf),
    `Its paths move ${more} the exact posterior's: ${loose} times for ${exact}.`,
  ].join(" ");
}

const shown = (start, chosen) =>
  start ? `The ELBO where start ${start} ends${chosen ? "" : ", the best one,"}` : "Mean field's best ELBO";

const ends = (gaps, endOf) =>
  gaps.length === 1
    ? `All ${endOf.length} starts of CAVI end there.`
    : `${endOf.length} starts of CAVI end in ${gaps.length} optima, with gaps of ${listed(gaps)} nats.`;

const listed = (gaps) => {
  const texts = gaps.map((gap) => format(gap));
  return `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`;
};

/** What the recorded curves answer to a guess; before it, nothing. */
export function answered({ chains, stay, gap, error, product, share }, guess) {
  if (guess === null) return "";
  const [peak, last] = [gap.indexOf(Math.max(...gap)), gap.length - 1];
  const mean = (i) => `${format(gap[i])} ± ${format(error[i])} nats at ${format(stay[i], 0)} %`;
  return (
    `You said: ${GUESSES[guess]}. It is smaller. Over ${chains} chains the mean gap is ${mean(peak)}, and ` +
    `${mean(last)}: a very sticky chain with clear symbols has almost one path, and a product can say one path. ` +
    `What grows is the share with more than one optimum, to ${format(share[last], 0)} %, and the gap of the product ` +
    `of the true marginals, to ${format(product[last])} nats.`
  );
}
