// Making elements, and keeping the focus where it was when a part of the page is made anew.

/** `el("p", { class: "quiet" }, "text", child)`. Properties that begin with "on" listen; null, false and undefined are left out. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else if (name === "checked") element.checked = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Put these into the place of what is in `parent`; what has the focus keeps it if something with its id is there again. */
export function fill(parent, ...children) {
  const focused = parent.contains(document.activeElement) ? document.activeElement.id : "";
  parent.replaceChildren(...children.flat(3).filter(Boolean));
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const nameOf = (control) => `${control.form?.id ?? ""}/${control.id || `${control.name}=${control.value}`}`;

const valueOf = (control) => (control.type === "radio" || control.type === "checkbox" ? control.checked : control.value);

/** What stands in the controls, to be put back with `typeAgain`. */
export const typedIn = (controls) => new Map([...controls].map((control) => [nameOf(control), valueOf(control)]));

/** Put back what stood in the controls that `find()` finds before they were made anew. Some of them bring others along, so they come one by one. */
export function typeAgain(find, typed) {
  for (const [name, value] of typed) {
    const control = [...find()].find((each) => nameOf(each) === name);
    if (!control || valueOf(control) === value || (control.type === "radio" && !value)) continue;
    if (typeof value === "boolean") control.checked = value;
    else control.value = value;
    control.dispatchEvent(new Event("change"));
  }
}

export function button(label, { kind = "", ...properties } = {}) {
  return el("button", { type: "button", class: `button ${kind}`, ...properties }, label);
}

/** A labelled control with room for what is wrong with it. */
export function field(id, label, control, { optional = false, hint = "" } = {}) {
  control.id = id;
  const notes = hint ? `${id}-hint ${id}-error` : `${id}-error`;
  control.setAttribute("aria-describedby", notes);
  return el(
    "div",
    { class: "field", "data-field": id },
    el("label", { for: id }, label, optional ? el("span", { class: "quiet" }, " (optional)") : null),
    hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    control,
    el("p", { class: "error", id: `${id}-error`, "aria-live": "polite" }),
  );
}

/** Say what is wrong with a field, until it is changed; "" takes it back. */
export function complain(form, id, text) {
  const control = form.querySelector(`#${CSS.escape(id)}`);
  const note = form.querySelector(`#${CSS.escape(id)}-error`);
  if (note) note.textContent = text;
  if (text) {
    control?.setAttribute("aria-invalid", "true");
    control?.addEventListener("input", () => complain(form, id, ""), { once: true });
  } else control?.removeAttribute("aria-invalid");
}

/** Complain about several fields at once, and lead to the first of them. True: there is nothing to complain about. */
export function check(form, complaints) {
  for (const note of form.querySelectorAll(".error[id]")) complain(form, note.id.replace(/-error$/, ""), "");
  for (const [id, text] of complaints) complain(form, id, text);
  if (complaints.length) form.querySelector(`#${CSS.escape(complaints[0][0])}`)?.focus();
  return complaints.length === 0;
}
