// Clocks that run down from data-seconds-left. What is left is said aloud when
// 10, 5, 3 and 1 minutes are reached, and at the end.
{
  const clocks = new Map();
  const marks = [10, 5, 3, 1];
  const two = (n) => String(n).padStart(2, "0");

  const text = (seconds) => {
    const h = Math.floor(seconds / 3600), m = Math.floor(seconds / 60) % 60, s = seconds % 60;
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  };

  const end = (el) => {
    pigon.announce(el.getAttribute("data-say-0"));
    // Not everybody at the same instant.
    if (el.dataset.atEnd === "reload") setTimeout(() => location.reload(), 1000 + Math.random() * 2000);
  };

  const tick = (el, clock) => {
    const left = Math.max(0, Math.ceil((clock.deadline - Date.now()) / 1000));
    if (left === clock.left) return;
    const face = el.querySelector("[data-clock]");
    if (face) face.textContent = text(left);
    el.classList.toggle("low", left <= 60);
    const reached = marks.filter((m) => left <= m * 60 && clock.left > m * 60);
    clock.left = left;
    if (left === 0) {
      clocks.delete(el);
      end(el);
    } else if (reached.length > 0) {
      pigon.announce(el.getAttribute(`data-say-${Math.min(...reached)}`));
    }
  };

  const tickAll = () => {
    for (const [el, clock] of clocks) el.isConnected ? tick(el, clock) : clocks.delete(el);
  };

  pigon.enhance("[data-seconds-left]", (el) => {
    const left = Number(el.dataset.secondsLeft);
    if (left > 0) clocks.set(el, { deadline: Date.now() + left * 1000, left });
  });
  setInterval(tickAll, 250);
  document.addEventListener("visibilitychange", tickAll);
}
