/** The counter: a kitchen or a courier moves an order on. Only the order's home region does it; the page goes there. */

import { askOrders } from "../asking.js";
import { html, show } from "../html.js";
import { NEXT, regionName, sentence, STATES } from "../words.js";

export async function counter(main, signal) {
  const page = { main, id: "", order: null, said: "" };
  draw(page);
  const submit = async (event) => {
    event.preventDefault();
    page.id = main.querySelector("#number").value.trim();
    await doing(page, () => look(page));
  };
  main.addEventListener("submit", submit, { signal });
  const press = (event) => event.target.id === "move" && doing(page, () => move(page));
  main.addEventListener("click", press, { signal });
}

async function doing(page, task) {
  try {
    page.said = "";
    await task();
  } catch (error) {
    const away = "The region that took this order does not answer, and only it can change it";
    page.said = sentence("status" in error ? error.message : away);
  }
  draw(page);
}

async function look(page) {
  page.order = null;
  page.order = (await askOrders({ path: `/orders/${encodeURIComponent(page.id)}` }, short())).body;
}

async function move(page) {
  const path = `/orders/${encodeURIComponent(page.order.order_id)}/transitions`;
  const body = { to: NEXT[page.order.state] };
  try {
    const answer = await askOrders({ path, method: "POST", body }, { ...short(), homeOnly: true });
    page.order = answer.body.order;
    page.said = `Done in ${regionName(answer.region)}.`;
  } catch (error) {
    if (error.code !== "IllegalMove" || error.body.state !== body.to) throw error;
    page.order = { ...page.order, state: body.to }; // somebody was quicker, or this page was, and had no answer
    page.said = "It was done already.";
  }
}

const short = () => ({ patience: { give_up_ms: 20000 } });

function draw(page) {
  const { order, said } = page;
  const next = order && NEXT[order.state];
  show(
    page.main,
    html`<h1>Counter</h1>
      <form class="panel" id="look"><label>Order number
        <input id="number" required maxlength="80" autocomplete="off" value="${page.id}"></label>
        <button type="submit" class="primary">Look it up</button></form>
      ${said ? html`<p class="notice" id="said" role="status">${said}</p>` : ""}
      ${order ? html`<section class="panel" aria-label="Order">
        <ul class="lines">${order.lines.map((line) => html`<li>${line.quantity} × ${line.name}</li>`)}</ul>
        <p class="total"><span class="state" data-state="${order.state}">${STATES[order.state]}</span>
          <span class="quiet">${regionName(order.home_region)}</span></p>
        ${next ? html`<p class="buttons"><button type="button" class="primary" id="move">${STATES[next]}</button></p>` : ""}
      </section>` : ""}`,
  );
}
