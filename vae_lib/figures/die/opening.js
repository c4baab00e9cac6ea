// The opening: a coin, a guess which way is down, and the one slider that makes its steps soft.
import { choice } from "../base/controls.js";
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";
import { short } from "../trainer/marks.js";
import { lossAt, meanSlope, share, softSlope, THROWS } from "./coin.js";
import { COIN_TAUS, GUESSES, temperature } from "./settings.js";
import { AT, throwsPicture } from "./throws.js";

/** What a state of the coin amounts to. */
export function toss(now, coin) {
  const { tau } = now;
  return {
    tau,
    truth: meanSlope(AT, coin),
    middle: lossAt(0.5, coin),
    soft: tau === 0 ? { mean: 0, deviation: 0 } : softSlope(AT, tau, coin),
    still: Object.assign(Object.create(null), { now: { ...now } }),
  };
}

/** Its parts; `change(state, eased)` is told what a hand does. */
export function opening(coin, change) {
  const throws = throwsPicture(coin);
  const words = html("p", { class: "words", "aria-live": "polite" });
  const tau = temperature(COIN_TAUS, (value) => change({ tau: value, revealed: true }));
  const options = [["", "?"], ...Object.entries(GUESSES)];
  const guess = choice("which way is down?", options, (text) => change({ guess: text || null, revealed: true }));

  function draw(found, settled) {
    throws.draw(found);
    tau.set(found.still.now.tau);
    guess.set(found.still.now.guess ?? "");
    if (settled && words.textContent !== said(found)) words.textContent = said(found);
  }

  const stage = html("div", { class: "stage" }, throws.node);
  return { nodes: [stage, html("div", { class: "controls" }, guess.node, tau.node), words], draw };
}

const side = (steep) => (steep < 0 ? "heads" : "tails");

/** What is told: nothing of the answer before a guess. */
export function said({ tau, truth, soft, middle, still: { now } }) {
  if (!now.revealed) {
    const heads = THROWS.filter((noise) => share(AT, noise, 0) === 1).length;
    return (
      `At the line, the logit ${format(AT, 1)}, ${heads} of the eight come up heads and ${8 - heads} tails. ` +
      "Each loss is flat there: its slope is 0."
    );
  }
  const guessed = now.guess === null ? "" : `You said: ${GUESSES[now.guess]}. `;
  const dashed = `the mean loss (dashed) has the slope ${format(truth)} nats a unit of logit`;
  const more = tau === 0 ? "No throw has a slope. Now make the coin soft: move τ." : softly(tau, truth, soft, middle);
  return `${guessed}Down is to ${side(truth)}: ${dashed}. ${more}`;
}

/** What the soft slopes say at a temperature, and why they may be wrong. */
function softly(tau, truth, { mean, deviation }, middle) {
  const found = `${format(mean)} ± ${format(deviation)} (mean and standard deviation over all throws)`;
  const half = `a coin half heads, half tails. Its loss would be ${format(middle)}, but no throw is that.`;
  const verdict = mean * truth < 0 ? `the wrong way, to ${half}` : "the right way.";
  return `At τ = ${short(tau)} the soft slopes are ${found}: ${verdict}`;
}
