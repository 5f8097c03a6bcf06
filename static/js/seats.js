// The seat map: what is chosen and what it costs, no more than allowed, arrow
// keys, and a choice that survives seats being replaced under it.
{
  const chosen = new WeakMap();
  const speaking = new WeakMap();
  const boxes = (form) => [...form.querySelectorAll(".seat input[type=checkbox]")];
  const seatOf = (input) => input.closest("[data-seat]");

  const money = (form, amount) => pigon.fill(form.dataset.money, { "": amount.toLocaleString("en-US") });

  const put = (form, selector, words) => {
    for (const el of document.querySelectorAll(selector)) {
      if ((el.closest("form") || form) === form) el.textContent = words;
    }
  };

  /** What the chosen seats cost: in each cabin the first costs the first amount
   *  of data-base, and so on; the last amount goes for all after it. */
  const cost = (form, seats) => {
    const taken = new Map();
    let sum = seats.length > 0 ? Number(form.dataset.before || 0) : 0;
    for (const seat of seats) {
      const cabin = seat.closest("[data-base]");
      const amounts = (cabin?.dataset.base || "0").split(" ");
      const n = taken.get(cabin) || 0;
      taken.set(cabin, n + 1);
      sum += Number(amounts[Math.min(n, amounts.length - 1)]) + Number(seat.dataset.price || 0);
    }
    return sum;
  };

  /** Says at the button what is missing, when it is pressed too early. */
  const need = (form, count) => {
    const least = Number(form.dataset.least || 0);
    form.querySelector("[data-action]")?.setCustomValidity(count < least ? form.dataset.short : "");
  };

  const show = (form) => {
    const seats = boxes(form).filter((b) => b.checked).map(seatOf);
    const total = cost(form, seats);
    need(form, seats.length);
    const list = seats.map((s) => s.dataset.seat).join(", ");
    put(form, "[data-seats-list]", list);
    put(form, "[data-seats-count]", String(seats.length));
    put(form, "[data-seats-total]", money(form, total));
    for (const el of document.querySelectorAll("[data-seats-some]")) el.hidden = seats.length === 0;
    for (const el of document.querySelectorAll("[data-seats-empty]")) el.hidden = seats.length > 0;
    chosen.set(form, new Set(boxes(form).filter((b) => b.checked).map((b) => b.value)));
    return { seats: list, count: seats.length, total: money(form, total) };
  };

  /** Says the choice once the customer has stopped choosing. */
  const say = (form, values) => {
    clearTimeout(speaking.get(form));
    speaking.set(form, setTimeout(() => pigon.announce(pigon.fill(form.dataset.say, values)), 700));
  };

  const changed = (form, box) => {
    const max = Number(form.dataset.max || 9);
    if (box.checked && boxes(form).filter((b) => b.checked).length > max) {
      box.checked = false;
      pigon.announce(form.dataset.limit);
      for (const el of document.querySelectorAll("[data-seats-limit]")) el.hidden = false;
    }
    say(form, show(form));
    pigon.renewKeys(form);
  };

  /** Puts the choice back after seats were replaced, and tells of those lost. */
  const keep = (form) => {
    const lost = [];
    for (const value of chosen.get(form) || []) {
      const box = boxes(form).find((b) => b.value === value);
      if (box) box.checked = !box.disabled;
      if (!box?.checked && box?.closest("[data-seat]").dataset.state !== "yours") lost.push(value.slice(value.indexOf(":") + 1));
    }
    show(form);
    for (const seat of lost) form.querySelector(`[data-seat="${CSS.escape(seat)}"]`)?.classList.add("gone");
    if (lost.length > 0) pigon.announce(pigon.fill(form.dataset.lost, { seats: lost.join(", ") }));
  };

  const place = (input) => {
    const [, row, letter] = seatOf(input).dataset.seat.match(/^(\d+)(\w)$/) || [];
    return { row: Number(row), letter };
  };

  /** The seat that an arrow key leads to, skipping those that are taken. */
  const towards = (form, from, key) => {
    const here = place(from);
    const free = boxes(form).filter((b) => !b.disabled && b !== from).map((b) => ({ b, ...place(b) }));
    if (key === "ArrowLeft" || key === "ArrowRight") {
      const right = key === "ArrowRight";
      const row = free.filter((s) => s.row === here.row && (s.letter > here.letter) === right);
      row.sort((x, y) => (x.letter < y.letter ? -1 : 1));
      return (right ? row[0] : row.at(-1))?.b;
    }
    const down = key === "ArrowDown";
    const column = free.filter((s) => s.letter === here.letter && (s.row > here.row) === down);
    column.sort((x, y) => x.row - y.row);
    return (down ? column[0] : column.at(-1))?.b;
  };

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-seats]");
    if (!form || !event.key.startsWith("Arrow") || !event.target.matches(".seat input")) return;
    event.preventDefault();
    towards(form, event.target, event.key)?.focus();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-seats]");
    if (form && event.target.matches(".seat input")) changed(form, event.target);
  });

  pigon.enhance("form[data-seats]", (form) => {
    show(form);
    let waiting = 0;
    new MutationObserver((changes) => {
      if (!changes.some((c) => c.target.closest(".seats-row, .cabin") || c.target === form)) return;
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(() => keep(form));
    }).observe(form, { subtree: true, childList: true, attributeFilter: ["data-state"] });
  });

  // A map that keeps itself up to date does so only while somebody sees it, and
  // says what it shows already, so that nothing is sent when nothing changed.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    const etag = ctx.sourceElement.dataset?.etag;
    if (!etag) return;
    if (document.hidden) event.preventDefault();
    ctx.request.headers["If-None-Match"] = etag;
  });

  // Whoever may no longer choose here is led elsewhere: the page itself says so.
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (!ctx.sourceElement.dataset?.etag || !ctx.response.raw.redirected) return;
    event.preventDefault();
    location.reload();
  });

  // The browser restores ticked boxes by itself and says nothing about it.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-seats]")) show(form);
  });
}
