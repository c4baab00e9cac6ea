// Names before a decoder: by a pencil, against sums over z written out, and what is typed, drawn and said.
import assert from "node:assert/strict";
import { test } from "node:test";
import { noise } from "../../vae_lib/figures/base/normal.js";
import { sum } from "../../vae_lib/figures/base/numbers.js";
import { meanOf, spread } from "../../vae_lib/figures/names/curves.js";
import { decoderOf, logSoftmax, unpacked } from "../../vae_lib/figures/names/decoders.js";
import { drawn, read } from "../../vae_lib/figures/names/formulas.js";
import { finder, levelOf, written } from "../../vae_lib/figures/names/found.js";
import { firstLetters, said as saidFirst } from "../../vae_lib/figures/names/opening.js";
import { answered, letterRows, said, sumRows } from "../../vae_lib/figures/names/reading.js";
import { admits, admitsState, cleaned, lettersOf, symbolsOf } from "../../vae_lib/figures/names/settings.js";
import { near } from "./near.mjs";

const [STATES, SYMBOLS, HIDDEN] = [5, 27, 3];
const pack = (rows, scale = 1000) => ({
  columns: rows[0].length,
  scale,
  int16: Buffer.from(Int16Array.from(rows.flat(), (number) => Math.round(number * scale)).buffer).toString("base64"),
});
const matrix = (rows, columns, make) =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => make(i, j)));
const mixtureOf = (make) => ({ table: pack(matrix(STATES * SYMBOLS, SYMBOLS, make)) });
const random = (seed) => {
  const normal = noise(seed);
  return mixtureOf(() => normal());
};
const collapsed = (seed) => {
  const { table } = random(seed);
  const rows = unpacked(table).slice(0, SYMBOLS);
  return mixtureOf((i, j) => rows[i % SYMBOLS][j]);
};
const recurrent = (seed) => {
  const normal = noise(seed);
  const some = (rows, columns) => pack(matrix(rows, columns, normal));
  return {
    ofInput: some(3 * HIDDEN, SYMBOLS + STATES),
    ofHidden: some(3 * HIDDEN, HIDDEN),
    biases: some(2, 3 * HIDDEN),
    head: some(SYMBOLS, HIDDEN),
    bias: some(1, SYMBOLS),
  };
};
const about = (weights, arm) => ({ arm, epochs: 9, seed: 0, I: 0.5, loss: 16, weights });
const pair = { "with z": about(random(1), "dose 20"), "without z": about(collapsed(2), "dose 1") };
const nets = {
  mixture: pair,
  GRU: { "with z": about(recurrent(3), "exact"), "without z": about(recurrent(4), "dose 1") },
};
const valid = { net: "mixture", name: "eva", seen: 2, z: 0, seed: 1, guess: null, arm: "dose 1" };

test("by a pencil: where all symbols are alike, 3 letters have 4 terms of −log 27, and z is never known", () => {
  const { logp, terms, posterior, next } = read(decoderOf(mixtureOf(() => 0)), symbolsOf("eva"));
  near(logp, -4 * Math.log(27));
  assert.equal(terms.length, 4);
  for (const row of posterior) for (const p of row) near(p, 1 / 5);
  for (const row of next) for (const p of row) near(p, 1 / 27);
});

test("by a pencil: a first letter that one z alone can write says which z it is", () => {
  const first = (i) => (i % SYMBOLS ? 0 : i === 3 * SYMBOLS ? 1 : 2); // which letter a row is sure of, 0 for none
  const sure = mixtureOf((i, j) => (j > 0 && j === first(i) ? 30 : 0));
  const { posterior, terms } = read(decoderOf(sure), [1]);
  near(posterior[1][3], 1, 1e-11);
  near(terms[0], Math.log(1 / 5), 1e-9);
  near(terms[1], -Math.log(27), 1e-9);
});

test("log p, its terms, the posterior and the next letter are those of sums over z written out", () => {
  for (const weights of [random(5), recurrent(6)]) {
    const decoder = decoderOf(weights);
    const x = symbolsOf("maria");
    const found = read(decoder, x);
    const given = Array.from({ length: STATES }, (_, z) => read(decoder, x, z));
    const p = sum(given.map(({ logp }) => Math.exp(logp))) / STATES;
    near(Math.exp(found.logp), p);
    near(sum(found.terms), found.logp);
    for (let t = 0; t <= x.length; t++) {
      const joint = given.map(({ terms }) => Math.exp(sum(terms.slice(0, t))) / STATES);
      found.posterior[t].forEach((q, z) => near(q, joint[z] / sum(joint)));
      found.next[t].forEach((q, symbol) =>
        near(q, sum(joint.map((one, z) => one * given[z].next[t][symbol])) / sum(joint)),
      );
      near(sum(found.next[t]), 1);
    }
  }
});

