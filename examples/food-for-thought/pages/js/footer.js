/** The small line at the foot of every page: which region answered each service last, and how fast. */

import { onAnswer } from "./asking.js";
import { html, show } from "./html.js";
import { CITY_OF_REGION } from "./words.js";

const NAMES = { catalog: "Catalog", orders: "Orders", admin: "Administration" };
const last = new Map();

export function tellWhoAnswers(element) {
  onAnswer(({ service, region, took_ms }) => {
    if (!region) return;
    last.set(service, { region, took_ms });
    const lines = [...last].map(
      ([name, answer]) => html`<span class="region" data-service="${name}" data-region="${answer.region}"
        title="${CITY_OF_REGION[answer.region] ?? ""}">${NAMES[name]}: <b>${answer.region}</b> ${answer.took_ms} ms</span>`,
    );
    show(element, html`${lines}`);
  });
}
