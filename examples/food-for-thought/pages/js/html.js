/** Text to HTML, safely: whatever is put into html`...` is escaped, unless it came out of html`...` itself. */

const CODES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Markup {
  constructor(text) {
    this.text = text;
  }
}

function escaped(value) {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join("");
  if (value === null || value === undefined || value === false) return "";
  return String(value).replace(/[&<>"']/g, (sign) => CODES[sign]);
}

/** A template's tag. Attributes must be quoted: html`<a href="${url}">${text}</a>`. */
export function html(parts, ...values) {
  return new Markup(parts.reduce((text, part, index) => text + escaped(values[index - 1]) + part));
}

/** Show markup in an element, and keep the keyboard's place: what had the focus has it again. */
export function show(element, markup) {
  if (!(markup instanceof Markup)) throw new TypeError("show() takes what html`...` gave");
  if (element.shown === markup.text) return;
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  element.innerHTML = markup.text;
  element.shown = markup.text;
  if (focused) element.querySelector(`#${CSS.escape(focused)}`)?.focus();
}
