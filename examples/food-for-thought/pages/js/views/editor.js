/** One restaurant, its menus and dishes, to be changed. Each form is one request to the master region. */

import { askCatalog } from "../asking.js";
import { html, show } from "../html.js";
import { newest, remember } from "../newest.js";
import { money, sentence } from "../words.js";

const CURRENCIES = [["USD", "USD"], ["EUR", "EUR"], ["GBP", "GBP"]];
const JURISDICTIONS = [["US", "North America"], ["EU", "Europe"]];
const NEW = { name: "", city: "", cuisine: "", jurisdiction: "US", rating: 4, menus: [] };

export async function editor(main, signal, ask, id) {
  const page = { main, signal, ask, id, whole: NEW, said: "", failed: false };
  if (id) {
    show(main, html`<p class="quiet" role="status">Looking …</p>`);
    page.whole = await found(id);
    if (signal.aborted) return;
  }
  draw(page);
  main.addEventListener("submit", (event) => submit(event, page), { signal });
  main.addEventListener("click", (event) => press(event, page), { signal });
}

async function found(id) {
  let told = null;
  try {
    told = await askCatalog(`/restaurants/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.status !== 404 || !newest(id, null)) throw error;
  }
  return newest(id, told);
}

/** What a form says, as the API wants it; and where it goes. */
function submit(event, page) {
  event.preventDefault();
  const form = event.target;
  const { price, position, rating, ...texts } = Object.fromEntries(new FormData(form));
  const body = { ...texts };
  if (price !== undefined) body.price_cents = Math.round(Number(price) * 100);
  if (position !== undefined) body.position = Number(position);
  if (rating !== undefined) body.rating = Number(rating);
  const { path, kind } = form.dataset;
  const isNew = kind === "new" || !path;
  return change(page, "PUT", isNew ? [path, idFor(body.name)].filter(Boolean).join("/") : path, body);
}

function press(event, page) {
  const button = event.target.closest("button[data-remove]");
  if (!button || !window.confirm(`Remove ${button.dataset.name}?`)) return;
  change(page, "DELETE", button.dataset.remove, undefined);
}

async function change(page, method, path, body) {
  const id = path.split("/")[0];
  const isWhole = path === id;
  try {
    const whole = await page.ask({ method, path: `/restaurants/${path}`, body });
    remember(id, method === "DELETE" && isWhole ? null : whole);
    if (page.signal.aborted) return undefined;
    if (method === "DELETE" && isWhole) return window.location.replace("#/");
    if (!page.id) return window.location.replace(`#/restaurant/${id}`);
    Object.assign(page, { whole, failed: false, said: "Saved. Customers see it within a minute." });
  } catch (error) {
    Object.assign(page, { failed: true, said: sentence(error.message) });
  }
  return draw(page);
}

/** An id of small letters, digits and hyphens, that no other has. */
function idFor(name) {
  const plain = name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 40);
  return `${plain || "x"}-${crypto.randomUUID().slice(0, 4)}`;
}

function draw(page) {
  const { whole, id } = page;
  const opened = new Set([...page.main.querySelectorAll("details[open]")].map((each) => each.id));
  page.main.shown = undefined; // fields hold what was typed: they are drawn anew
  show(
    page.main,
    html`<p><a class="back" href="#/">Catalog</a></p>
      <h1>${whole.name || "New restaurant"}</h1>
      ${page.said ? html`<p class="notice" id="said" role="${page.failed ? "alert" : "status"}">${page.said}</p>` : ""}
      <form class="panel" data-path="${id ?? ""}" id="about">${about(whole, id)}</form>
      ${id ? html`<h2>Menus</h2>${whole.menus.map((menu, index) => section(menu, `${id}/menus/${menu.id}`, index))}
        <form class="panel" data-kind="new" data-path="${id}/menus" id="new-menu">
          <label>New menu <input name="name" required maxlength="100"></label>
          <input type="hidden" name="position" value="${whole.menus.length}">
          <p class="buttons"><button type="submit">Add this menu</button></p>
        </form>` : ""}`,
  );
  for (const each of opened) page.main.querySelector(`#${CSS.escape(each)}`)?.setAttribute("open", "");
}

const about = (whole, id) => html`<div class="fields">
    ${input("name", "Name", whole.name)} ${input("city", "City", whole.city)} ${input("cuisine", "Kitchen", whole.cuisine)}
    ${choice("jurisdiction", "Continent", JURISDICTIONS, whole.jurisdiction)}
    <label>Rating <input name="rating" type="number" min="0" max="5" step="0.1" required value="${whole.rating}"></label>
  </div>
  <p class="buttons"><button type="submit" class="primary" id="save">Save</button> ${id ? remove(id, whole.name) : ""}</p>`;

const section = (menu, path, index) => html`<section class="panel" aria-label="${menu.name}">
  <details id="menu-${menu.id}"><summary><strong class="text">${menu.name}</strong></summary>
    <form data-path="${path}" class="fields">${input("name", "Menu", menu.name)}
      <label>Place <input name="position" type="number" min="0" max="1000" required value="${menu.position ?? index}"></label>
      <p class="buttons across"><button type="submit">Save</button> ${remove(path, menu.name)}</p>
    </form></details>
  ${menu.dishes.map((dish) => entry(dish, `${path}/dishes/${dish.id}`))}
  <details id="add-to-${menu.id}"><summary><span class="more">Add a dish</span></summary>
    <form data-kind="new" data-path="${path}/dishes" class="fields">${dishFields({ currency: currencyOf(menu) })}
      <p class="buttons across"><button type="submit" class="primary">Add</button></p></form></details>
</section>`;

const entry = (dish, path) => html`<details id="dish-${dish.id}">
  <summary><span class="text">${dish.name}</span><span class="price">${money(dish.price_cents, dish.currency)}</span></summary>
  <form data-path="${path}" class="fields">${dishFields(dish)}
    <p class="buttons across"><button type="submit" class="primary">Save</button> ${remove(path, dish.name)}</p></form>
</details>`;

const dishFields = (dish) => html`${input("name", "Dish", dish.name)}
  <label>Price <input name="price" type="number" min="0.01" max="10000" step="0.01" required
    value="${dish.price_cents ? (dish.price_cents / 100).toFixed(2) : ""}"></label>
  ${choice("currency", "Currency", CURRENCIES, dish.currency)}
  <label class="across">Description <input name="description" maxlength="300" value="${dish.description}"></label>`;

const currencyOf = (menu) => menu.dishes[0]?.currency ?? "USD";

const input = (name, text, value) =>
  html`<label>${text} <input name="${name}" required maxlength="100" value="${value}"></label>`;

const choice = (name, text, values, chosen) => html`<label>${text} <select name="${name}">
  ${values.map(([value, said]) => option(value, said, value === chosen))}</select></label>`;

const option = (value, text, chosen) =>
  chosen ? html`<option value="${value}" selected>${text}</option>` : html`<option value="${value}">${text}</option>`;

const remove = (path, name) =>
  html`<button type="button" class="danger" data-remove="${path}" data-name="${name}">Remove</button>`;