test("a row of logits is a row of log-probabilities, however large they are", () => {
  for (const logits of [
    [0, 0],
    [1000, 1000],
    [-1000, -1000],
  ])
    for (const one of logSoftmax(logits)) near(one, -Math.log(2));
});

test("what was packed comes back to half a unit", () => {
  const rows = [
    [0.5, -1.25, 3],
    [31.999, -0.0004, 0],
  ];
  unpacked(pack(rows)).forEach((row, i) => row.forEach((number, j) => near(number, rows[i][j], 5.1e-4)));
});

test("drawn names begin as often with each letter as is said, and the end ends them", () => {
  const decoder = decoderOf(random(7));
  const [row] = read(decoder, [], 2).next;
  const names = Array.from({ length: 2000 }, (_, i) => drawn(decoder, 2, [(i + 0.5) / 2000, 0.3, 0.9]));
  for (const symbol of [1, 14, 26]) {
    const share = names.filter(([first]) => first === symbol).length / names.length;
    near(share, row[symbol], 1e-3);
  }
  near(names.filter((name) => name.length === 0).length / names.length, row[0], 1e-3);
  assert.ok(names.every((name) => !name.includes(0) && name.length <= 3));
});

test("a name without an end is shown as a beginning, and one without a letter as such", () => {
  assert.equal(written(symbolsOf("eva")), "eva");
  assert.equal(written([]), "(no letter)");
  assert.equal(written(symbolsOf("abcdefghijkl")), "abcdefghijk…");
});

test("what is typed becomes letters from a to z, at most 11, and what is left out is named", () => {
  assert.deepEqual(cleaned("Eva"), { name: "eva", said: "" });
  assert.deepEqual(cleaned("Zoë 3"), { name: "zo", said: "Only a to z: “ë 3” was left out." });
  assert.deepEqual(cleaned("abcdefghijklm"), { name: "abcdefghijk", said: "At most 11 letters: “lm” was left out." });
  for (const blank of " \t\u00a0\u200b") {
    assert.equal(cleaned(`ann${blank}marie`).said, "Only a to z: a space was left out.");
  }
  assert.equal(cleaned("é".repeat(200)).said, `Only a to z: “${"é".repeat(12)}…” was left out.`);
  assert.equal(cleaned("x".repeat(500)).said, `At most 11 letters: “${"x".repeat(12)}…” was left out.`);
  assert.equal(lettersOf(symbolsOf("maria")), "maria");
});

test("the words name every z that the letters speak for, and none where they speak for none", () => {
  const told = (posterior) => said({ ...finder(nets)(valid), posterior: { "with z": posterior, "without z": even } });
  const even = [0.2, 0.2, 0.2, 0.2, 0.2];
  assert.match(told(even), /The letters so far say nothing of z with z: each has 20\u00a0%; without z each z has 20/);
  assert.match(told([0.308, 0.312, 0.05, 0.02, 0.31]), /say z = 1, 2 or 5 with 31\u00a0% each; without z/);
  assert.match(told([0.1, 0.6, 0.1, 0.1, 0.1]), /say z = 2 with 60\u00a0%; without z/);
});

test("a state from outside is one that the controls can reach", () => {
  assert.ok(admits(valid));
  assert.ok(admits({ ...valid, net: "GRU", name: "", seen: 0, z: 5, guess: "late", arm: "exact" }));
  const wrong = [
    { net: "toString" },
    { name: "Eva" },
    { name: "abcdefghijkl" },
    { name: 3 },
    { name: null },
    { seen: 4 },
    { seen: -1 },
    { seen: 1.5 },
    { z: 6 },
    { z: "1" },
    { seed: -1 },
    { guess: "toString" },
    { guess: "" },
    { arm: "dose 3" },
  ];
  for (const change of wrong) assert.ok(!admits({ ...valid, ...change }), JSON.stringify(change));
  assert.ok(admitsState({ z: 1 }) && admitsState({ z: 5 }));
  for (const z of [0, 6, 1.5, "2", null]) assert.ok(!admitsState({ z }), String(z));
});

