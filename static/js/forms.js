// Forms: one submission at a time, and a few comforts.
{
  const release = (form) => {
    delete form.dataset.sent;
    for (const el of document.querySelectorAll(".busy")) {
      if (el.form !== form) continue;
      el.classList.remove("busy");
      el.removeAttribute("aria-disabled");
    }
  };

  // A second press while the first is under way does nothing. The button stays
  // enabled, so that its own name and value are sent and it keeps the focus.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || "many" in form.dataset) return;
    if (form.dataset.sent) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    form.dataset.sent = "1";
    const button = event.submitter || form.querySelector("[type=submit]");
    button?.classList.add("busy");
    button?.setAttribute("aria-disabled", "true");
    setTimeout(() => release(form), 20000);
  }, true);

  // Requests of htmx end without leaving the page.
  document.addEventListener("htmx:finally:request", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });

  // A form's key makes a repeated press count once. Another choice, or a page
  // that is shown again, is another wish.
  pigon.renewKeys = (root) => {
    for (const input of root.querySelectorAll("input[type=hidden][name=key]")) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      input.value = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
    }
  };

  // A page that comes back from the browser's memory is ready again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) release(form);
    pigon.renewKeys(document);
  });

  // Whole numbers with buttons to lower and raise them.
  pigon.enhance("[data-stepper]", (box) => {
    const input = box.querySelector("input");
    const button = (by, label, sign) => {
      const el = pigon.make("button", { type: "button", "aria-label": label }, sign);
      el.addEventListener("click", () => {
        const before = input.value;
        by > 0 ? input.stepUp() : input.stepDown();
        if (input.value !== before) input.dispatchEvent(new Event("change", { bubbles: true }));
      });
      return el;
    };
    const less = button(-1, box.dataset.less, "−");
    const more = button(1, box.dataset.more, "+");
    const mark = () => {
      less.setAttribute("aria-disabled", input.valueAsNumber <= Number(input.min));
      more.setAttribute("aria-disabled", input.valueAsNumber >= Number(input.max));
    };
    box.prepend(less);
    box.append(more);
    input.addEventListener("input", mark);
    input.addEventListener("change", () => { mark(); pigon.announce(input.value); });
    mark();
  });

  // A total that follows the choices it is made of.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-sum]");
    if (!form || !event.target.matches("select")) return;
    let sum = 0;
    for (const option of form.querySelectorAll("option:checked")) sum += Number(option.dataset.amount || 0);
    form.querySelector("[data-sum-total]").textContent = pigon.fill(form.dataset.sum, { "": sum.toLocaleString("en-US") });
  });

  // Passwords that can be made visible.
  pigon.enhance("input[data-reveal]", (input) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const [name, value] of [["class", "icon"], ["viewBox", "0 0 24 24"], ["width", "20"], ["height", "20"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Zm9.5-3a3 3 0 1 0 0 6 3 3 0 0 0 0-6Z");
    svg.append(path);
    const button = pigon.make("button", { type: "button", "aria-label": input.dataset.reveal, "aria-controls": input.id }, svg);
    button.addEventListener("click", () => {
      const shown = input.type === "password";
      input.type = shown ? "text" : "password";
      button.setAttribute("aria-label", shown ? input.dataset.conceal : input.dataset.reveal);
      button.classList.toggle("on", shown);
    });
    const box = pigon.make("div", { class: "reveal" });
    input.replaceWith(box);
    box.append(input, button);
    input.form?.addEventListener("submit", () => { input.type = "password"; });
  });

  // Two fields that change places, such as from and to.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-swap]");
    if (!button) return;
    const [a, b] = button.dataset.swap.split(" ").map((id) => document.getElementById(id));
    [a.value, b.value] = [b.value, a.value];
    pigon.announce(`${a.value} → ${b.value}`);
  });

  // Buttons that do nothing without this script are hidden until it is here.
  pigon.enhance("[data-swap][hidden], [data-sound][hidden]", (el) => { el.hidden = false; });
}
