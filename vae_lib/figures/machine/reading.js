// The machine's numbers: one row a quantity, one column a latent; and the two terms in nats.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";

const COINS = format(-64 * Math.LN2);
const HOW = {
  q: "z = μ + σ ⊙ ε",
  hand: "This z is no draw of q; ε = (z − μ) / σ would lead to it.",
  prior: "z is from the prior: the encoder, and with it x, has no part in it.",
};
const ROWS = { mu: ["μ", "q"], sigma: ["σ", "q"], eps: ["ε", "ink"], z: ["z", "ink"] };

/** The table, where z is from, and what it amounts to; `draw(found, settled)`. */
export function reading() {
  const rows = Object.entries(ROWS).map(([name, [symbol, colour]]) => {
    const cells = [html("td"), html("td")];
    const head = html("th", { scope: "row", style: `color: var(--${colour})` }, symbol);
    return { name, cells, node: html("tr", { class: name }, head, ...cells) };
  });
  const column = (name) => html("th", { scope: "col" }, name);
  const head = html("thead", {}, html("tr", {}, html("td"), column("1"), column("2")));
  const table = html("table", {}, head, html("tbody", {}, ...rows.map(({ node }) => node)));
  const how = html("p", { class: "how hint" });
  const nats = html("p", { "aria-live": "polite" });

  function draw(found, settled) {
    for (const { name, cells } of rows) {
      cells.forEach((cell, j) => Object.assign(cell, { textContent: found[name] ? format(found[name][j]) : "–" }));
    }
    how.textContent = HOW[found.source];
    if (settled) nats.textContent = sentence(found); // once a motion has ended, for ears
  }

  return { table, how, nats, draw };
}

function sentence({ source, logLikelihood, kl }) {
  const explains = `log p(x|z) = ${format(logLikelihood)} nats: how well this z explains x (fair coins: ${COINS}).`;
  if (source === "prior") return explains;
  return `${explains} KL(q(z|x) ‖ p(z)) = ${format(kl)} nats: it depends on x, not on z.`;
}
