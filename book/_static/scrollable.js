// What holds more than it shows can be reached by keyboard. An observer hears of a block when it is laid out, of a folded
// one when it is opened.
const scrolls = (box) => box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight;
const look = new ResizeObserver((entries) => {
  const seen = entries.map(({ target }) => [target, scrolls(target)]);
  for (const [box, does] of seen) {
    if (does) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
});
document
  .querySelectorAll("article :is(pre, div.math, .pst-scrollable-table-container, .cell_output > .output)")
  .forEach((box) => look.observe(box));
