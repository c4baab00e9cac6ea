// The state in numbers and words.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { short } from "../trainer/marks.js";
import { isFar } from "./arrows.js";
import { CALLS, corner, norm, value } from "./formulas.js";
import { WAYS } from "./settings.js";

const HEADS = ["‖bias‖ / ‖g‖", "cosine with g", "variance a call, nats²"];

/** The table of the four estimators and the sentences; `draw(found)`. */
export function reading(decoder) {
  const rows = Object.entries(WAYS).map(([way, name]) => ({ way, name, cells: HEADS.map(() => html("td")) }));
  for (const row of rows) row.node = html("tr", {}, html("th", { scope: "row" }, row.name), ...row.cells);
  const head = html("tr", {}, html("td"), ...HEADS.map((text) => html("th", { scope: "col" }, text)));
  const table = html("table", {}, html("thead", {}, head), html("tbody", {}, ...rows.map(({ node }) => node)));
  const f = decoder.table.map((_, k) => format(value(corner(k), decoder))).join(", ");
  const middle = format(value([1 / 3, 1 / 3, 1 / 3], decoder));
  const about =
    "f(z) = log p(x|z) of a Bernoulli decoder: each face draws 2 × 2 pixels, and a soft throw mixes their logits. " +
    `f is ${f} nats at the faces, and ${middle} in the middle, where no face is. ` +
    "The KL has a closed form, and is left out.";
  const [words, exact] = [html("p", { class: "words", "aria-live": "polite" }), html("p", { class: "exact hint" })];

  function draw(found, settled) {
    for (const { way, cells, node } of rows) {
      node.classList.toggle("chosen", way === found.still.way);
      const { bias, cosine, variance } = found.worths[way];
      [format(bias), format(cosine), readable(variance)].forEach((text, i) => {
        cells[i].textContent = text;
      });
    }
    if (!settled) return;
    exact.textContent = truth(found);
    const text = verdict(found);
    if (words.textContent !== text) words.textContent = text;
  }

  return { table, words, exact, about: html("p", { class: "hint" }, about), draw };
}

const readable = (value) => (value < 0.1 ? format(value, 3) : format(value));

const truth = ({ expected, truth: g }) =>
  `E[f] = ${format(expected)} nats. Its gradient g by the three logits, exactly: ` +
  `(${g.map((part) => format(part)).join(", ")}), ` +
  `‖g‖ = ${format(norm(g))} nats a unit of logit.`;

/** What the chosen estimator does here. */
export function verdict({ truth: g, worths, singles, still: { way, tau } }) {
  const { bias, cosine, variance } = worths[way];
  const noise = `The standard deviation of a call is ${format(Math.sqrt(variance) / norm(g), 1)} times ‖g‖.`;
  const mean = soft(way) ? off(bias, cosine) : "Its mean arrow is the true one.";
  return `${LEADS[way](short(tau))} ${mean} ${noise}${outside(singles)}`;
}

const soft = (way) => way === "gumbel" || way === "straight";

const LEADS = {
  score: () => "Score function: one throw, f of its face; τ plays no part.",
  left: () => `Leave-one-out: ${CALLS} throws an estimate, so ${CALLS} calls; τ plays no part.`,
  gumbel: (tau) => `Gumbel-softmax at τ = ${tau}: each throw is soft, and f is taken there.`,
  straight: (tau) =>
    `Straight-through at τ = ${tau}: f is taken at a face, and its slope goes back through a soft throw.`,
};

const off = (bias, cosine) =>
  `Its mean arrow is off by ${format(100 * bias, 0)} % of the true one's length, ` +
  `and turned by ${format((Math.acos(Math.min(1, cosine)) * 180) / Math.PI, 0)}°.`;

function outside(singles) {
  const far = singles.filter(isFar).length;
  return far ? ` Of the ${singles.length} estimates, ${far} end${far > 1 ? "" : "s"} outside of the frame.` : "";
}
