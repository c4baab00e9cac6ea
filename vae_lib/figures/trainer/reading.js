// The trainer's numbers: a table of the exact terms, and sentences.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { short } from "./marks.js";

const NAMES = { elbo: "ELBO", gap: "+ gap", logEvidence: "= log p(x)", reconstruction: "reconstruction", kl: "KL" };

/** The table, a sentence on σ_x and q, one on what is trained, and what the training is doing; `draw(found)`. */
export function reading() {
  const cells = Object.fromEntries(Object.keys(NAMES).map((name) => [name, [html("td"), html("td")]]));
  const head = ["nats", "all points", "ringed x"].map((text) => html("th", { scope: "col" }, text));
  const row = ([name, text]) => html("tr", {}, html("th", { scope: "row" }, text), ...cells[name]);
  const body = html("tbody", {}, ...Object.entries(NAMES).map(row));
  const table = html("table", {}, html("thead", {}, html("tr", {}, ...head)), body);
  const [noise, rest] = [html("span"), html("span")];
  const widths = html("p", {}, "The decoder's noise σ", html("sub", {}, "x"), noise, rest);
  const trained = html("p");
  const status = html("p", { role: "status" });

  function draw(found) {
    for (const [name, pair] of Object.entries(cells)) {
      const digits = name === "kl" ? 3 : 2;
      pair[0].textContent = format(found.mean[name], digits);
      pair[1].textContent = format(found.terms[name], digits);
    }
    noise.textContent = ` is ${format(found.vae.noiseStd)}; `;
    rest.textContent =
      `the mean of z² under q is ${format(found.secondMoment)} (under the prior: 1). ` +
      `Of the ringed x, μ is ${format(found.mu)} and σ is ${format(found.sigma)}.`;
    trained.textContent = objective(found);
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = text;
  }

  return { table, widths, trained, status, draw, say };
}

function objective({ mean, beta }) {
  if (beta === 1) return "β = 1: what is trained is the ELBO.";
  const value = mean.reconstruction - beta * mean.kl;
  const above = value > mean.logEvidence ? ", which is above log p(x): no bound" : "";
  return (
    `What is trained is the β-objective, reconstruction − ${short(beta)} KL = ${format(value)}${above}. ` +
    "The curves show the ELBO, with β = 1, all the same."
  );
}
