// The waiting room: when the turn comes the tab's title says so, and a sound
// does if it was asked for.
{
  let audio = null;

  const note = (frequency, at) => {
    const tone = audio.createOscillator(), volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.25, at + 0.03);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.6);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.65);
  };

  const ring = () => {
    if (!audio) return;
    note(660, audio.currentTime);
    note(880, audio.currentTime + 0.22);
    navigator.vibrate?.([200, 100, 200]);
  };

  // Browsers let a page sound only after a press: the press that asks for it
  // also lets one hear it.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sound]");
    if (!button) return;
    if (audio) {
      audio.close();
      audio = null;
    } else {
      audio = new AudioContext();
      ring();
    }
    button.setAttribute("aria-pressed", String(Boolean(audio)));
  });
  pigon.enhance("[data-sound]", (button) => button.setAttribute("aria-pressed", String(Boolean(audio))));

  let told = "";
  pigon.enhance("[data-turn-title]", (el) => {
    const title = el.dataset.turnTitle;
    if (!title || title === told) return;
    told = title;
    setTimeout(() => { document.title = title; }); // after htmx has set its own
    pigon.announce(title);
    ring();
  });
}
