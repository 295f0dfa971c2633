// A customer's address book: a saved address is one choice, typing another is the last one.

import { addressForm, inLines, inOneLine, lacking } from "./address.js";
import { button, el } from "./elements.js";

const NAMES = ["firstName", "lastName", "company", "address1", "address2", "city", "stateOrProvince", "stateOrProvinceCode", "countryCode", "postalCode", "phone"];

const isSame = (one, other) => NAMES.every((name) => (one[name] ?? "") === (other[name] ?? ""));

/** An address of the book as a body that is sent. */
export const plain = (address) => ({ ...Object.fromEntries(NAMES.map((name) => [name, address[name] ?? ""])), customFields: address.customFields ?? [] });

/**
 * Where something goes: the same as `addressForm`, after the addresses that `customer` has. An address with `shouldSaveAddress` is to be kept
 * in the book. What is in `taken` goes there already, so it is not the first choice. A saved address that the shop's form would not take is
 * shown in the form, to be mended.
 */
export function addressEntry({ customer, taken = [], ...options }) {
  if (!customer || customer.isGuest) return addressForm(options);
  const { id, fields, countries, value = {}, label, submit, cancel = null } = options;
  const book = customer.addresses.filter((address) => countries.some((each) => each.code === address.countryCode));
  const keep = el("input", { type: "checkbox", id: `${id}-keep`, checked: true });
  const kept = (address) => (keep.checked ? { ...address, shouldSaveAddress: true } : address);
  const extra = el("label", { class: "choice", for: `${id}-keep` }, keep, el("span", {}, "Keep it in my address book"));
  const filled = (known) => addressForm({ ...options, value: known, extra, finish: kept });
  const known = book.findIndex((address) => isSame(address, value));
  const isToMend = Boolean(value.address1) && lacking(value, fields, countries).length > 0;
  let form = filled(known >= 0 && !isToMend ? {} : value);
  if (!book.length) return form;

  const fresh = book.findIndex((address) => !taken.some((each) => isSame(address, each)));
  let chosen = known >= 0 && !isToMend ? known : value.address1 || fresh < 0 ? book.length : fresh;
  const below = el("div");
  /** The chosen address; null: the form says what is still to be said of it. */
  const given = (against = []) => {
    if (chosen === book.length) return form.given(against);
    const address = plain(book[chosen]);
    if (!against.length && !lacking(address, fields, countries).length) return address;
    form = filled(address);
    entry.querySelector(`#${CSS.escape(id)}-book-${book.length}`).checked = true;
    show(book.length);
    form.given(against);
    return null;
  };
  const useChosen = () => {
    const address = given();
    if (address) submit(address);
  };
  const use = () => el("div", { class: "actions" }, button(label, { kind: "main", id: `${id}-use`, onclick: useChosen }), cancel && button("Cancel", { id: `${id}-back`, onclick: cancel }));
  const show = (at) => {
    chosen = at;
    below.replaceChildren(at < book.length ? use() : form);
  };
  const choice = (at, ...texts) =>
    el(
      "label",
      { class: "option" },
      el("input", { type: "radio", name: `${id}-book`, id: `${id}-book-${at}`, checked: at === chosen, onchange: () => show(at) }),
      el("span", { class: "option-name" }, texts),
    );
  const choices = book.map((address, at) => choice(at, inOneLine(address), el("span", { class: "quiet" }, inLines({ firstName: address.firstName, lastName: address.lastName }).join(" "))));
  show(chosen);
  const entry = el("div", { class: "stack entry" }, el("fieldset", { class: "options" }, el("legend", {}, "Your addresses"), choices, choice(book.length, "Another address")), below);
  return Object.assign(entry, { given });
}
