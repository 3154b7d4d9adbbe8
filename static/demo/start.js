// Tabs and copy buttons of the start page. Without this file every paste-line is simply shown.

function tabs(box) {
  const panels = [...box.querySelectorAll("[data-tab]")];
  const list = document.createElement("div");
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabs);
  const buttons = panels.map((panel) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = `${panel.id}-tab`;
    button.textContent = panel.dataset.tab;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", button.id);
    panel.querySelector("h3").hidden = true;
    return button;
  });
  const choose = (chosen, focus) => buttons.forEach((button, index) => {
    const isChosen = index === chosen;
    button.setAttribute("aria-selected", String(isChosen));
    button.tabIndex = isChosen ? 0 : -1;
    panels[index].hidden = !isChosen;
    if (isChosen && focus) button.focus();
  });
  list.addEventListener("click", (event) => {
    const index = buttons.indexOf(event.target);
    if (index >= 0) choose(index);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const now = buttons.indexOf(document.activeElement);
    const ends = { Home: 0, End: buttons.length - 1 }[event.key];
    if (step === undefined && ends === undefined) return;
    event.preventDefault();
    choose(ends ?? (now + step + buttons.length) % buttons.length, true);
  });
  list.append(...buttons);
  box.prepend(list);
  box.classList.add("tabbed");
  choose(0);
}

function copy(button) {
  const text = document.getElementById(button.getAttribute("aria-controls")).textContent;
  const say = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = say; }, 2000);
  });
}

document.querySelectorAll("[data-tabs]").forEach(tabs);
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(copy);
