/** The checkout: an order with an id of its own is kept, then sent until a region has it. Once, whatever dies. */

import { askOrders } from "./asking.js";
import * as kept from "./kept.js";

/** What is sent for a basket: POST /orders. */
export function orderFor(held, customer, card) {
  return {
    id: crypto.randomUUID(),
    customer,
    restaurant: held.restaurant.id,
    lines: held.lines.map(({ dish, quantity }) => ({ dish, quantity })),
    card,
  };
}

/** Send the order that is kept as pending; returns the order as stored. It stays pending where nobody answered. What is
 * thrown is `doubtful` where an attempt before, also one of another visit (`resumed`), may have been taken. */
export async function sendPending(tell, resumed) {
  const order = kept.pending();
  const request = { path: "/orders", method: "POST", body: order };
  let doubtful = resumed;
  const options = {
    jurisdiction: order.customer.jurisdiction,
    tell: (step) => {
      doubtful ||= step.kind !== "followed";
      tell(step);
    },
  };
  try {
    const { body } = await askOrders(request, options);
    kept.setPending(null);
    kept.emptyBasket();
    kept.setPlaced(body.order);
    return body.order;
  } catch (error) {
    if ("status" in error) kept.setPending(null); // refused: asking again would be refused again
    throw Object.assign(error, { doubtful });
  }
}
