/**
 * Parts of a page that follow the world: what has data-part="name" is asked for again at the page's own address (the header
 * X-Part says which; the answer may be the part alone, or the whole page), and made what it is now, changing as little as
 * can be, so that the focus, what is opened and what is being typed stay where they are. When: every.js, tables.js.
 */

/** Ask for parts again. What cannot be had is said above them, and is old from then on. */
export async function renew(name) {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html", "X-Part": name } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) put(page, name);
    complain(answer.ok ? "" : page.querySelector("[role=alert]")?.textContent ?? "This page is no more.");
  } catch {
    complain("The console does not answer: panregion status says how the world is.");
  }
}

function put(page, name) {
  for (const part of document.querySelectorAll("[data-part]")) {
    const now = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (now) morph(part, now);
    else if (part.dataset.part === name) morph(part, alone(part, page));
  }
}

/** A part whose inside is all of an answer. */
function alone(part, page) {
  const whole = part.cloneNode(false);
  whole.append(...page.body.childNodes);
  return whole;
}

/** Make an element what another one is. Whether something is opened is the reader's. */
export function morph(old, now) {
  for (const { name, value } of now.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (name !== "open" && !now.hasAttribute(name)) old.removeAttribute(name);
  const [mine, theirs] = [[...old.childNodes], [...now.childNodes]];
  theirs.forEach((node, index) => {
    const here = mine[index];
    if (!here) old.append(node);
    else if (here.nodeType !== node.nodeType || here.nodeName !== node.nodeName || key(here) !== key(node)) here.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) morph(here, node);
    else if (here.data !== node.data) here.data = node.data;
  });
  for (const node of mine.slice(theirs.length)) node.remove();
}

/** Rows of other things are other rows. */
const key = (node) => node.dataset?.key;

function complain(text) {
  const first = document.querySelector("[data-part]");
  for (const part of document.querySelectorAll("[data-part]")) part.toggleAttribute("data-stale", text !== "");
  let line = document.getElementById("stale");
  if (!text) return line?.remove();
  if (!line) {
    line = document.createElement("p");
    line.id = "stale";
    line.className = "problem";
    line.setAttribute("role", "status");
    first.before(line);
  }
  line.textContent = `${text} What is below may be old.`;
}
