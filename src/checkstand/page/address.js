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

/** Whether there is an address to show in the place of its form. What the form would say of it `lacking` tells. */
export const isComplete = (address) => Boolean(address?.address1 && address.firstName && address.lastName && address.city && address.countryCode);

// ---------------------------------------------------------------------------------------------------- what will do

const hasSubdivisions = (country) => Boolean(country?.subdivisions.length);

const isShown = (each, country) => each.name !== "postalCode" || country?.hasPostalCodes !== false;

function isRequired(each, country) {
  if (each.name === "stateOrProvince") return country?.requiresState ?? false;
  if (each.name === "postalCode") return country?.hasPostalCodes ?? true;
  return each.required;
}

const inOrder = (fields) => ORDER.map((name) => fields.find((each) => each.name === name)).filter(Boolean);

const isTooLong = (each, text) => Boolean(each.maxLength) && [...text].length > each.maxLength;

/** What a form of these fields says against an address: `[[name of the field, sentence]]`. */
export function lacking(address, fields, countries) {
  const country = countries.find((each) => each.code === address.countryCode);
  const found = [];
  for (const each of inOrder(fields).filter((one) => isShown(one, country))) {
    const label = labelOf(each);
    const isChosen = each.name === "countryCode" || (each.name === "stateOrProvince" && hasSubdivisions(country));
    const text = ((isChosen && address[`${each.name}Code`]) || address[each.name] || "").trim();
    if (!text && isRequired(each, country)) found.push([each.name, isChosen ? `Choose a ${label.toLowerCase()}.` : `Enter the ${label.toLowerCase()}.`]);
    else if (!isChosen && isTooLong(each, text)) found.push([each.name, `${label} may have ${each.maxLength} characters at most.`]);
  }
  return [...found, ...ownLacking(address.customFields ?? [], fields.filter((each) => each.custom))];
}

/** The same of a shop's own fields alone; the rules are those the server has for orders. */
function ownLacking(values, own) {
  const found = own.map((each) => {
    const value = values.find((one) => one.fieldId === each.id)?.fieldValue ?? "";
    return [each.name, ownComplaint(each, [value].flat().map((text) => text.trim()).filter(Boolean))];
  });
  return found.filter(([, complaint]) => complaint);
}

function ownComplaint(each, texts) {
  const { label, options, min, max } = each;
  const [text] = texts;
  if (!texts.length) return each.required ? `${label} is needed.` : "";
  if (options?.items) return texts.every((one) => options.items.some((item) => one === item.value || one === item.label)) ? "" : `${label}: choose one of what there is.`;
  if (isTooLong(each, text)) return `${label} may have ${each.maxLength} characters at most.`;
  if (each.fieldType === "date") {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return `${label} must be a day.`;
    if (min && text < min) return `${label} must be ${day(min)} or later.`;
    return max && text > max ? `${label} must be ${day(max)} or earlier.` : "";
  }
  if (each.type !== "integer") return "";
  if (!/^[+-]?\d+$/.test(text)) return `${label} must be a whole number.`;
  if (min && Number(text) < Number(min)) return `${label} must be ${min} or more.`;
  return max && Number(text) > Number(max) ? `${label} must be ${max} or less.` : "";
}

const day = (text) => new Date(`${text}T12:00`).toLocaleDateString("en", { dateStyle: "long" });

/** Fields by the names that the server's sentences have for them. */
const IN_SENTENCES = {
  first_name: ["firstName", "first name"], last_name: ["lastName", "last name"], address1: ["address1", "address"], city: ["city", "city"], country_code: ["countryCode", "country"],
  state_or_province: ["stateOrProvince", "state"], postal_code: ["postalCode", "postal code"],
};
const NAMES = new RegExp(`\\b(${Object.keys(IN_SENTENCES).join("|")})\\b`, "g");

/** A sentence of the server's about an address, in the page's words for fields. */
export const inWords = (sentence) => sentence.replace(NAMES, (name) => `the ${IN_SENTENCES[name][1]}`);

/** What it says against fields, `[[name of the field, sentence]]`. */
export const blamed = (sentence) => [...sentence.matchAll(NAMES)].map(([name]) => [IN_SENTENCES[name][0], `Have another look at the ${IN_SENTENCES[name][1]}.`]);

// ---------------------------------------------------------------------------------------------------- the form

