/** Figures and times as people read them; as words.py has them. */

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: "UTC" });

/** A moment (unix seconds) as UTC time of day. */
export const timeOfDay = (at) => clock.format(at * 1000);

export function milliseconds(value) {
  if (value === null || value === undefined) return "–";
  if (value >= 10_000) return `${(value / 1000).toFixed(1)} s`;
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  return value >= 100 ? `${value.toFixed(0)} ms` : `${value.toFixed(1)} ms`;
}

export function length(seconds) {
  if (seconds < 120) return `${seconds.toFixed(0)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.round(seconds - minutes * 60)} s`;
}

/** A count or a rate: 3, 0.3, 1 204. */
export function amount(value) {
  if (value > 0 && value < 9.95 && value % 1) return value.toFixed(1);
  return Math.round(value).toLocaleString("en").replaceAll(",", "\u202f");
}
