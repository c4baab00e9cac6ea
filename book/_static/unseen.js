// On a phone a section is laid out as the reader comes to it (book/_ext/unseen.py, unseen.css). Where a link leads it
// is laid out first, so that nothing moves on arrival. How high each was is kept: back and reload find the place.
{
  const sections = [...document.querySelectorAll(".unseen")];
  const heights = {};
  const parent = (section) => section.parentElement.closest(".unseen");

  /** The place that a link names, whose state (figures.js) may follow; null if there is none. */
  function placeOf(hash) {
    try {
      return document.getElementById(decodeURIComponent(hash.slice(1).split("?")[0]));
    } catch {
      return null; // a lone %
    }
  }

  /** Lay out the section of a place, the one above it and the two below; returns whether one of them was not. */
  function layOut(place) {
    const isAbove = (section) => section === place || section.compareDocumentPosition(place) & 4; // or around it
    const at = sections.findLastIndex(isAbove);
    const near = sections.slice(Math.max(at - 1, 0), at + 3).flatMap((section) => [section, parent(section)]);
    const unseen = near.filter((section) => section && section.style.contentVisibility !== "visible");
    for (const section of unseen) section.style.contentVisibility = "visible";
    return unseen.length > 0;
  }

  /** Lay out the place of the page's address; returns it where it was not. */
  function arrive() {
    const place = placeOf(location.hash);
    return place && layOut(place) ? place : null;
  }

  /** The rules that layout.html puts into the page when it is opened again in this tab. */
  function keep() {
    const rules = Object.entries(heights).map(
      ([id, height]) => `#${CSS.escape(id)} {--unseen: ${height}px !important; --unseen-deeper: 0px !important}`,
    );
    const { deeper } = document.documentElement.dataset;
    try {
      sessionStorage.setItem(`unseen ${location.pathname} ${innerWidth} ${deeper}`, rules.join("\n"));
    } catch {} // a browser that keeps nothing estimates anew
  }

  const look = new ResizeObserver((entries) => {
    for (const { target, contentRect } of entries) if (contentRect.height) heights[target.id] = contentRect.height;
  });
  for (const section of sections) look.observe(section);
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("a[href*='#']");
    const place = link?.pathname === location.pathname && placeOf(link.hash);
    if (place) layOut(place); // before the browser goes there
  });
  // Chromium may not see the last part of a section that is laid out just now, above what is read, until it is on the
  // screen, where all below it would move.
  document.addEventListener("contentvisibilityautostatechange", ({ target, skipped }) => {
    const last = target.querySelector(":scope > .unseen:last-child");
    if (last && !skipped) last.style.contentVisibility = "visible";
  });
  addEventListener("hashchange", () => arrive()?.scrollIntoView());
  addEventListener("pagehide", keep);
  arrive();
}
