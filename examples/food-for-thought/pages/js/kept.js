/** What the browser keeps: the basket, the customer, the order that is being sent, the orders that were. */

function read(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`food.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  if (value === null) localStorage.removeItem(`food.${name}`);
  else localStorage.setItem(`food.${name}`, JSON.stringify(value));
  window.dispatchEvent(new CustomEvent("kept", { detail: name }));
}

/** Be told when one of them changes, in this window or in another one, until the signal is aborted. */
export function onKept(listener, signal) {
  window.addEventListener("kept", listener, { signal });
  window.addEventListener("storage", listener, { signal });
}

/** {restaurant: {id, name, jurisdiction}, lines: [{dish, name, price_cents, currency, quantity}]} or null */
export const basket = () => read("basket", null);
export const emptyBasket = () => write("basket", null);

/** Put a dish into the basket, or change how often it is there; 0 takes it out. Another restaurant's basket goes. */
export function setQuantity(restaurant, dish, quantity) {
  const held = basket();
  const lines = held?.restaurant.id === restaurant.id ? held.lines : [];
  const index = lines.findIndex((line) => line.dish === dish.dish);
  const line = { ...dish, quantity: Math.max(0, Math.min(20, quantity)) };
  if (index < 0) lines.push(line);
  else lines[index] = line;
  const left = lines.filter((each) => each.quantity > 0);
  write("basket", left.length ? { restaurant, lines: left } : null);
}

export const quantityOf = (restaurantId, dishId) => {
  const held = basket();
  if (held?.restaurant.id !== restaurantId) return 0;
  return held.lines.find((line) => line.dish === dishId)?.quantity ?? 0;
};

export const count = (held) => (held ? held.lines.reduce((sum, line) => sum + line.quantity, 0) : 0);
export const total_cents = (held) => held.lines.reduce((sum, line) => sum + line.quantity * line.price_cents, 0);

/** {id, jurisdiction?, name?, address?, phone?}; the id is made here, once. */
export function customer() {
  const known = read("customer", null);
  if (known?.id) return known;
  const made = { id: crypto.randomUUID() };
  write("customer", made);
  return made;
}
export const setCustomer = (value) => write("customer", value);

/** The order that is being sent; it is kept before it is sent, so that a page that was closed goes on with it. */
export const pending = () => read("pending", null);
export const setPending = (order) => write("pending", order);

/** The order that was taken last, as the answer to it said: other regions may not have their copy of it yet. */
export const placed = () => read("placed", null);
export const setPlaced = (order) => write("placed", order);
