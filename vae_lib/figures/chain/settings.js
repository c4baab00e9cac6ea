// What can be set, and what the figure can be in.
import { isKey } from "../base/keys.js";
import { isIn } from "../base/numbers.js";

export const STAY = { min: 34, max: 99 }; // percent
export const STARTS = 16; // of CAVI; the number 0 stands for the one that ends best
export const STATES = ["cold", "mild", "hot"];
export const SYMBOLS = 5; // 0 to 4 ice creams
export const GUESSES = { larger: "larger", smaller: "smaller", same: "the same" };
export const MOVES = [5, 8, 12, 18, 26, 38.33, 55, 80, 120, 180, 260]; // 10⁸ m³ a year
export const BANDS = { wide: "the wide one", narrow: "the narrow one" };

const isGuess = (guess, guesses) => guess === null || isKey(guess, guesses);
const isWhole = (value, range) => Number.isInteger(value) && isIn(value, range);

/** Whether the figure of a chain of `steps` can be in a state. */
export const admits =
  (steps) =>
  ({ stay, x, start, seed, guess }) =>
    isWhole(stay, STAY) &&
    Array.isArray(x) &&
    x.length === steps &&
    x.every((symbol) => isWhole(symbol, { min: 0, max: SYMBOLS - 1 })) &&
    isWhole(start, { min: 0, max: STARTS }) &&
    isWhole(seed, { min: 0, max: 1e6 }) &&
    isGuess(guess, GUESSES);

/** Whether the opening can be in a state. */
export const admitsLevel = ({ move, guess, revealed }) =>
  MOVES.includes(move) && isGuess(guess, BANDS) && typeof revealed === "boolean";
