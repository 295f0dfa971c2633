// Addresses: a form made from the shop's own form fields, and an address in a few lines.

import { button, check, el, field } from "./elements.js";

const AUTOCOMPLETE = {
  firstName: "given-name", lastName: "family-name", company: "organization", phone: "tel", address1: "address-line1",
  address2: "address-line2", city: "address-level2", countryCode: "country", stateOrProvince: "address-level1", postalCode: "postal-code",
};
/** Shorter words for what the API calls these by default; a merchant's own words are left alone. */
const LABELS = {
  "First Name": "First name", "Last Name": "Last name", "Company Name": "Company", "Phone Number": "Phone", "Suburb/City": "City", "State/Province": "State",
  "Zip/Postcode": "Postal code", "Address Line 1": "Address", "Address Line 2": "Apartment, floor",
};
const labelOf = (each) => LABELS[each.label] ?? each.label;
/** In the order of an envelope; a shop's own fields come after these. */
const ORDER = ["countryCode", "firstName", "lastName", "company", "address1", "address2", "city", "stateOrProvince", "postalCode", "phone"];
const NARROW = new Set(["firstName", "lastName", "city", "stateOrProvince", "postalCode", "phone"]);

export function inLines(address) {
  const region = [address.city, address.stateOrProvinceCode || address.stateOrProvince].filter(Boolean).join(", ");
  return [
    [address.firstName, address.lastName].filter(Boolean).join(" "),
    address.company,
    address.address1,
    address.address2,
    [region, address.postalCode].filter(Boolean).join(" "),
    address.country,
  ].filter(Boolean);
}

export const inOneLine = (address) => [address.address1, address.city, address.stateOrProvinceCode || address.country].filter(Boolean).join(", ");

/** Whether everything is there that an order asks for. */
export const isComplete = (address) => Boolean(address?.address1 && address.firstName && address.lastName && address.city && address.countryCode);

/** `fields`: of the shop's form; `value`: what is known; `submit(address)` is called with what was typed once it will do. */
export function addressForm({ id, fields, countries, value = {}, autocomplete = "shipping", label, submit, cancel = null, extra = null }) {
  const rows = el("div", { class: "grid" });
  const form = el("form", { novalidate: true, class: "stack", id }, rows, extra);
  const system = ORDER.map((name) => fields.find((each) => each.name === name)).filter(Boolean);
  const own = fields.filter((each) => each.custom);
  const typed = { countryCode: countries.some((each) => each.code === "US") ? "US" : (countries[0]?.code ?? ""), ...filledIn(value) };

  const country = () => countries.find((each) => each.code === typed.countryCode);
  const place = (name) => `${id}-${name}`;
  const ownControls = own.map((each) => ownControl(each, place(each.name), value)); // made once: another country leaves them alone

  function controls() {
    const shown = system.filter((each) => each.name !== "postalCode" || country()?.hasPostalCodes !== false);
    rows.replaceChildren(...shown.map(control), ...ownControls);
  }

  function control(each) {
    const { name } = each;
    const known = typed[name] ?? "";
    const attributes = { name, autocomplete: autocomplete === "off" ? "off" : `${autocomplete} ${AUTOCOMPLETE[name]}`, value: known };
    let input;
    if (name === "countryCode") {
      const options = countries.map(({ code, name: text }) => el("option", { value: code }, text));
      input = el("select", { ...attributes, value: undefined, onchange: () => { read(); typed.stateOrProvince = ""; controls(); rows.querySelector(`#${CSS.escape(place(name))}`).focus(); } }, options);
      input.value = known;
    } else if (name === "stateOrProvince" && country()?.subdivisions.length) {
      const options = country().subdivisions.map(({ code, name: text }) => el("option", { value: code }, text));
      input = el("select", { ...attributes, value: undefined }, el("option", { value: "" }, "Choose"), options);
      input.value = typed.stateOrProvinceCode || known;
    } else {
      input = el("input", { ...attributes, type: name === "phone" ? "tel" : "text", maxlength: each.maxLength || (name === "phone" ? 50 : 255) });
    }
    const made = field(place(name), labelOf(each), input, { optional: !isRequired(each) });
    if (NARROW.has(name)) made.classList.add("half");
    if (isRequired(each)) input.required = true;
    return made;
  }

  function isRequired(each) {
    if (each.name === "stateOrProvince") return country()?.requiresState ?? false;
    if (each.name === "postalCode") return country()?.hasPostalCodes ?? true;
    return each.required;
  }

  function read() {
    for (const { name } of system) {
      const input = form.elements.namedItem(name);
      if (input) typed[name] = input.value.trim();
    }
    const isChosen = Boolean(country()?.subdivisions.length);
    typed.stateOrProvinceCode = isChosen ? typed.stateOrProvince : "";
    return {
      firstName: "", lastName: "", company: "", address1: "", address2: "", city: "", postalCode: "", phone: "",
      ...typed,
      stateOrProvince: isChosen ? "" : (typed.stateOrProvince ?? ""),
      customFields: ownValues(form, own),
    };
  }

  function complaints(address) {
    const found = [];
    for (const each of system) {
      const input = form.elements.namedItem(each.name);
      if (input && isRequired(each) && !input.value.trim()) {
        const label = labelOf(each).toLowerCase();
        found.push([place(each.name), input.tagName === "SELECT" ? `Choose a ${label}.` : `Enter the ${label}.`]);
      }
    }
    return [...found, ...ownComplaints(address.customFields, own, place)];
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = read();
    if (check(form, complaints(address))) submit(address);
  });
  form.append(
    el("div", { class: "actions" }, el("button", { type: "submit", class: "button main", id: `${id}-submit` }, label), cancel && button("Cancel", { id: `${id}-cancel`, onclick: cancel })),
  );
  controls();
  return form;
}

