/** Where texts on the map go: beside their mark, on the first side where nothing else is; what has no room is left off. */

const HIGH = 13;
const WIDE = 6.3;
const AWAY = 9;
const SIDES = [["start", 1, 0.34], ["end", -1, 0.34], ["middle", 0, -0.75], ["middle", 0, 1.45]];

/** `labels`: {key, text, kind, at: [x, y], must}; those that must be shown come first. */
export function placed(labels, { width, height }) {
  const taken = labels.filter((label) => label.mark).map(({ at: [x, y] }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  const found = [];
  for (const label of [...labels].sort((a, b) => Number(b.must ?? false) - Number(a.must ?? false))) {
    const options = SIDES.map((side) => option(label, side)).filter(({ box }) => (
      box.left >= 2 && box.right <= width - 2 && box.top >= 0 && box.bottom <= height
    ));
    const free = options.find(({ box }) => !taken.some((other) => overlap(box, other)));
    const chosen = free ?? (label.must ? options[0] : undefined);
    if (!chosen) continue;
    taken.push(chosen.box);
    found.push({ ...label, ...chosen });
  }
  return found;
}

function option(label, [anchor, side, down]) {
  const [cx, cy] = label.at;
  const away = label.away ?? AWAY;
  const wide = label.text.length * WIDE;
  const x = cx + side * away;
  const y = cy + (side ? down * HIGH : down < 0 ? -away : away + HIGH * 0.8);
  const left = anchor === "start" ? x : anchor === "end" ? x - wide : x - wide / 2;
  return { anchor, x, y, box: { left, right: left + wide, top: y - HIGH * 0.8, bottom: y + HIGH * 0.25 } };
}

const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
