// What makes the hosted pages quicker to use; each of them works without it.

const RULES = {
  length: (text, least) => [...text].length >= Number(least),
  lower: (text) => /[a-z]/.test(text),
  upper: (text) => /[A-Z]/.test(text),
  number: (text) => /[0-9]/.test(text),
  symbol: (text) => /[\^$*.[\]{}()?\-"!@#%&/\\,><':;|_~`+= ]/.test(text),
};

function showPassword(button) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
    input.focus();
  });
  input.form.addEventListener("submit", () => { input.type = "password"; });
}

function tickOff(list) {
  const input = document.getElementById(list.dataset.for);
  const rules = [...list.querySelectorAll("[data-rule]")];
  const check = () => {
    for (const item of rules) {
      const met = item.dataset.rule.split(" ").every((rule) => {
        const [name, argument] = rule.split(":");
        return RULES[name](input.value, argument);
      });
      item.classList.toggle("met", met);
      item.querySelector("span").hidden = !met;
    }
  };
  input.addEventListener("input", check);
  check();
}

function busy(form) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector(".button");
    if (!button) return;
    if (button.getAttribute("aria-busy") === "true") {
      event.preventDefault();
      return;
    }
    button.setAttribute("aria-busy", "true");
  });
}

function wait(button) {
  const say = button.textContent;
  let seconds = Number(button.dataset.wait);
  const tick = () => {
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? button.dataset.later.replace("%s", seconds) : say;
    if (seconds > 0) setTimeout(() => { seconds -= 1; tick(); }, 1000);
  };
  tick();
}

document.querySelectorAll("[data-show]").forEach(showPassword);
document.querySelectorAll(".rules[data-for]").forEach(tickOff);
document.querySelectorAll("form").forEach(busy);
document.querySelectorAll("[data-wait]").forEach(wait);

// Coming back through the browser's page cache, a button must not still be busy.
addEventListener("pageshow", () => {
  document.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
});
