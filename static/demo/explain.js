// What "Look inside" shows: each thing got on the way, decoded and explained.

import { h } from "./dom.js";
import { decode } from "./aws.js";

const CLAIMS = {
  sub: "who: the user's permanent id",
  iss: "who says so: the user pool",
  aud: "for whom: the app client",
  client_id: "for whom: the app client",
  token_use: "what it is good for",
  "cognito:username": "the name in the pool",
  username: "the name in the pool",
  "cognito:groups": "the groups, which can decide on roles",
  email: "read from the profile",
  email_verified: "whether the address was proved by a code",
  auth_time: "when the person signed in",
  iat: "issued at",
  exp: "good until",
  scope: "what the access token opens",
  jti: "this token's own id",
  origin_jti: "the sign-in it came from: revoking that ends them all",
  event_id: "the sign-in in the log",
  version: "form of the token",
  at_hash: "ties it to the access token",
  nonce: "ties it to the request",
};

const TIMES = new Set(["auth_time", "iat", "exp"]);
const when = (seconds) => new Date(seconds * 1000).toLocaleString();
const shown = (name, value) =>
  TIMES.has(name) ? `${value} (${when(value)})` : typeof value === "object" ? JSON.stringify(value) : String(value);

export const code = (value) => h("pre", { tabindex: "0" }, typeof value === "string" ? value : JSON.stringify(value, null, 2));

export function token(title, text) {
  const { header, claims } = decode(text);
  return [
    h("h3", {}, title),
    h("p", { class: "hint" }, `Signed with ${header.alg}, key ${header.kid}. Anyone can read it; only the pool can make it.`),
    h("dl", { class: "claims" }, Object.entries(claims).map(([name, value]) =>
      h("div", {}, h("dt", {}, name), h("dd", {}, shown(name, value), CLAIMS[name] && h("span", {}, CLAIMS[name]))))),
    h("details", {}, h("summary", {}, "The token as sent"), code(text)),
  ];
}

export const call = (operation, request, response) => [
  h("h3", {}, operation),
  h("p", { class: "hint" }, "Asked:"), code(request),
  h("p", { class: "hint" }, "Answered:"), code(response),
];

/** Opens a dialog; the browser keeps the focus inside and gives it back. */
export function open(title, ...content) {
  const dialog = h("dialog", { "aria-labelledby": "look-title" },
    h("div", { class: "look-top" }, h("h2", { id: "look-title" }, title),
      h("button", { type: "button", class: "link", on: { click: () => dialog.close() } }, "Close")),
    content);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  document.body.append(dialog);
  dialog.showModal();
}
