/** How many of a dish: add the first one, then one more or one less. Buttons carry data-dish and data-step. */

import { html } from "../html.js";

export function stepper(id, name, quantity) {
  if (quantity === 0) {
    return html`<button type="button" class="add" id="add-${id}" data-dish="${id}" data-step="1"
      aria-label="Add ${name}">Add</button>`;
  }
  return html`<span class="stepper">
    <button type="button" id="minus-${id}" data-dish="${id}" data-step="-1" aria-label="One ${name} less">−</button>
    <output aria-label="${quantity} of ${name}">${quantity}</output>
    <button type="button" id="plus-${id}" data-dish="${id}" data-step="1" aria-label="One ${name} more">+</button>
  </span>`;
}
