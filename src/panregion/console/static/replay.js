/** A finished game day plays on map and strip: the moment that is looked at goes on by itself, until it is paused. */

import { live } from "./live.js";

const play = document.getElementById("strip-play");
const speed = document.getElementById("strip-speed");
const { began, ended } = document.getElementById("strip").dataset;
const FRAME_MS = 100;
const still = matchMedia("(prefers-reduced-motion: reduce)");
let timer = null;

live.on("seen", () => {
  if (live.at === null) live.look(asked());
});

/** The moment that the address names (?at=35), else the beginning. */
function asked() {
  const at = Number(new URLSearchParams(location.search).get("at"));
  return Math.min(Number(ended), Number(began) + (Number.isFinite(at) ? at : 0));
}

play.addEventListener("click", () => (timer === null ? go() : pause()));
document.addEventListener("visibilitychange", () => document.hidden && pause());
live.on("look", () => {
  if (timer === null) remember();
});

function go() {
  if (live.now >= Number(ended)) live.look(Number(began));
  const every = still.matches ? 1000 : FRAME_MS;
  timer = setInterval(() => {
    const at = live.now + (Number(speed.value) * every) / 1000;
    live.look(Math.min(at, Number(ended)));
    if (at >= Number(ended)) pause();
  }, every);
  play.textContent = "Pause";
}

function pause() {
  clearInterval(timer);
  timer = null;
  play.textContent = "Play";
  remember();
}

let later = null;

/** The moment is in the address, so that a link leads to it. */
function remember() {
  clearTimeout(later);
  later = setTimeout(() => {
    const address = new URL(location.href);
    address.searchParams.set("at", String(Math.round(live.now - Number(began))));
    history.replaceState(null, "", address);
  }, 300);
}
