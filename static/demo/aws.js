// The two ways an app speaks to the service: plain JSON calls, and calls signed by SigV4. Nothing but the browser's own tools.

const TARGETS = {
  "cognito-idp": "AWSCognitoIdentityProviderService",
  "cognito-identity": "AWSCognitoIdentityService",
};

export class Refused extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

async function answerOf(response) {
  const text = await response.text();
  let body = {};
  try {
    body = text ? JSON.parse(text) : {};
  } catch {
    body = {};
  }
  if (response.ok) return body;
  const name = (body.__type || body.error || `HTTP ${response.status}`).split("#").pop();
  throw new Refused(name, body.message || body.Message || body.detail || body.error_description || "The server gave no reason.");
}

/** An operation that needs no signature: signing up and in, getting an identity and its credentials. */
export async function call(service, operation, input) {
  const response = await fetch("/", {
    method: "POST",
    headers: { "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": `${TARGETS[service]}.${operation}` },
    body: JSON.stringify(input),
  });
  return answerOf(response);
}

const bytes = (text) => new TextEncoder().encode(text);
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const digest = async (text) => hex(await crypto.subtle.digest("SHA-256", bytes(text)));
const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

async function hmac(key, text) {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, bytes(text)));
}

/** A call signed with temporary credentials; `path` is sent as it is. Source: AWS Signature Version 4. */
export async function signedCall(method, path, { query = {}, body, credentials, region, service }) {
  const now = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = now.slice(0, 8);
  const payload = body === undefined ? "" : JSON.stringify(body);
  const headers = { "x-amz-date": now, "x-amz-security-token": credentials.SessionToken };
  if (payload) headers["content-type"] = "application/json";

  const signed = { ...headers, host: location.host };
  const names = Object.keys(signed).sort();
  const queryText = Object.keys(query).sort().map((name) => `${encode(name)}=${encode(query[name])}`).join("&");
  const canonical = [
    method,
    path.split("/").map(encode).join("/"),
    queryText,
    ...names.map((name) => `${name}:${signed[name].trim()}`),
    "",
    names.join(";"),
    await digest(payload),
  ].join("\n");

  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", now, scope, await digest(canonical)].join("\n");
  let key = bytes(`AWS4${credentials.SecretKey}`);
  for (const part of [day, region, service, "aws4_request"]) key = await hmac(key, part);
  const signature = hex(await hmac(key, toSign));
  headers.authorization =
    `AWS4-HMAC-SHA256 Credential=${credentials.AccessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;

  return answerOf(await fetch(path + (queryText ? `?${queryText}` : ""), { method, headers, body: payload || undefined }));
}

const base64url = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A PKCE verifier with its challenge. Source: RFC 7636 §4. */
export async function pkce() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(48)));
  return { verifier, challenge: base64url(await crypto.subtle.digest("SHA-256", bytes(verifier))) };
}

/** The authorization code for tokens, at the token endpoint. */
export async function exchange(tokenEndpoint, parameters) {
  const response = await fetch(tokenEndpoint, { method: "POST", body: new URLSearchParams(parameters) });
  const tokens = await answerOf(response);
  return { IdToken: tokens.id_token, AccessToken: tokens.access_token, RefreshToken: tokens.refresh_token };
}

/** Header and claims of a JWT; reading is not verifying, which is the API's work. */
export function decode(token) {
  const part = (text) => {
    const binary = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (letter) => letter.charCodeAt(0))));
  };
  const [header, claims] = token.split(".");
  return { header: part(header), claims: part(claims) };
}
