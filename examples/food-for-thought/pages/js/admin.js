/** The administrators' page: the catalog, and the counter where orders are moved on. */

import { askAdmin } from "./asking.js";
import { tellWhoAnswers } from "./footer.js";
import { html, show } from "./html.js";
import { route } from "./routing.js";
import { catalog } from "./views/catalog.js";
import { counter } from "./views/counter.js";
import { editor } from "./views/editor.js";

const main = document.getElementById("main");
const token = () => sessionStorage.getItem("food.token");

/** Ask with the administrator's token; who has none, or a wrong one, is asked for it. */
async function ask(request) {
  try {
    return (await askAdmin(request, token())).body;
  } catch (error) {
    if (error.status === 401 || error.status === 403) {
      sessionStorage.removeItem("food.token");
      error.message = "This token is not (or no longer) that of an administrator. Sign in again";
    }
    throw error;
  }
}

const signedIn = (view) => (element, signal, ...parts) => {
  for (const name of ["nav", "leave"]) document.getElementById(name).hidden = !token();
  return token() ? view(element, signal, ask, ...parts) : signIn(element, signal);
};

async function signIn(element, signal) {
  show(
    element,
    html`<h1>For restaurants</h1>
      <form class="panel" id="sign-in">
        <label>Administrators' token <input type="password" id="token" required autocomplete="current-password"></label>
        <button type="submit" class="primary">Sign in</button>
      </form>`,
  );
  const enter = (event) => {
    event.preventDefault();
    sessionStorage.setItem("food.token", element.querySelector("#token").value);
    again();
  };
  element.querySelector("#sign-in").addEventListener("submit", enter, { signal });
}

async function leave() {
  sessionStorage.removeItem("food.token");
  window.location.replace("#/");
}

tellWhoAnswers(document.getElementById("answered"));
const again = route(
  main,
  [
    [/^\/?$/, signedIn(catalog)],
    [/^\/restaurant\/([^/]+)$/, signedIn(editor)],
    [/^\/new$/, signedIn(editor)],
    [/^\/counter$/, signedIn(counter)],
    [/^\/leave$/, leave],
  ],
  "Food for Thought, catalog",
);
