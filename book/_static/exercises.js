// The cards of book/_ext/exercise_cards.py: hints as tabs, answers by hand judged, kept where the reader wants it.
{
  const cards = [...document.querySelectorAll(".exercise-card")];
  const SIGNS = { right: "✓ ", wrong: "✗ ", follows: "↳ ", short: "≈ ", open: "", "not attempted": "" };
  const MARKS = {
    right: "✓ right",
    wrong: "✗ not right",
    follows: "↳ follows from your own numbers",
    short: "≈ give four digits",
    open: "",
  };

  function made(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  }

  // Hints: tabs of which one is open, or none. The arrows lead from one to the next, Enter opens and closes.

  function makeTabs(hints, number) {
    const folds = [...hints.querySelectorAll("details")];
    const panels = folds.map((fold, k) => made("div", { role: "tabpanel", id: `hint-${number}-${k}`, tabindex: 0 }));
    const tabs = folds.map((fold, k) => {
      const tab = made("button", { type: "button", role: "tab", "aria-controls": panels[k].id });
      tab.append(...fold.querySelector("summary").childNodes);
      fold.querySelector("summary").remove();
      panels[k].append(...fold.childNodes);
      tab.id = `${panels[k].id}-tab`;
      panels[k].setAttribute("aria-labelledby", tab.id);
      return tab;
    });
    const open = (chosen) => {
      tabs.forEach((tab, k) => {
        tab.setAttribute("aria-selected", k === chosen);
        panels[k].hidden = k !== chosen;
      });
    };
    const reach = (tab) => tabs.forEach((other) => (other.tabIndex = other === tab ? 0 : -1));
    tabs.forEach((tab, k) => {
      tab.addEventListener("click", () => open(panels[k].hidden ? k : -1));
      tab.addEventListener("focus", () => reach(tab));
      tab.addEventListener("keydown", (event) => {
        const to = { ArrowLeft: k - 1, ArrowRight: k + 1, Home: 0, End: tabs.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        tabs.at(to % tabs.length).focus();
      });
    });
    open(-1);
    reach(tabs[0]);
    hints.replaceChildren(made("div", { role: "tablist", "aria-label": "Hints" }, ...tabs), ...panels);
  }

  // Answers by hand

  const loading = {};

  /** The page's tables, fetched once, when a first field is used. A script, since a file may read no other file. */
  function tables(address) {
    loading[address] ??= new Promise((done, failed) => {
      const script = made("script", { src: address });
      script.addEventListener("load", () => done(ANSWERS));
      script.addEventListener("error", failed);
      document.head.append(script);
    });
    loading[address].catch(() => delete loading[address]); // the next attempt asks again
    return loading[address];
  }

  const fieldsOf = (entry) => [...entry.querySelectorAll("input")];

  async function check(card, form) {
    const entries = [...form.querySelectorAll("[data-entry]")];
    const answer = entries.map((entry) => [entry.dataset.entry, fieldsOf(entry).map((field) => field.value)]);
    const all = await tables(form.dataset.tables).catch(() => null);
    if (!all) return say(form, "This page's tables could not be loaded: it cannot judge. Your answer is not the cause.");
    const verdict = judge(all[card.dataset.exercise], Object.fromEntries(answer));
    const kinds = entries.map((entry, k) => kindOf(verdict, entry.dataset.entry, k));
    for (const [k, entry] of entries.entries()) mark(entry, kinds[k]);
    if (verdict.lines) return say(form, ...verdict.lines.map((line, k) => SIGNS[kinds[k]] + line));
    const more = Object.keys(verdict.entries).length ? "" : " An entry is judged when all its fields are filled in.";
    say(form, SIGNS[verdict.status] + verdict.sentence + more);
  }

  /** What an entry is; "short" where it has too few digits. */
  function kindOf({ entries, lines }, name, k) {
    return lines && judge.isTooShort(lines[k]) ? "short" : (entries[name] ?? "open");
  }

  function mark(entry, kind) {
    entry.dataset.is = kind;
    entry.querySelector(".is").textContent = MARKS[kind];
    const unread = fieldsOf(entry).filter((field) => Number.isNaN(judge.read(field.value)));
    for (const field of fieldsOf(entry)) {
      const isWrong = ["wrong", "short"].includes(kind) && (!unread.length || unread.includes(field));
      field.setAttribute("aria-invalid", isWrong);
    }
  }

  /** A line each. Where a finger has the keyboard open, the words may be below the screen's edge. */
  function say(form, ...lines) {
    const verdict = form.querySelector(".verdict");
    verdict.className = "verdict";
    verdict.replaceChildren(...lines.map((line) => made("span", {}, line)));
    verdict.scrollIntoView({ block: "nearest" });
  }

  const age = (form) => (form.querySelector(".verdict").className = "verdict old");

  for (const card of cards) {
    const form = card.querySelector("form.by-hand");
    if (!form) continue;
    form.addEventListener("focusin", () => tables(form.dataset.tables).catch(() => {}), { once: true });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      check(card, form);
    });
    form.addEventListener("input", ({ target }) => {
      mark(target.closest("[data-entry]"), "open");
      age(form);
    });
  }

  // What was typed is kept on this device where the reader wants it: {"exercise/field": what}

  const keep = document.querySelector(".keep-answers");
  const isBox = (field) => field.type === "checkbox";
  const ours = cards.flatMap((card) =>
    [...card.querySelectorAll("input")].map((field) => [`${card.dataset.exercise}/${field.name}`, field]),
  );

  function stored() {
    try {
      return JSON.parse(localStorage.getItem("answers"));
    } catch {
      return null; // a browser that keeps nothing
    }
  }

  function store() {
    const isKept = keep.querySelector("input").checked;
    const here = Object.fromEntries(ours.map(([name, field]) => [name, isBox(field) ? field.checked : field.value]));
    try {
      if (isKept) localStorage.setItem("answers", JSON.stringify({ ...stored(), ...here }));
      else localStorage.removeItem("answers");
    } catch {}
  }

  function restore() {
    const kept = stored();
    keep.querySelector("input").checked = kept !== null;
    for (const [name, field] of ours)
      field[isBox(field) ? "checked" : "value"] = kept?.[name] ?? (isBox(field) ? false : "");
    for (const form of document.querySelectorAll("form.by-hand"))
      form.querySelector(".verdict").classList.toggle("kept", fieldsOf(form).some((field) => field.value));
  }

  /** The first press asks, the second clears; one that goes elsewhere takes the question back. */
  function clearAsked(button, said) {
    const words = [button.textContent, "Really clear all chapters?"];
    const ask = (question, answer) => {
      button.textContent = words[Number(question)];
      said.textContent = answer;
    };
    button.addEventListener("click", () => {
      if (button.textContent === words[0]) return ask(true, "Press again to empty every answer that you typed.");
      clear();
      ask(false, "All answers are cleared.");
    });
    const takeBack = ({ target }) => target !== button && button.textContent === words[1] && ask(false, "");
    for (const event of ["pointerdown", "focusin"]) document.addEventListener(event, takeBack);
  }

  function clear() {
    for (const [, field] of ours) isBox(field) ? (field.checked = false) : (field.value = "");
    for (const entry of document.querySelectorAll("[data-entry]")) mark(entry, "open");
    for (const verdict of document.querySelectorAll(".by-hand .verdict")) {
      verdict.className = "verdict";
      verdict.textContent = "";
    }
    if (stored()) localStorage.setItem("answers", "{}");
  }

  if (keep) {
    restore();
    keep.querySelector("input").addEventListener("change", store);
    clearAsked(keep.querySelector("button"), keep.querySelector("[role=status]"));
    for (const card of cards) card.addEventListener("input", store);
  }

  // "If you got another number": the lines of the table that begin so, or how far the nearest is

  function linesOf(form) {
    const rows = form.nextElementSibling.querySelectorAll("tbody tr");
    return [...rows].map((row) => {
      const [number, words] = [...row.cells].map((cell) => cell.textContent.trim());
      return { row, number: judge.read(number), words: `${number} is “${words}”.` };
    });
  }

  /** How far a number may lie from what was typed: half of its last digit, and half of the table's. */
  const slack = (text) => 0.5001 * (10 ** -(/^[^a-z/]*[.,](\d+)$/.exec(text.trim())?.[1].length ?? 9) + 1e-4);

  function whatHappened(text, lines) {
    const number = judge.read(text);
    if (!text.trim()) return [[], "Write a number, such as 5.5994 or 157/32 + ln 2."];
    if (Number.isNaN(number)) return [[], `${judge.noNumber(text, "5.5994 or 157/32 + ln 2")}.`];
    const off = (line) => Math.abs(line.number - number);
    const [fit, turned] = [number, -number].map((one) =>
      lines.filter((line) => Math.abs(line.number - one) <= slack(text)),
    );
    const words = (found) => found.map((line) => line.words).join(" Or ");
    if (fit.length) return [fit, words(fit)];
    if (turned.length) return [turned, `Its sign is turned. ${words(turned)}`];
    const [near] = [...lines].sort((a, b) => off(a) - off(b));
    const nats = judge.digits(off(near), 2);
    return [[near], `None of these slips gives this number. The nearest is ${nats} nats away. ${near.words}`];
  }

  for (const form of document.querySelectorAll(".your-number")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const lines = linesOf(form);
      const [found, words] = whatHappened(form.querySelector("input").value, lines);
      for (const line of lines) line.row.toggleAttribute("data-found", found.includes(line));
      say(form, words);
    });
    form.addEventListener("input", () => age(form));
  }

  // A link to a solution opens it

  function reveal(hash) {
    const solution = document.getElementById(hash.slice(1));
    if (!solution?.matches(".solution")) return;
    (solution.matches("details") ? solution : solution.querySelector("details")).open = true;
  }

  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href^='#solution-']");
    if (link) reveal(link.hash); // before the browser goes there
  });
  addEventListener("hashchange", () => reveal(location.hash));

  document.querySelectorAll(".hints").forEach(makeTabs);
  reveal(location.hash);
}