/**
 * `fields`: of the shop's form; `value`: what is known; `submit(address)` is called with what was typed once it will do. The element's
 * `given(against)` answers what was typed as well, and null after saying what is wrong with it: what the form finds and what is in
 * `against`, `[[name of the field, sentence]]`. `typed()`: what stands there, however it is. `finish(address)` makes of it what is given.
 */
export function addressForm({ id, fields, countries, value = {}, autocomplete = "shipping", label, submit, cancel = null, extra = null, finish = (address) => address }) {
  const rows = el("div", { class: "grid" });
  const form = el("form", { novalidate: true, class: "stack entry", id }, rows, extra);
  const system = inOrder(fields);
  const own = fields.filter((each) => each.custom);
  const typed = { countryCode: countries.some((each) => each.code === "US") ? "US" : (countries[0]?.code ?? ""), ...filledIn(value) };

  const country = () => countries.find((each) => each.code === typed.countryCode);
  const place = (name) => `${id}-${name}`;
  const ownControls = own.map((each) => ownControl(each, place(each.name), value)); // made once: another country leaves them alone

  /** All but the country, which is chosen letter by letter, are made anew for another one. */
  function controls() {
    const [first, ...others] = system.filter((each) => isShown(each, country()));
    for (const old of [...rows.children].slice(1)) old.remove();
    if (!rows.firstChild) rows.append(control(first));
    rows.append(...others.map(control), ...ownControls);
  }

  function changeCountry() {
    read();
    Object.assign(typed, { stateOrProvince: "", stateOrProvinceCode: "" });
    controls();
  }

  function control(each) {
    const { name } = each;
    const known = typed[name] ?? "";
    const attributes = { name, autocomplete: autocomplete === "off" ? "off" : `${autocomplete} ${AUTOCOMPLETE[name]}`, value: known };
    let input;
    if (name === "countryCode") {
      const options = countries.map(({ code, name: text }) => el("option", { value: code }, text));
      input = el("select", { ...attributes, value: undefined, onchange: changeCountry }, options);
      input.value = known;
    } else if (name === "stateOrProvince" && hasSubdivisions(country())) {
      const options = country().subdivisions.map(({ code, name: text }) => el("option", { value: code }, text));
      input = el("select", { ...attributes, value: undefined }, el("option", { value: "" }, "Choose"), options);
      input.value = typed.stateOrProvinceCode || known;
    } else {
      input = el("input", { ...attributes, type: name === "phone" ? "tel" : "text", maxlength: each.maxLength || (name === "phone" ? 50 : 255) });
    }
    const made = field(place(name), labelOf(each), input, { optional: !isRequired(each, country()) });
    if (NARROW.has(name)) made.classList.add("half");
    if (isRequired(each, country())) input.required = true;
    return made;
  }

  function read() {
    for (const { name } of system) {
      const input = form.elements.namedItem(name);
      if (input) typed[name] = input.value.trim();
    }
    const isChosen = hasSubdivisions(country());
    typed.stateOrProvinceCode = isChosen ? typed.stateOrProvince : "";
    return {
      firstName: "", lastName: "", company: "", address1: "", address2: "", city: "", postalCode: "", phone: "",
      ...typed,
      ...(country()?.hasPostalCodes === false ? { postalCode: "" } : {}),
      stateOrProvince: isChosen ? "" : (typed.stateOrProvince ?? ""),
      customFields: ownValues(form, own),
    };
  }

  form.typed = read;
  form.given = (against = []) => {
    const address = read();
    const complaints = [...against, ...lacking(address, fields, countries)].map(([name, text]) => [place(name), text]);
    return check(form, complaints) ? finish(address) : null;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = form.given();
    if (address) submit(address);
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

export const ownComplaints = (values, own, place) => ownLacking(values, own).map(([name, text]) => [place(name), text]);

export function ownControl(each, id, address) {
  const items = each.options?.items ?? [];
  const placeOf = (text) => items.find((item) => item.value === text || item.label === text)?.value ?? text; // others may name an option by its text
  const given = (address.customFields ?? []).find((one) => one.fieldId === each.id)?.fieldValue ?? each.default ?? "";
  const known = Array.isArray(given) ? given.map(placeOf) : placeOf(given);
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
    input = el("textarea", { name: each.name, rows: each.options?.rows ?? 3, maxlength: each.maxLength, value: known });
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
  const control = form.elements.namedItem(each.name);
  return control.validity.badInput ? "?" : control.value.trim(); // browsers keep to themselves what is typed there and is no number or day
}