function filledIn(address) {
  const known = {};
  for (const name of [...ORDER, "stateOrProvinceCode"]) if (address[name]) known[name] = address[name];
  return known;
}

// ---------------------------------------------------------------------------------------------------- a shop's own fields

export const ownValues = (form, own) => own.map((each) => ({ fieldId: each.id, fieldValue: ownValue(form, each) })).filter((each) => each.fieldValue.length);

export function ownComplaints(values, own, place) {
  const missing = own.filter((each) => each.required && !values.some((one) => one.fieldId === each.id));
  return missing.map((each) => [place(each.name), `${each.label} is needed.`]);
}

export function ownControl(each, id, address) {
  const known = (address.customFields ?? []).find((one) => one.fieldId === each.id)?.fieldValue ?? each.default ?? "";
  const items = each.options?.items ?? [];
  const optional = !each.required;
  if (each.fieldType === "radio" || each.fieldType === "checkbox") {
    const chosen = [known].flat();
    const boxes = items.map((item) =>
      el("label", { class: "choice" }, el("input", { type: each.fieldType, name: each.name, value: item.value, checked: chosen.includes(item.value) }), el("span", {}, item.label)),
    );
    return el(
      "fieldset",
      { class: "field", id, tabindex: "-1", "aria-describedby": `${id}-error` },
      el("legend", {}, each.label, optional ? el("span", { class: "quiet" }, " (optional)") : null),
      boxes,
      el("p", { class: "error", id: `${id}-error` }),
    );
  }
  let input;
  if (each.fieldType === "dropdown") {
    input = el("select", { name: each.name }, el("option", { value: "" }, each.options.helperLabel), items.map((item) => el("option", { value: item.value }, item.label)));
    input.value = known;
  } else if (each.fieldType === "multiline") {
    input = el("textarea", { name: each.name, rows: each.options?.rows ?? 3, value: known });
  } else {
    const type = each.fieldType === "date" ? "date" : each.type === "integer" ? "number" : "text";
    input = el("input", { name: each.name, type, min: each.min, max: each.max, maxlength: each.maxLength, value: known });
  }
  if (!optional) input.required = true;
  return field(id, each.label, input, { optional });
}

function ownValue(form, each) {
  const boxes = [...form.querySelectorAll(`input[name="${CSS.escape(each.name)}"]`)];
  if (each.fieldType === "checkbox") return boxes.filter((box) => box.checked).map((box) => box.value);
  if (each.fieldType === "radio") return boxes.find((box) => box.checked)?.value ?? "";
  return form.elements.namedItem(each.name).value.trim();
}
