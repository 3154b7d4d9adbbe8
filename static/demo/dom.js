// Small tools to build the page; text is always set as text.

/** An element: `h("p", { class: "hint" }, "Hello ", h("b", {}, name))`. `on` holds listeners. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export const button = (text, act, kind = "button") => h("button", { type: "button", class: kind, on: { click: act } }, text);

let counter = 0;

/** A labelled field of a form. */
export function field(label, attributes, hint) {
  counter += 1;
  const id = `field-${counter}`;
  const isSecret = attributes.type === "password";
  const input = h("input", { id, required: true, "aria-describedby": hint ? `${id}-hint` : undefined, ...attributes });
  const show = isSecret && h("button", {
    type: "button", "aria-pressed": "false", "aria-controls": id, "aria-label": "Show password",
    on: { click: (event) => {
      input.type = input.type === "password" ? "text" : "password";
      event.currentTarget.setAttribute("aria-pressed", String(input.type === "text"));
    } },
  }, "Show");
  return h("div", { class: "field" },
    h("div", { class: "top" }, h("label", { for: id }, label)),
    isSecret ? h("div", { class: "secret" }, input, show) : input,
    hint && h("p", { class: "hint", id: `${id}-hint` }, hint));
}

/** A form that goes busy while `act(values)` runs and shows in words why it failed. */
export function form(fields, action, act) {
  const problem = h("div", { role: "alert" });
  const submit = h("button", { class: "button" }, action);
  const element = h("form", { class: "form", novalidate: true }, problem, fields, submit);
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-busy")) return;
    const missing = [...element.querySelectorAll("input")].find((input) => !input.checkValidity());
    if (missing) {
      fail(problem, missing.validationMessage);
      missing.focus();
      return;
    }
    submit.setAttribute("aria-busy", "true");
    problem.replaceChildren();
    try {
      await act(Object.fromEntries(new FormData(element)));
    } catch (error) {
      fail(problem, wordsOf(error));
      // Secrets and codes are typed anew, everything else is kept.
      const spent = element.querySelectorAll("[name=password], [name=code]");
      spent.forEach((input) => { input.value = ""; });
      (spent[0] ?? element.querySelector("input"))?.focus();
    } finally {
      submit.removeAttribute("aria-busy");
    }
  });
  return element;
}

const fail = (place, text) => place.replaceChildren(h("div", { class: "message danger" }, h("p", {}, text)));

const WORDS = {
  UsernameExistsException: "That username is taken. Choose another, or sign in.",
  CodeMismatchException: "That code doesn't fit. Check it, or send a new one.",
  ExpiredCodeException: "That code has expired or was used. Send a new one.",
  LimitExceededException: "Too many tries. Wait a while, then try again.",
  UserNotConfirmedException: "The account isn't confirmed yet. Enter the code from the mailbox.",
};

const MISMATCH = "That name and password don't match. Check them, then try again.";

export const wordsOf = (error) =>
  error.name === "NotAuthorizedException" && /^Incorrect/.test(error.message) ? MISMATCH :
  error instanceof TypeError ? "The server can't be reached. Check that it runs, then try again." : WORDS[error.name] || error.message;
