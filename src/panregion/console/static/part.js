/**
 * Parts of a page that follow the world: what has data-part="name" is asked for again every data-every milliseconds at
 * the page's own address (header X-Part), while the page is visible, and put in place where it is another than before.
 * What has data-over in it is asked for no more.
 * Focus stays on the link or button that has it; nothing is replaced while somebody has text of it selected.
 */

const last = new WeakMap();

for (const place of document.querySelectorAll("[data-part]")) follow(place);

async function follow(place) {
  while (!place.querySelector("[data-over]")) {
    await new Promise((resolve) => setTimeout(resolve, Number(place.dataset.every)));
    if (document.visibilityState === "visible" && !selecting(place)) await refresh(place);
  }
}

export async function refresh(place) {
  try {
    const answer = await fetch(location.href, { headers: { "X-Part": place.dataset.part } });
    const text = await answer.text();
    place.toggleAttribute("data-stale", !answer.ok);
    if (!answer.ok || last.get(place) === text) return;
    last.set(place, text);
    const page = new DOMParser().parseFromString(text, "text/html");
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    place.replaceChildren(...page.body.childNodes);
    if (focused) again(place, focused);
    place.dispatchEvent(new CustomEvent("refreshed", { bubbles: true }));
  } catch {
    place.toggleAttribute("data-stale", true);
  }
}

/** Something was done by way of this page: see it now. */
document.addEventListener("acted", () => {
  for (const place of document.querySelectorAll("[data-part]")) refresh(place);
});

function selecting(place) {
  const selection = getSelection();
  return selection && !selection.isCollapsed && place.contains(selection.anchorNode);
}

function again(place, focused) {
  const same = focused.id ? document.getElementById(focused.id)
    : [...place.querySelectorAll(focused.tagName)].find((each) => each.textContent === focused.textContent);
  same?.focus({ preventScroll: true });
}
