"use strict";
// Everything here only makes pages smoother that work without it. All words
// come from the page's data attributes; nothing is evaluated.

const pigon = {
  /** Reads words aloud through the polite live region. */
  announce(words) {
    const live = document.getElementById("live");
    if (!live || !words) return;
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 60); // an emptied region speaks again
  },

  /** Fills {name} in words that came from a data attribute. */
  fill(words, values) {
    return (words || "").replace(/\{(\w*)\}/g, (all, name) => values[name] ?? all);
  },

  /** Makes an element with attributes and content. */
  make(tag, attributes, ...content) {
    const el = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) el.setAttribute(name, value);
    el.append(...content);
    return el;
  },

  rules: [],
  seen: new WeakMap(),

  /** Runs once(el) for every element that matches, now and when one arrives
   *  or changes one of the watched attributes. */
  enhance(selector, once) {
    pigon.rules.push({ selector, once });
    pigon.apply(document.documentElement);
  },

  apply(root) {
    for (const { selector, once } of pigon.rules) {
      for (const el of [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)]) {
        const done = pigon.seen.get(el) || pigon.seen.set(el, new Set()).get(el);
        if (!done.has(once)) {
          done.add(once);
          once(el);
        }
      }
    }
  },
};

new MutationObserver((changes) => {
  for (const change of changes) {
    if (change.type === "attributes") {
      pigon.seen.delete(change.target);
      pigon.apply(change.target);
      continue;
    }
    for (const node of change.addedNodes) if (node.nodeType === 1) pigon.apply(node);
  }
}).observe(document.documentElement, {
  subtree: true, childList: true, attributeFilter: ["data-seconds-left", "data-turn-title"],
});

// A form that came back with faults: its summary is read first, and each entry
// leads into its field.
pigon.enhance("[data-focus]", (el) => el.focus());

document.addEventListener("click", (event) => {
  const link = event.target.closest(".error-summary a");
  const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!field) return;
  event.preventDefault();
  (field.closest(".field, .group") || field).scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
});

// Dialogs: the link that leads to a page of its own opens the window instead.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  } else if (event.target.matches("dialog[open]")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

// Menus close when one looks elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details[data-menu][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// A strip of days that is wider than the screen begins at the chosen one.
pigon.enhance(".days [aria-current]", (day) => {
  const strip = day.closest(".days");
  strip.scrollLeft += day.getBoundingClientRect().left - strip.getBoundingClientRect().left - (strip.clientWidth - day.offsetWidth) / 2;
});

// Toasts go by themselves, but not while somebody reads them.
pigon.enhance(".toast", (toast) => {
  const close = pigon.make("button", { type: "button", "aria-label": document.getElementById("toasts").dataset.dismiss }, "✕");
  close.addEventListener("click", () => toast.remove());
  toast.append(close);
  let timer;
  const start = () => { timer = setTimeout(() => toast.remove(), 8000); };
  const stop = () => clearTimeout(timer);
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, stop);
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, start);
  start();
});

// No network: say so, and say when it is back.
{
  const show = () => {
    const bar = document.getElementById("offline");
    if (bar) bar.hidden = navigator.onLine;
  };
  addEventListener("offline", show);
  addEventListener("online", show);
  show();
}