test("a choice of z changes the run that uses it, and not the one that does not", () => {
  const find = finder(nets);
  const [one, two] = [1, 2].map((z) => find({ ...valid, z }));
  assert.notDeepEqual(one.next["with z"], two.next["with z"]);
  assert.deepEqual(one.next["without z"], two.next["without z"]);
  const names = find(valid).still.drawn;
  assert.equal(new Set(names["without z"]).size, 1);
  assert.ok(new Set(names["with z"]).size > 1);
});

test("the scale of the bars ends at or above the highest, and is one for all z in the opening", () => {
  assert.deepEqual(
    [0.05, 0.2, 0.21, 0.6, 0.99].map((p) => levelOf([[p], [0.01]])),
    [0.1, 0.2, 0.3, 0.75, 1],
  );
  const at = firstLetters(pair);
  const all = [1, 2, 3, 4, 5].map((z) => at({ z }));
  assert.equal(new Set(all.map(({ still }) => still.most)).size, 1);
  assert.ok(all.every(({ first, still }) => Math.max(...Object.values(first).flat()) <= still.most));
  assert.deepEqual(all[0].first["without z"], all[4].first["without z"]);
  assert.match(saidFirst(all[1]), /^With z = 2 run A begins most often with .*; run B begins most often with .*\.$/);
});

test("the words say what comes next, z, and log p, for all z and for one", () => {
  const find = finder(nets);
  const all = find(valid);
  assert.match(said(all), /^After “ev”, with z, .* is likeliest \(\d+\u00a0%\); without z, /);
  assert.match(said(all), /without z each z has 20\u00a0%\. The whole name: log p\(x\) is −\d+\.\d\d nats with z/);
  assert.match(said(find({ ...valid, seen: 0, z: 2 })), /^At the start and for z = 2, .*: log p\(x \| z = 2\) is/);
});

test("the tables add up: terms to log p, and log p to nats a symbol", () => {
  const { runs } = finder(nets)(valid).still;
  const rows = letterRows("eva", runs);
  assert.deepEqual(
    rows.map(([head]) => head),
    ["", "e", "v", "a", "end", "sum"],
  );
  const numbers = rows.slice(1).map((row) => row.slice(1).map((text) => Number(text.replace("−", "-"))));
  numbers.at(-1).forEach((total, run) => near(sum(numbers.slice(0, -1).map((row) => row[run])), total, 0.03));
  const [, [, logp], [, each]] = sumRows(valid, runs).map((row) => row.map((text) => Number(text.replace("−", "-"))));
  near(logp / 4, each, 0.01);
});

test("names at the ends of lines keep their order, and 15 apart or more", () => {
  const places = spread([10, 12, 80, 11], 200);
  assert.ok(places[0] + 15 <= places[3] + 1e-9 && places[3] + 15 <= places[1] + 1e-9 && places[1] + 15 <= places[2]);
  assert.deepEqual(spread([100, 50], 200), [100, 50]);
  assert.deepEqual(spread([100, 98, 20], 100), [100, 85, 13.5]); // none below the axis
  assert.deepEqual(
    meanOf([
      [1, 2],
      [3, 6],
    ]),
    [2, 4],
  );
});

test("the recorded curves are told after a guess only, by their means at a quarter of exact and at their ends", () => {
  const seeds = (epochs, early, ...last) => ({
    epochs,
    I: last.map((end) => [...early, end]),
    "−log p": last.map(() => [30, 16.6, 16.25]),
  });
  const curves = {
    "dose 1": seeds([0, 5, 20, 320], [0, 0, 0.01], 0.5, 0.75),
    exact: seeds([0, 20, 80], [0, 0.1], 1, 1.25, 1.5),
  };
  assert.equal(answered(curves, null), "");
  const text = answered(curves, "never");
  assert.match(
    text,
    /^You said: no, never\. .*: 0\.01 and 0\.10 nats at epoch 20, 0\.63 and 1\.25 at their ends, after 320 and 80/,
  );
  assert.match(
    text,
    /and 3 seeds\. By seed dose 1 ends at 0\.50 to 0\.75\. −log p there: 16\.25 and 16\.25 nats a name\.$/,
  );
});
