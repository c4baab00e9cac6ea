// The state in numbers and words: what is predicted, what was trained, and what a guess was worth.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { short } from "../trainer/marks.js";
import { levelName, levelOf, rateOf } from "./formulas.js";
import { STEPS } from "./training.js";

const ROWS = [
  ["latents that live", ({ used }) => String(used)],
  ["rate: KL, nats", ({ rate }) => format(rate, 3)],
  ["distortion", ({ distortion }) => format(distortion, 3)],
  ["ELBO, nats", ({ elbo }) => format(elbo, 3)],
];
const CLOSE = 0.03; // of the level: an eigenvalue that a training may take for the water

/** The table, a sentence on the prediction, one on the training; `draw(found, running)`. */
export function reading() {
  const cells = ROWS.map(() => [html("td"), html("td")]);
  const head = ["a picture", "predicted", "trained"].map((text) => html("th", { scope: "col" }, text));
  const rows = ROWS.map(([name], i) => html("tr", {}, html("th", { scope: "row" }, name), ...cells[i]));
  const table = html("table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows));
  const words = html("p", { class: "words", "aria-live": "polite" });
  const status = html("p", { role: "status" });

  function draw(found, running) {
    ROWS.forEach(([, of], i) => {
      cells[i][0].textContent = of({ ...found.predicted, used: found.still.used });
      cells[i][1].textContent = found.trained ? of({ ...found.trained, used: found.still.trainedUsed }) : "–";
    });
    say(words, prediction(found.still));
    say(status, training(found, running));
  }

  return { table, words, status, draw };
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** What the guess was, how many live and why, and what makes the prediction a close one. */
export function prediction({ now, used, above, nearest, margin }) {
  if (!now.revealed) return `You ask for ${now.latents} latents. How many live? Choose a number, and the water comes.`;
  const level = short(levelOf(now));
  const rule = `${stand(above)} above ${levelName(now)} = ${level}`;
  const more = above > now.latents ? ", more than there are latents; the point leaves Shannon's curve" : "";
  const said = now.guess === null ? "" : `You said ${now.guess}${now.guess === used ? ": right" : ""}. `;
  return `${said}Predicted: ${count(used, now.latents)}; ${rule}${more}.${near(now, nearest, margin)}`;
}

const count = (used, latents) =>
  used ? `${used} of ${latents} latents ${used > 1 ? "live" : "lives"}` : "no latent lives";

const stand = (above) => `${above || "none"} of the data's variances ${above > 1 ? "stand" : "stands"}`;

function near(now, nearest, margin) {
  if (Math.abs(margin) > CLOSE) return "";
  const [side, level] = [margin > 0 ? "above" : "below", levelOf(now)];
  const worth = margin > 0 ? `; a latent for it would pay ${format(rateOf(level * (1 + margin), level), 4)} nats` : "";
  return (
    ` Variance ${nearest + 1} stands only ${format(100 * Math.abs(margin), 1)} % ${side} the water${worth}: ` +
    "a training may count it wrong."
  );
}

function training({ predicted, trained, still: { now, used, trainedUsed } }, running) {
  if (running) return "Training: each dot is a latent, a ring on the water is a dead one.";
  if (!trained) return "Nothing has been trained yet.";
  if (now.steps < STEPS) return `Paused after ${now.steps} of ${STEPS} steps.`;
  const landed = trainedUsed === used ? ", as predicted" : `, predicted were ${used}`;
  const objective = ({ rate, distortion }) => -distortion / (2 * now.variance) - now.beta * rate;
  const below = objective(predicted) - objective(trained);
  const name = now.beta === 1 ? "ELBO" : "β-objective";
  return (
    `${STEPS} steps from seed ${now.seed}: ${count(trainedUsed, now.latents)}${landed}. ` +
    `The ${name} is within ${format(Math.max(1, Math.ceil(1e4 * below)) / 1e4, 4)} nats of the best.`
  );
}
