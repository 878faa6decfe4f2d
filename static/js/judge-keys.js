// Says while keys are being bound which of them are in each other's way; the server has the last
// word, in the same words.
"use strict";

function faultOf(field, fields, reserved) {
  const key = field.value.trim().toLowerCase(), label = field.dataset.label;
  if (!key) return `${label} needs a key: one letter, number or sign.`;
  if (reserved.includes(key)) return `“${key}” is taken on every page; choose another.`;
  const views = field.dataset.views.split(" ");
  const others = fields.filter(
    (other) =>
      other !== field &&
      other.value.trim().toLowerCase() === key &&
      other.dataset.views.split(" ").some((view) => views.includes(view)),
  );
  return others.length ? `“${key.toUpperCase()}” is also ${others.map(({ dataset }) => dataset.label).join(" and ")}.` : "";
}

function watchKeys(form) {
  const fields = [...form.querySelectorAll(".one-key")];
  const check = () => {
    for (const field of fields) {
      const fault = faultOf(field, fields, form.dataset.reserved);
      const place = document.getElementById(`fault-${field.name}`);
      if (place.textContent !== fault) place.textContent = fault;
      if (fault) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };
  form.addEventListener("input", (event) => event.target.matches(".one-key") && check());
  // The next key takes the place of what stands there.
  form.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && event.target.matches(".one-key")) event.target.select();
  });
}

watchKeys(document.getElementById("bindings"));
