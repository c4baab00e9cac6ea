// Judges an answer by hand as vae_lib/exercises/engine/by_hand.py does, by the tables of book/_ext/answer_tables.py.
const judge = (() => {
  const { read, noNumber } = base$pencil; // vae_lib/figures/base/pencil.js, as a script
  const FOUR_DIGITS = 2e-3; // the numbers of by_hand.py, relations.py and statistics.py
  const RIGHT_ERROR = 4e-4;
  const ROUNDING = 1e-4;
  const ROUNDED = "right as far as it goes, but rounded: give four digits.";

  const OPERATIONS = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    ">": (a, b) => a > b,
    "<": (a, b) => a < b,
    where: (condition, a, b) => (condition ? a : b),
  };

  // The tape

  /** Every step's number, for these numbers of the entries. */
  function played(steps, inputs) {
    const values = [...inputs];
    for (const step of steps.slice(inputs.length)) {
      if (!Array.isArray(step)) values.push(step);
      else {
        const [operation, ...places] = step;
        values.push((OPERATIONS[operation] ?? Math[operation])(...places.map((place) => values[place])));
      }
    }
    return values;
  }

  function close(came, right, off = FOUR_DIGITS) {
    const fits = (one, i) => Number.isFinite(right[i]) && Math.abs(one - right[i]) <= off * Math.abs(one) + 1e-6;
    return came.every(fits);
  }

  // Entries in their order, each from the reader's own before it

  /** What is said of `answer`, texts by the name of their entry; an entry with an empty text is still open. */
  function judged(table, answer) {
    const { entries, wrong } = judgedEntries(table, answer);
    const those = (what) => Object.keys(entries).filter((name) => entries[name] === what);
    const [right, open, follows] = ["right", "open", "follows"].map((what) => those(what).join(", "));
    if (wrong.length) {
      const [name, key] = wrong[0];
      const more = (right && ` ${right}: right.`) + (follows && ` ${follows}: follows from your own numbers before.`);
      const sentence = wrong.map(([, , words]) => words).join(" ") + more;
      const lines = Object.entries(entries).map(([one, what]) => lineOf(one, what, wrong));
      return { status: "wrong", key: `${table.name}/${dashed(key)}`, sentence, entries, at: name, lines };
    }
    if (those("open").length === Object.keys(entries).length) {
      return { status: "not attempted", key: "", sentence: "Not attempted yet.", entries: {} };
    }
    for (const name of Object.keys(entries)) entries[name] = entries[name].replace("follows", "right"); // from right ones
    const sentence = `${those("right").join(", ")}: right.${open && ` Still open: ${open}.`}`;
    return { status: open ? "not attempted" : "right", key: "", sentence, entries };
  }

  /** What is said of one entry of a wrong answer. */
  function lineOf(name, what, wrong) {
    const [, , words] = wrong.find(([one]) => one === name) ?? [];
    const others = { right: "right.", open: "still open.", follows: "follows from your own numbers before." };
    return words ?? `${name}: ${others[what]}`;
  }

  const isTooShort = (words) => words.endsWith(ROUNDED);

  const dashed = (key) => key.replace(/[ _]/g, "-").toLowerCase();

  function judgedEntries(table, answer) {
    const right = Object.values(table.entries).flatMap((entry) => entry.right);
    const theirs = [...right]; // their own numbers take the place of ours, one after another
    const entries = {};
    const wrong = [];
    let start = 0;
    for (const [name, entry] of Object.entries(table.entries)) {
      const at = (places, inputs = theirs) => chosen(played(table.steps, inputs), places);
      const [own, came] = [at(entry.step), theirsOf(answer[name], entry)];
      entries[name] = !came ? "open" : typeof came === "string" ? "wrong" : kindOf(came, entry.right, own);
      if (typeof came === "string") wrong.push([name, "no-numbers", `${name}: ${came}`]);
      else {
        theirs.splice(start, entry.right.length, ...(came ?? (own.some(Number.isNaN) ? entry.right : own)));
        if (entries[name] === "wrong") {
          const [key, words] = why(name, entry, came, at, right);
          wrong.push([name, key, `${name}: ${words}`]);
        }
      }
      start += entry.right.length;
    }
    return { entries, wrong };
  }

  const chosen = (values, places) => places.map((place) => values[place]);

  function kindOf(came, right, own) {
    return close(came, right) ? "right" : close(came, own) ? "follows" : "wrong";
  }

  /** The numbers of an entry; undefined where one is still open, or words where one is none. */
  function theirsOf(texts, entry) {
    if (!texts || texts.some((text) => !text.trim())) return undefined;
    const numbers = texts.map(read);
    const bad = numbers.findIndex(Number.isNaN);
    return bad < 0 ? numbers : `${noNumber(texts[bad], "1.125, 9/8 or 2 ln 2")}.`;
  }

  // Why an entry is wrong

  function why(name, entry, came, at, right) {
    const rounded = came.every((one) => Math.abs(one - Math.round(one * 1e4) / 1e4) <= 1e-9);
    const near = rounded ? 1e-3 : 1e-4;
    for (const inputs of [undefined, right]) {
      const found = fitting(entry, came, near, (places) => at(places, inputs));
      if (found.length && found.length <= 3) {
        const words = [...new Set(found.map(([, sentence]) => sentence))].join("; or ");
        return [found.map(([key]) => `${name}-${key}`).join("|"), `this is what you get if ${words}.`];
      }
    }
    if (isRounded(came, entry.right)) return [`${name}-rounded`, ROUNDED];
    return whichAreWrong(name, came, entry.right) ?? whatIs(came, entry.right) ?? unknown();
  }

  function isRounded(came, right) {
    const whole = (n) => came.every((one) => Math.abs(one - Math.round(one * 10 ** n) / 10 ** n) <= 1e-9);
    const places = [0, 1, 2, 3].find(whole) ?? 4;
    const enough = Math.max(...right.map(Math.abs)) * 10 ** places >= (right.length > 1 ? 9.5 : 0.95);
    return enough && came.every((one, i) => Math.abs(one - right[i]) <= 0.5 * 10 ** -places + 1e-9);
  }

  const unknown = () => ["unknown", "not right, and not by a slip that we know."];

  /** Keys and sentences of the slips that give what came; one explains more than two. */
  function fitting(entry, came, near, at) {
    const isPair = (key) => key.includes("+");
    const numbers = at(entry.slips.flatMap(([, , places]) => places));
    const size = entry.right.length;
    const fit = entry.slips.filter(([key], i) => {
      const made = numbers.slice(i * size, (i + 1) * size);
      return close(came, made, isPair(key) ? 1e-4 : near) && !close(made, entry.right);
    });
    const alone = fit.filter(([key]) => !isPair(key));
    return (alone.length ? alone : fit).map(([key]) => [key, sentenceOf(entry, key)]);
  }

  function sentenceOf(entry, key) {
    const [, sentence] = entry.slips.find(([other]) => other === key);
    if (sentence) return sentence;
    const [first, second] = key.split("+").map((one) => sentenceOf(entry, one));
    return `two things are so: ${first}; and ${second}`;
  }

  function whichAreWrong(name, came, right) {
    const wrong = came.flatMap((one, i) => (close([one], [right[i]]) ? [] : [i + 1]));
    if (wrong.length >= Math.min(right.length, 5)) return undefined;
    const which = wrong.length === 1 ? `number ${wrong[0]} is` : `numbers ${wrong.join(" and ")} are`;
    return [`${name}-some`, `only ${which} wrong, of ${right.length}.`];
  }

  // What is, where no slip matches (relations.py)

  function whatIs(came, right) {
    const words = right.length > 1 && (factor(came, right) || difference(came, right));
    return words ? ["what-is", words] : undefined;
  }

  function factor(came, right) {
    const rounding = ROUNDING * Math.max(...right.map(Math.abs)) + 1e-12;
    const weight = 1 / (rounding * rounding); // it cancels, except in the last digit, which is Python's
    const ours = total(right.map((one) => weight * (one * one)));
    const times = total(came.map((one, i) => weight * one * right[i])) / ours;
    const scale = right.map((one) => (times - 1) * one);
    if (
      !times ||
      !isSure(scale, right) ||
      !isSame(
        came,
        right.map((one) => times * one),
        right,
      )
    )
      return "";
    if (Math.abs(times + 1) <= 1e-3 * Math.max(1, Math.abs(times))) {
      return "Every number has the opposite sign, and is right apart from that.";
    }
    const sign = times < 0 ? " with the opposite sign" : "";
    return `Every number is ${digits(Math.abs(times), 4)} times the right one${sign}.`;
  }

  function difference(came, right) {
    const off = total(came.map((one, i) => one - right[i])) / came.length;
    const moved = right.map((one) => one + off);
    if (
      !isSame(came, moved, right) ||
      !isSure(
        right.map(() => off),
        right,
      )
    )
      return "";
    const much = `too ${off > 0 ? "large" : "small"} by ${digits(Math.abs(off), 5)}`;
    return `Every number is ${much}: something that does not depend on the inputs.`;
  }

  const total = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const errors = (right) => right.map((one) => Math.abs(one) * RIGHT_ERROR);

  function isSure(offs, right) {
    const error = errors(right);
    if (!error.some(Boolean)) return true;
    return total(offs.map((off, i) => (off / Math.max(error[i], 1e-30)) ** 2)) > 25;
  }

  /** Are these the values that came? `misfit` of statistics.py. */
  function isSame(came, values, right) {
    const error = errors(right);
    const rounding = ROUNDING * (Math.max(...values.map(Math.abs)) + 0.01);
    const beyond = came.map((one, i) => Math.max(Math.abs(one - values[i]) - rounding, 0));
    if (beyond.some((one, i) => one > 6 * error[i])) return false;
    const squares = beyond.flatMap((one, i) => (error[i] > 0 ? [(one / error[i]) ** 2] : []));
    const count = squares.length;
    return !count || total(squares) <= chi2Limit(count);
  }

  function chi2Limit(count) {
    const spread = 2 / (9 * count);
    return count * (1 - spread + 5.612 * Math.sqrt(spread)) ** 3;
  }

  /** Python's %.{count}g, which rounds a half to what is even. */
  function digits(number, count) {
    const [mantissa, exponent] = number.toExponential(count - 1).split("e");
    const short = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
    if (exponent < -4 || exponent >= count) {
      return `${short(mantissa)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
    }
    const places = count - 1 - exponent;
    const isHalf = (number * 2 ** 20) % 1 === 0 && (number * 10 ** places) % 1 === 0.5;
    return short((isHalf ? (2 * Math.round((number * 10 ** places) / 2)) / 10 ** places : number).toFixed(places));
  }

  return Object.assign(judged, { read, digits, noNumber, isTooShort });
})();
