// The book's search: the words of a text, and the sections that a query finds, best first. Pure; it reads no page.
// book/_ext/section_search.py runs `words` while the book is built, so the index and the query are cut in one way.
globalThis.sectionSearch = (() => {
  const STOP = new Set(
    `a about again all also always am an and any anything are as at be been being but by can cannot could did do does
    doing done dont for from get gets getting give gives go goes going gone got had has have her here his how i
    if im in into is isnt it its just keep keeps let like make makes many me my need not now of off on or our
    ours please should shouldnt show so some than that the their them then there these they this those to too
    try trying us use used using very versus vs want was we were what whats when where which while who why will
    with without would wont you your above after alone another before below below both each either every first
    here last may more most much no once one only other others out over own same say says second see such take
    takes three through two way what whether whole yet`.split(/\s+/),
  );
  const GREEK = Object.fromEntries(
    `α alpha β beta γ gamma δ delta ε epsilon ζ zeta η eta θ theta ι iota κ kappa λ lambda μ mu ν nu ξ xi ο omicron
    π pi ρ rho ς sigma σ sigma τ tau υ upsilon φ phi χ chi ψ psi ω omega`
      .split(/\s+/)
      .map((sign, at, all) => [sign, all[at + 1]])
      .filter((_, at) => at % 2 === 0),
  );
  const DENSITY = /\b([pq])(?:_[a-zα-ω]+)?\s*\(\s*([xz])\s*(?:[|∣]\s*([xz])\s*)?\)/gi; // q_θ(z | x) is the code's qz_x
  const CAMEL = /([a-z])([A-Z][a-z]{2})|([A-Z])([A-Z][a-z]{2})/g; // BCELoss, RuntimeError; not NaN, VAEs
  const WORD = /\d+x\d+|\d+(?:\.\d+)?(?:e-?\d+)?|[a-z][a-z0-9]*(?:[_-][a-z0-9]+)*/g;

  /** One spelling: no accents, Greek letters by their names, decimal points, code's names for densities. */
  function plain(text) {
    return text
      .normalize("NFKD")
      .replace(/\p{M}|['’]/gu, "")
      .replace(CAMEL, "$1$3_$2$4")
      .toLowerCase()
      .replace(/(\d)[, ](?=000\b)/g, "$1")
      .replace(/(?<![([\d])(\d{1,2}),(?=\d)/g, "$1.")
      .replace(/(?<=\d) ?[x×] ?(?=\d)/g, "x")
      .replace(DENSITY, (_, p, x, given) => ` ${p}${x}${given ? `_${given}` : ""} `)
      .replace(/(-?)([α-ω])(-?)/g, (_, before, sign, after) => `${before || " "}${GREEK[sign]}${after || " "}`);
  }

  /** What is left of a word in every form and spelling: reparametrisation and reparameterized are one. */
  function stem(word) {
    const spelt = word
      .replace(/parametri/, "parameteri")
      .replace(/is(?=(e|ed|er|es|ers|ing|ations?)$)/, "iz")
      .replace(/yse(?=[ds]?$)/, "yze")
      .replace(/(.)our(?=s?$|ed$|ing$|ful$)/, "$1or")
      .replace(/tre(?=s?$)/, "ter");
    const one = spelt.replace(/(?<=.[^su])s$/, "").replace(/(?<=...)(?:ation|ing|ied|ie|er|ed|e|y)$/, "");
    return one.replace(/(?<=...)([bdfglmnprt])(?<=\1\1)$/, ""); // blurred: blur
  }

  /** The stems of a text, in order, each with how many words of it one joined word has: log_var is log, var, logvar. */
  function words(text) {
    return (plain(text).match(WORD) ?? []).flatMap((word) => {
      const parts = word.split(/[_-]/).map(stem);
      return parts.length > 1
        ? [...parts.filter((part) => !STOP.has(part)), parts.join("")]
        : STOP.has(word)
          ? []
          : parts;
    });
  }

  const HEAVIEST = 5; // of the weights of section_search.py
  const TITLE = 0.8; // what a title counts that says what the query says
  let words_; // of the index, once it is read
  let sections_;
  let rarities;

  /** Read the index: the places of each word, sorted, and the stems of each title. */
  function read({ words: places, sections, pages }) {
    const rare = ([word, at]) => [word, Math.log(1 + sections.length / at.match(/[A-Z]/g).length)];
    rarities = new Map(Object.entries(places).map(rare));
    words_ = [...rarities.keys()];
    sections_ = sections.map(([page, anchor, title, extract, rank, ...also]) => ({
      address: `${pages[page][0]}.html#${anchor}`,
      page: pages[page][1],
      title,
      extract,
      rank,
      titles: [title, ...also].map((each) => [...new Set(words(each.replace(/ \(deeper\)$/, "")))]),
    }));
  }

  /** The places of a word: [[section, weight], …]. */
  function placesOf(word) {
    let at = -1;
    return [...SECTIONS.words[word].matchAll(/(\d*)([A-Z])/g)].map(([, step, weight]) => {
      at += Number(step || 1);
      return [at, weight.charCodeAt(0) - 64];
    });
  }

  const known = (word) => Object.hasOwn(SECTIONS.words, word);
  const rarity = (word) => rarities.get(word) ?? Math.log(1 + sections_.length);

  /** How many letters one has to change, insert, drop or swap; `most` and more are the same. */
  function distance(a, b, most) {
    if (Math.abs(a.length - b.length) >= most) return most;
    let before;
    let row = Array.from({ length: b.length + 1 }, (_, at) => at);
    for (let i = 1; i <= a.length; i++) {
      const next = [i];
      for (let j = 1; j <= b.length; j++) {
        next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
          next[j] = Math.min(next[j], before[j - 2] + 1);
      }
      if (Math.min(...next) >= most) return most;
      [before, row] = [row, next];
    }
    return Math.min(row[b.length], most);
  }

  /** The words of the index that are nearest to one that it does not have; most slips leave the first letter. */
  function nearest(word) {
    const most = word.length < 4 || /\d/.test(word) ? 0 : word.length < 7 ? 1 : 2;
    let least = most + 1;
    let found = [];
    for (const each of words_.filter((each) => each[0] === word[0])) {
      const far = distance(word, each, least + 1);
      if (far < least) found = [];
      if (far <= Math.min(least, most)) found.push(each);
      least = Math.min(least, far);
    }
    return found;
  }

  /** Whether the longer of two numbers, cut to the digits of the other, is that one: 5.5994 and 5.6, 543 and 543.43. */
  function rounds(a, b) {
    const [short, long] = a.length < b.length ? [a, b] : [b, a];
    return short.length > 1 && long.includes(".") && Number(long).toFixed((short.split(".")[1] ?? "").length) === short;
  }

  /** The two known words that were typed as one. */
  function halves(word) {
    for (let at = 3; at <= word.length - 3; at++) {
      const both = [word.slice(0, at), word.slice(at)].map(stem);
      if (both.every(known)) return both;
    }
    return [];
  }

  /** What in the index answers to a word of the query, and what each counts: itself, synonyms, beginnings. */
  function meant(word, typing) {
    const found = new Map(known(word) ? [[word, 1]] : []);
    for (const each of SECTIONS.synonyms[word] ?? [])
      if (known(each)) found.set(each, Math.max(found.get(each) ?? 0, 0.6));
    const near = found.size ? 0.3 : 0.8;
    if (/^\d/.test(word)) for (const each of words_) if (each !== word && rounds(each, word)) found.set(each, near);
    if (word.length >= (typing ? 2 : 4) && (typing || !found.size))
      for (const each of words_)
        if (each.startsWith(word) && !found.has(each)) found.set(each, (0.8 * word.length) / each.length);
    if (!found.size) for (const each of halves(word)) found.set(each, 0.6);
    return found;
  }

  /** Add what words say together that stand apart in the query: log var, cross entropy. */
  function joined(stems, meanings) {
    for (let size = 2; size <= 4; size++)
      for (let at = 0; at + size <= stems.length; at++) {
        const together = stems.slice(at, at + size).join("");
        const more = [...(known(together) ? [together] : []), ...(SECTIONS.synonyms[together] ?? [])].filter(known);
        for (const meaning of meanings.slice(at, at + size)) for (const each of more) meaning.set(each, 1);
      }
  }

  /** How much of the query a title says, and of the title the query: 1 where they are the same. */
  function likeness(title, meanings, values) {
    let said = 0;
    const heard = new Map();
    meanings.forEach((meaning, at) => {
      const best = Math.max(0, ...title.map((word) => meaning.get(word) ?? 0));
      said += values[at] * best;
      for (const word of title)
        if (meaning.has(word)) heard.set(word, Math.max(heard.get(word) ?? 0, meaning.get(word)));
    });
    const whole = title.reduce((sum, word) => sum + rarity(word), 0);
    const share = [...heard].reduce((sum, [word, much]) => sum + much * rarity(word), 0);
    const recall = said / values.reduce((sum, value) => sum + value, 0);
    return whole && recall ? (2 * recall * (share / whole)) / (recall + share / whole) : 0;
  }

  /** The words of a query as it writes them, without those that say nothing, unless there are no others. */
  function typed(query) {
    const parts =
      plain(query)
        .match(WORD)
        ?.flatMap((word) => word.split(/[_-]/)) ?? [];
    const kept = parts.filter((part) => !STOP.has(part));
    return kept.length ? kept : parts;
  }

  /** What each word of a query means in the index, and what was taken in the place of those that it does not have. */
  function understood(query) {
    const parts = typed(query);
    const stems = parts.map(stem);
    const meanings = stems.map((word, at) => meant(word, at === stems.length - 1 && !/\s$/.test(query)));
    joined(stems, meanings);
    const instead = [];
    meanings.forEach((meaning, at) => {
      if (meaning.size) return;
      for (const each of nearest(stems[at])) meaning.set(each, 0.7);
      instead.push([parts[at], [...meaning.keys()]]);
    });
    return { meanings: meanings.filter((meaning) => meaning.size), instead };
  }

  /** What each section has of one word of the query. */
  function had(meaning) {
    const best = new Map();
    for (const [word, much] of meaning)
      for (const [section, weight] of placesOf(word))
        best.set(section, Math.max(best.get(section) ?? 0, (much * weight * rarity(word)) / HEAVIEST));
    return best;
  }

  /** The sections that have any of the words: the score of their text, and the value of the words that they have. */
  function scored(meanings, values) {
    const scores = new Map();
    meanings.forEach((meaning, at) => {
      for (const [section, score] of had(meaning)) {
        const [sum, covered] = scores.get(section) ?? [0, 0];
        scores.set(section, [sum + score, covered + values[at]]);
      }
    });
    return scores;
  }

  /** The sections that a query finds, best first; the words found, and what stands for those that are nowhere. */
  function search(query, most = 20) {
    if (!sections_) read(SECTIONS);
    const { meanings, instead } = understood(query);
    const values = meanings.map((meaning) => Math.max(...[...meaning.keys()].map(rarity)));
    const all = values.reduce((sum, value) => sum + value, 0);
    const hits = [...scored(meanings, values)].map(([at, [sum, covered]]) => {
      const { titles, rank } = sections_[at];
      const title = Math.max(...titles.map((each) => likeness(each, meanings, values)));
      return { ...sections_[at], score: rank * (sum * (covered / all) ** 2 + TITLE * all * title ** 2) };
    });
    hits.sort((a, b) => b.score - a.score);
    const found = new Set(meanings.flatMap((meaning) => [...meaning.keys()]));
    return { hits: hits.slice(0, most), count: hits.length, found, instead };
  }

  return { words, search };
})();
