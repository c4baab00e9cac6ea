// Numbers as a pencil writes them, "−2 ln 2", "9/8 + log(2)", "0,25": read as vae_lib/page/pencil.py reads them.

const FUNCTIONS = { ln: Math.log, log: Math.log, exp: Math.exp, sqrt: Math.sqrt };
const CONSTANTS = { pi: Math.PI, e: Math.E };
const SIGNS = { "−": "-", "–": "-", "—": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", π: "pi", "√": "sqrt" };
const PARTS = { "½": "1/2", "¼": "1/4", "¾": "3/4" };
const COMMA = /(?<![\d.,])(\d+),(\d+)(?![\d.,])/g; // as decimal mark
const BARE = /(ln|log|exp|sqrt)\s*(\d+\.?\d*(?:\s*pi)?|pi)(?![\d.]|\s*\()/g;
const TOKEN = /\s*(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|[a-z_][a-z_\d]*|[()]|(?:\*\*|[-+*/^])(?!\s*[*/^]))/g;
const TWO_WAYS = new RegExp(
  String.raw`(ln|log|exp|sqrt)\s*(\d*\s*[½¼¾]|\d+(?:[.,]\d*)?(?:\s*(?:pi|π))?|pi|π)\s*(\*\*|[*/^·⋅×÷])\s*` +
    String.raw`([-−–—]?(?:(?:ln|log|exp|sqrt|√)\s*)?(?:[\da-zπ.,½¼¾]+|\([^()]*\)))`,
  "i",
);

const bare = (text) => text.replace(/^[\s"'“”]+|[\s"'“”]+$/g, "");

/** The number that a text stands for, NaN where it is none. */
export function read(text) {
  const rest = TWO_WAYS.test(text) ? [] : spelled(text);
  const value = sum(rest);
  return rest.length === 0 && Number.isFinite(value) ? value : NaN;
}

/** What is said of a text that is none; `such` is one that is. */
export function noNumber(text, such) {
  const [found, name, number, sign, more] = bare(text).match(TWO_WAYS) ?? [];
  if (!found) return `I read “${bare(text)}”, which is no number; write one such as ${such}`;
  const ways = `${name}(${number}${sign}${more}) or (${name} ${number})${sign}${more}`;
  return `“${found}” can be read as ${ways}: write the parentheses`;
}

/** The words of a number, none where something else is among them. */
function tokens(text) {
  const plain = bare(text)
    .replace(/[−–—·⋅×÷π√]/g, (sign) => SIGNS[sign])
    .toLowerCase()
    .replace(COMMA, "$1.$2")
    .replace(/(?<![\d.])(\d*)\s*([½¼¾])/g, (_, whole, part) => `(${whole || 0}+${PARTS[part]})`)
    .replace(BARE, "$1($2)");
  return plain.replace(TOKEN, "") ? [] : [...plain.matchAll(TOKEN)].map(([, token]) => token);
}

const endsAValue = (token = "") => token === ")" || Object.hasOwn(CONSTANTS, token) || /^[\d.]/.test(token);

/** The same, with the sign of a product where a bracket or a name follows a value. */
function spelled(text) {
  return tokens(text).flatMap((token, at, all) =>
    /^[a-z_(]/.test(token) && endsAValue(all[at - 1]) ? ["*", token] : [token],
  );
}

function sum(rest) {
  let value = product(rest);
  while (rest[0] === "+" || rest[0] === "-") value += rest.shift() === "+" ? product(rest) : -product(rest);
  return value;
}

function product(rest) {
  let value = signed(rest);
  while (rest[0] === "*" || rest[0] === "/") {
    if (rest.shift() === "*") value *= signed(rest);
    else value /= signed(rest);
  }
  return value;
}

function signed(rest) {
  if (rest[0] === "-") return rest.shift() && -signed(rest);
  return rest[0] === "+" ? rest.shift() && signed(rest) : power(rest);
}

function power(rest) {
  const base = atom(rest);
  if (rest[0] !== "^" && rest[0] !== "**") return base;
  rest.shift();
  const exponent = signed(rest);
  return Number.isNaN(base) ? NaN : base ** exponent; // what is no number is none to the power of 0 either
}

function atom(rest) {
  const token = rest.shift();
  if (token === "(") return closed(sum(rest), rest);
  if (Object.hasOwn(FUNCTIONS, token ?? "") && rest.shift() === "(") return closed(FUNCTIONS[token](sum(rest)), rest);
  return Object.hasOwn(CONSTANTS, token ?? "") ? CONSTANTS[token] : Number(token);
}

function closed(value, rest) {
  return rest.shift() === ")" ? value : NaN;
}
