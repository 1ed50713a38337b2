/** Values in words: money, times, states. Pure. */

export const STATES = {
  placed: "Placed",
  paid: "Paid",
  preparing: "Being prepared",
  out_for_delivery: "On its way",
  delivered: "Delivered",
  cancelled: "Cancelled",
};

/** The way of an order that goes well. */
export const WAY = ["placed", "paid", "preparing", "out_for_delivery", "delivered"];

/** What a kitchen or a courier may make of an order next. Whether it is paid or cancelled, the payment decides. */
export const NEXT = { paid: "preparing", preparing: "out_for_delivery", out_for_delivery: "delivered" };

/** States that an order does not leave. */
export const ENDS = new Set(["delivered", "cancelled"]);

export const CITY_OF_REGION = { "us-east-1": "Virginia", "eu-west-1": "Ireland", "eu-central-1": "Frankfurt" };

/** "us-east-1 (Virginia)" */
export function regionName(region) {
  return region in CITY_OF_REGION ? `${region} (${CITY_OF_REGION[region]})` : region;
}

/** 1250, "EUR" -> "€12.50" */
export function money(cents, currency) {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).format(cents / 100);
  } catch {
    return `${(cents / 100).toFixed(2)} ${currency}`;
  }
}

/** 4.5 -> "4.5", 4 -> "4.0" */
export const stars = (rating) => Number(rating).toFixed(1);

/** Seconds to words: "just now", "40 seconds", "3 minutes", "2 hours". */
export function age(seconds) {
  if (!(seconds >= 2)) return "just now";
  if (seconds < 100) return `${Math.round(seconds)} seconds`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} minutes`;
  return `${Math.round(seconds / 3600)} hours`;
}

/** What an error says, with one full stop: services send sentences, browsers do not. */
export const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** A time of day of an ISO time or of unix seconds; empty for neither. */
export function timeOfDay(moment) {
  const date = new Date(typeof moment === "number" ? moment * 1000 : moment);
  return Number.isNaN(date.getTime()) ? "" : date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit" });
}

/** 0..7, the same for the same name: which colour a restaurant has. */
export function hue(name) {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + sign.codePointAt(0)) % 9973;
  return sum % 8;
}

/** "Trattoria da Anna" -> "TA" */
export function initials(name) {
  const words = name.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}
