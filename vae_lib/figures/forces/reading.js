// The state in words: what is on, where the codes lie, which digits are drawn, how well new pictures are predicted.
import { html } from "../base/elements.js";
import { format } from "../base/numbers.js";

const ON = {
  "pull and noise": "Pull and noise, a VAE",
  "pull alone": "Pull without noise",
  "noise alone": "Noise without pull",
  neither: "Neither, a plain autoencoder",
};

const percent = (share) => `${format(100 * share, 0)} %`;

/** `draw(arm, found, settled)`. */
export function reading() {
  const number = html("output", {});
  const nats = html(
    "p",
    { class: "nats" },
    number,
    " nats a picture: how well pictures that it never saw are predicted",
  );
  nats.append(html("span", { class: "hint" }, " (lower is better; chapter 6 says what it is)"));
  const words = html("p", { class: "words", "aria-live": "polite" });

  function draw(arm, found, settled) {
    number.textContent = format(found.nats, 1);
    if (!settled) return; // once a motion has ended, for ears
    const said =
      `${ON[arm]}: the codes spread ${format(found.spread, 1)} to each side of their middle, your draws spread 1. ` +
      `${percent(found.inside)} of the codes lie in the circle. ${percent(found.empty)} of your draws land farther ` +
      `than 0.5 from every code. Of 2,000 draws, ${found.drawn} of the ten digits have more than 2 %; ` +
      `${percent(found.distance)} of the draws would have to change for all digits to be as frequent as in the data.`;
    if (words.textContent !== said) words.textContent = said;
  }

  return { nats, words, draw };
}
