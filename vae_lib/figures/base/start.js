// What a page runs after a figure's module: it plays the part of anywidget, with a model that no kernel knows of.

/** Values by name that can be read, set and listened to: what anywidget calls a model. */
function modelOf(values) {
  const listeners = {};
  return {
    get: (name) => values[name],
    set(name, value) {
      values[name] = value;
      for (const listener of listeners[`change:${name}`] ?? []) listener();
    },
    on: (event, listener) => (listeners[event] ??= []).push(listener),
    save_changes() {},
  };
}

/** Draw a figure in the next element of its name that has none; its `model` can be read and set from outside. */
function start(name, { render }, values) {
  const el = document.querySelector(`[data-explorable="${name}"]:not([data-live])`);
  if (!el) return;
  el.model = modelOf(values);
  render({ model: el.model, el });
}
