/**
 * A function's log as it is written: new lines are asked for every two seconds and added at the end, as text. What was
 * scrolled up to stays where it is; the page's Pause holds it. `data-from` is the address of the lines.
 */

const EVERY_MS = 2000;
const KEPT = 1000;
const log = document.getElementById("log");
const said = document.getElementById("log-said");
const seen = new Set([...log.children].map((line) => line.dataset.id));
const held = () => document.getElementById("pause")?.getAttribute("aria-pressed") === "true" || document.hidden;
let after = log.dataset.after;

document.getElementById("platform")?.addEventListener("change", (event) => {
  log.classList.toggle("own", !event.target.checked);
});

log.scrollTop = log.scrollHeight;
later();

function later() {
  setTimeout(async () => {
    if (!held()) await look();
    later();
  }, EVERY_MS);
}

async function look() {
  try {
    const address = new URL(log.dataset.from, location.href);
    address.searchParams.set("after", after);
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const told = await answer.json();
    said.textContent = told.problem ?? "";
    after = told.after ?? after;
    add(told.lines ?? []);
  } catch {
    said.textContent = "Nobody answers now; the lines go on when the region does.";
  }
}

function add(lines) {
  const fresh = lines.filter((line) => !seen.has(line.id));
  if (!fresh.length) return;
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  for (const line of fresh) log.append(drawn(line));
  while (log.children.length > KEPT) {
    seen.delete(log.firstElementChild.dataset.id);
    log.firstElementChild.remove();
  }
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function drawn(line) {
  seen.add(line.id);
  const whole = document.createElement("div");
  whole.dataset.id = line.id;
  if (line.platform) whole.className = "platform";
  const time = document.createElement("time");
  time.textContent = line.clock;
  const text = document.createElement("span");
  text.textContent = line.text;
  whole.append(time, text);
  return whole;
}
