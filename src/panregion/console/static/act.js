/**
 * Actions without leaving the page: a form.act is sent from here; a question that comes back is shown as a dialogue, and
 * what was done (or why not) is said in the corner. Without this script the same forms work as pages.
 */

const SAID_MS = 8000;

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.act");
  if (!form) return;
  event.preventDefault();
  send(form, event.submitter);
});

/** A form may have several buttons, each with an action of its own. */
async function send(form, pressed) {
  const button = pressed ?? form.querySelector("button");
  button.disabled = true;
  try {
    const body = new URLSearchParams(new FormData(form));
    body.set("back", location.pathname + location.search);
    const answer = await fetch(button.getAttribute("formaction") ?? form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.headers.get("content-type").startsWith("text/html")) ask(await answer.text());
    else tell(await answer.json(), form);
  } catch (error) {
    say(`The console does not answer (${error.message}): panregion status says how the world is`, true);
  } finally {
    button.disabled = false;
  }
}

function ask(page) {
  const main = new DOMParser().parseFromString(page, "text/html").getElementById("main");
  const dialogue = document.createElement("dialog");
  dialogue.append(...main.children);
  const heading = dialogue.querySelector("h1");
  heading.id = "question";
  dialogue.setAttribute("aria-labelledby", "question");
  dialogue.addEventListener("click", (event) => {
    if (!event.target.closest("a.button")) return;
    event.preventDefault();
    dialogue.close();
  });
  dialogue.addEventListener("close", () => dialogue.remove());
  document.body.append(dialogue);
  dialogue.showModal();
}

function tell(told, form) {
  form.closest("dialog")?.close();
  if (told.message) return say(told.message, true);
  say(`${told.done}. The same from a terminal: ${told.command}`);
  document.dispatchEvent(new CustomEvent("acted", { detail: told }));
}

export function say(text, bad = false) {
  const line = document.createElement("p");
  line.textContent = text;
  line.className = bad ? "bad" : "";
  document.getElementById("said").append(line);
  setTimeout(() => line.remove(), SAID_MS);
}
