/** All restaurants, by city and kitchen; more of them as asked for. */

import { askCatalog } from "../asking.js";
import { html, show } from "../html.js";
import { customer, setCustomer } from "../kept.js";
import { hue, initials, sentence, stars } from "../words.js";

const COLLATOR = new Intl.Collator("en");

export async function browse(main, signal) {
  show(
    main,
    html`<section class="hero">
        <h1>What would you like to eat?</h1>
        <p>Good kitchens from around the corner, in America and in Europe.</p>
        <form class="filters" id="filters" role="search">
          <label>City <select name="city" id="city"><option value="">Everywhere</option></select></label>
          <label>Kitchen <select name="cuisine" id="cuisine"><option value="">Everything</option></select></label>
        </form>
      </section>
      <p class="quiet" id="found" role="status">Looking …</p>
      <ul class="cards" id="cards"></ul>
      <p class="center"><button type="button" id="more" hidden>Show more</button></p>`,
  );
  const page = new Page(main);
  const sorry = (error) => page.sorry(error);
  main.querySelector("#filters").addEventListener("change", () => page.search().catch(sorry), { signal });
  main.querySelector("#more").addEventListener("click", () => page.more().catch(sorry), { signal });
  main.querySelector("#filters").addEventListener("submit", (event) => event.preventDefault(), { signal });
  page.offer(await places(signal));
  if (signal.aborted) return;
  await page.search();
}

let known = null;

/** All cities and kitchens that there are. */
async function places() {
  if (known) return known;
  const cities = new Set();
  const cuisines = new Set();
  let after = "";
  do {
    const found = await askCatalog(`/restaurants${after ? `?after=${encodeURIComponent(after)}` : ""}`);
    for (const each of found.restaurants) {
      cities.add(each.city);
      cuisines.add(each.cuisine);
    }
    after = found.next ?? "";
  } while (after);
  known = { cities: [...cities].sort(COLLATOR.compare), cuisines: [...cuisines].sort(COLLATOR.compare) };
  return known;
}

class Page {
  constructor(main) {
    this.main = main;
    this.shown = [];
    this.next = "";
    this.asked = 0;
  }

  offer({ cities, cuisines }) {
    const options = (names) => names.map((name) => html`<option value="${name}">${name}</option>`);
    const city = this.main.querySelector("#city");
    show(city, html`<option value="">Everywhere</option>${options(cities)}`);
    show(this.main.querySelector("#cuisine"), html`<option value="">Everything</option>${options(cuisines)}`);
    const usual = customer().city;
    if (cities.includes(usual)) city.value = usual;
  }

  async search() {
    this.shown = [];
    this.next = "";
    const city = this.main.querySelector("#city").value;
    setCustomer({ ...customer(), city });
    await this.more();
  }

  async more() {
    const asked = (this.asked += 1);
    const query = new URLSearchParams();
    for (const name of ["city", "cuisine"]) {
      const { value } = this.main.querySelector(`#${name}`);
      if (value) query.set(name, value);
    }
    if (this.next) query.set("after", this.next);
    const found = await askCatalog(`/restaurants${query.size ? `?${query}` : ""}`);
    if (asked !== this.asked) return; // another question was asked since
    this.shown.push(...found.restaurants);
    this.next = found.next ?? "";
    this.draw();
  }

  /** What was asked for from the page has no answer: what is shown stays, and says so. */
  sorry(error) {
    this.main.querySelector("#found").textContent = `${sentence(error.message)} Choose again, or wait a moment.`;
  }

  draw() {
    const number = this.shown.length;
    const some = this.next ? `The first ${number} restaurants` : `${number} ${number === 1 ? "restaurant" : "restaurants"}`;
    this.main.querySelector("#found").textContent = number ? some : "No kitchen of this kind here. Try another city.";
    show(this.main.querySelector("#cards"), html`${this.shown.map(card)}`);
    this.main.querySelector("#more").hidden = !this.next;
  }
}

const card = (each) => html`<li>
  <a class="card" href="#/restaurant/${encodeURIComponent(each.id)}">
    <span class="tile" data-hue="${hue(each.name)}" aria-hidden="true">${initials(each.name)}</span>
    <span class="text"><strong>${each.name}</strong>
      <span class="quiet">${each.cuisine} · ${each.city}</span></span>
    <span class="rating" aria-label="Rated ${stars(each.rating)} of 5">★ ${stars(each.rating)}</span>
  </a>
</li>`;
