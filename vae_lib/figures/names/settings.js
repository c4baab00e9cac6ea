// What can be set, and what the figure can be in.
import { isKey } from "../base/keys.js";
import { isIn } from "../base/numbers.js";

export const LETTERS = "abcdefghijklmnopqrstuvwxyz"; // symbol 0 is the end, letter i is symbol i + 1
export const MOST = 11; // letters of a name
const TOLD = 12; // of what was left out
const BLANK = /[\s\u200b-\u200d]/; // with those of no width
export const STATES = 5; // of z; the number 0 stands for all of them
export const RUNS = ["with z", "without z"];
export const NETS = { mixture: "Markov mixture", GRU: "GRU" };
export const GUESSES = { never: "no, never", late: "yes, but late", soon: "yes, as soon as the others" };
export const ARMS = ["dose 1", "dose 2", "dose 5", "dose 20", "exact", "counts"];

const isWhole = (value, range) => Number.isInteger(value) && isIn(value, range);

/** Whether the figure can be in a state. */
export const admits = ({ net, name, seen, z, seed, guess, arm }) =>
  isKey(net, NETS) &&
  typeof name === "string" &&
  cleaned(name).name === name &&
  isWhole(seen, { min: 0, max: name.length }) &&
  isWhole(z, { min: 0, max: STATES }) &&
  isWhole(seed, { min: 0, max: 1e6 }) &&
  (guess === null || isKey(guess, GUESSES)) &&
  ARMS.includes(arm);

/** Whether the opening can be in a state. */
export const admitsState = ({ z }) => isWhole(z, { min: 1, max: STATES });

/** A name of what was typed, and what to say of that which was left out; nothing where nothing was. */
export function cleaned(text) {
  const letters = [...text.toLowerCase()];
  const others = letters.filter((letter) => !LETTERS.includes(letter));
  const name = letters.filter((letter) => LETTERS.includes(letter)).join("");
  const said = [];
  if (others.length) said.push(`Only a to z: ${quoted(others)} was left out.`);
  if (name.length > MOST) said.push(`At most ${MOST} letters: ${quoted([...name].slice(MOST))} was left out.`);
  return { name: name.slice(0, MOST), said: said.join(" ") };
}

/** Some letters as they are told: of many the first. */
function quoted(letters) {
  if (letters.every((letter) => BLANK.test(letter))) return "a space";
  return `“${letters.slice(0, TOLD).join("")}${letters.length > TOLD ? "…" : ""}”`;
}

/** The symbols of a name, without its end; and the letters of symbols. */
export const symbolsOf = (name) => [...name].map((letter) => LETTERS.indexOf(letter) + 1);
export const lettersOf = (symbols) => symbols.map((symbol) => LETTERS[symbol - 1]).join("");
