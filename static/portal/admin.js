// Names that Django's admin leaves out for screen readers. Its own scripts build some of the elements when the
// page has loaded, so this runs after them.

const has = (element) => element.hasAttribute("aria-label") || element.hasAttribute("aria-labelledby");
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

function complete() {
  // An empty header cell is announced as a header without a name; an empty data cell is not.
  each("th:empty", (cell) => {
    const plain = document.createElement("td");
    plain.className = cell.className;
    cell.replaceWith(plain);
  });
  // A span may have no name unless its role can.
  each("span.help-tooltip[aria-label]:not([role])", (icon) => icon.setAttribute("role", "img"));
  each("#searchbar:not([aria-label])", (input) => input.setAttribute("aria-label", "Search"));
  // The two halves of a moment: the words before each stand in no label of theirs.
  each(".datetime input[type=text]", (input) => {
    if (has(input) || input.labels.length) return;
    const row = input.closest(".form-row, fieldset")?.querySelector("legend, label")?.textContent.trim() ?? "";
    input.setAttribute("aria-label", `${row} ${input.classList.contains("vTimeField") ? "time" : "date"}`.trim());
  });
  // Select2 hides the labelled select and shows a box of its own.
  each("select.admin-autocomplete", (select) => {
    const words = select.labels[0]?.textContent.replace(/:\s*$/, "");
    select.nextElementSibling?.querySelectorAll("[role=combobox], [role=textbox]").forEach((box) => {
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", words ?? select.name);
    });
  });
}

addEventListener("load", () => setTimeout(complete));
