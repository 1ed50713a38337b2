/**
 * Keeps the middle of a page as it is now: the page is asked for again every few seconds, and #fresh takes the place of
 * what was there. What is opened and what has the focus stay so; while somebody marks text, or has paused, nothing moves.
 */

const every = () => Number(document.getElementById("fresh")?.dataset.everyMs ?? 3000);
const pause = document.getElementById("pause");
const touchable = "a[href], button, input, select, summary";
let paused = false;

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (!paused) renew();
  });
}

document.addEventListener("acted", renew);
later();

function later() {
  setTimeout(async () => {
    if (!busy()) await renew();
    later();
  }, every());
}

function busy() {
  const marked = getSelection();
  return paused || document.hidden || document.querySelector("dialog[open]") || (marked && !marked.isCollapsed);
}

export async function renew() {
  const old = document.getElementById("fresh");
  if (!old) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById("fresh");
    if (now && !busy()) put(old, now);
    else if (!now) complain(page.querySelector("[role=alert]")?.textContent ?? "This page is no more.");
  } catch {
    complain("The console does not answer: panregion status says how the world is.");
  }
}

function put(old, now) {
  if (old.innerHTML === now.innerHTML) return;
  const focused = [...old.querySelectorAll(touchable)].indexOf(document.activeElement);
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  old.replaceChildren(...now.childNodes);
  [...old.querySelectorAll("details")].forEach((one, index) => { one.open = open[index] ?? one.open; });
  if (focused >= 0) [...old.querySelectorAll(touchable)][focused]?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("renewed"));
}

function complain(text) {
  const fresh = document.getElementById("fresh");
  let line = document.getElementById("stale");
  if (!line) {
    line = document.createElement("p");
    line.id = "stale";
    line.className = "problem";
    line.setAttribute("role", "status");
    fresh.prepend(line);
  }
  line.textContent = `${text} What is below may be old.`;
}
