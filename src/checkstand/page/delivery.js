// The second step: where everything goes, and how. One address, one place to pick up, or several of both with the units that go there.

import { inLines, inOneLine, isComplete } from "./address.js";
import { addressEntry } from "./book.js";
import { button, el } from "./elements.js";
import { described, grouped, held, shippable, unassigned, units, variants } from "./goods.js";
import { stepper } from "./stepper.js";

export const title = "Delivery";

export const isNeeded = ({ checkout }) => shippable(checkout.cart.lineItems).length > 0;

const isSettled = (consignment) => Boolean(consignment.selectedShippingOption || consignment.selectedPickupOption);

export const isDone = ({ checkout }) =>
  checkout.consignments.length > 0 && unassigned(checkout).length === 0 && checkout.consignments.every(isSettled);

/** "one", "pickup" or "several": what the shopper chose, else what the checkout looks like. */
function modeOf({ checkout, mode }) {
  if (mode) return mode;
  if (checkout.consignments.length > 1 || (checkout.consignments.length === 1 && unassigned(checkout).length > 0)) return "several";
  return checkout.consignments[0]?.selectedPickupOption ? "pickup" : "one";
}

export function summary({ checkout, money }) {
  return checkout.consignments.map((consignment) => {
    const goods = grouped(held(checkout, consignment)).map((group) => `${group.quantity} × ${described(group)}`);
    const how = consignment.selectedPickupOption ? "Pick-up, free" : `${consignment.selectedShippingOption?.description}, ${money(consignment.shippingCost)}`;
    return el(
      "div",
      { class: "brief" },
      el("p", {}, consignment.selectedPickupOption ? placeLine(consignment) : [inLines(consignment.address)[0], " · ", inOneLine(consignment.address)].join("")),
      checkout.consignments.length > 1 ? el("p", { class: "quiet" }, goods.join(", ")) : null,
      el("p", { class: "quiet" }, how),
    );
  });
}

const placeLine = (consignment) => [consignment.address.firstName, inOneLine(consignment.address)].filter(Boolean).join(" · ");

export function body(state, actions) {
  const mode = modeOf(state);
  const views = { one: oneAddress, pickup: onePlace, several: severalPlaces };
  return [modes(state, mode, actions), ...views[mode](state, actions)];
}

function modes(state, mode, actions) {
  const { hasMultiShippingEnabled } = state.settings.storeConfig.checkoutSettings;
  const several = shippable(state.checkout.cart.lineItems).reduce((sum, line) => sum + line.quantity, 0) > 1;
  const kinds = [["one", "Ship to one address"], ["pickup", "Pick up"], ...(hasMultiShippingEnabled && several ? [["several", "Several places"]] : [])];
  return el(
    "fieldset",
    { class: "segments" },
    el("legend", { class: "hidden" }, "How do you want to get your order?"),
    kinds.map(([value, label]) =>
      el(
        "label",
        {},
        el("input", { type: "radio", name: "mode", id: `mode-${value}`, value, checked: value === mode, onchange: () => actions.setMode(value) }),
        el("span", {}, label),
      ),
    ),
  );
}

// ---------------------------------------------------------------------------------------------------- one address

function oneAddress(state, actions) {
  const { checkout } = state;
  const consignment = checkout.consignments.find((each) => !each.selectedPickupOption);
  const isKnown = consignment && isComplete(consignment.address) && unassigned(checkout).length === 0 && checkout.consignments.length === 1;
  if (!isKnown || state.editing === consignment.id) {
    return [
      addressEntry({
        id: "shipping",
        customer: checkout.customer,
        fields: state.fields.shippingAddress,
        countries: state.shippingCountries,
        value: consignment?.address ?? state.draft ?? {},
        label: "Show ways to ship",
        submit: (address) => actions.shipAll(address),
        cancel: isKnown ? () => actions.edit(null) : null,
      }),
    ];
  }
  return [destination(consignment, () => actions.edit(consignment.id)), options(state, consignment, actions), onwards(state, actions)];
}

function destination(consignment, edit) {
  return el(
    "div",
    { class: "destination" },
    el("address", {}, inLines(consignment.address).map((line) => el("span", {}, line))),
    edit && button("Edit", { kind: "link", id: `edit-${consignment.id}`, onclick: edit, "aria-label": `Edit the address ${inOneLine(consignment.address)}` }),
  );
}

function options(state, consignment, actions) {
  const offered = consignment.availableShippingOptions ?? [];
  if (!offered.length) {
    const text = state.settings.storeConfig.checkoutSettings.shippingQuoteFailedMessage;
    return el("p", { class: "notice", role: "alert" }, text);
  }
  const chosen = consignment.selectedShippingOption?.id;
  return el(
    "fieldset",
    { class: "options" },
    el("legend", {}, "Shipping"),
    offered.map((option) =>
      el(
        "label",
        { class: "option" },
        el("input", {
          type: "radio",
          name: `option-${consignment.id}`,
          id: `option-${consignment.id}-${option.id}`,
          checked: option.id === chosen,
          onchange: () => actions.choose(consignment, option),
        }),
        el(
          "span",
          { class: "option-name" },
          option.description,
          el("span", { class: "quiet" }, [option.transitTime, option.additionalDescription].filter(Boolean).join(" · ")),
        ),
        el("span", { class: "amount" }, option.cost ? state.money(option.cost) : "Free"),
      ),
    ),
  );
}

function onwards(state, actions) {
  const left = unassigned(state.checkout);
  const open = state.checkout.consignments.filter((each) => !isSettled(each));
  const missing = left.length ? "Everything needs a place first." : open.length ? "Choose a way to ship for each place." : "";
  return el(
    "div",
    { class: "actions" },
    button("Continue to payment", {
      kind: "main",
      id: "delivery-submit",
      "aria-describedby": left.length ? "left" : "delivery-missing",
      onclick: () => (missing ? actions.say(missing) : actions.deliveryDone()),
    }),
    left.length ? null : el("p", { class: "quiet", id: "delivery-missing" }, missing),
  );
}

const listed = (groups) => groups.map((group) => `${group.quantity} × ${described(group)}`).join(", ");

// ---------------------------------------------------------------------------------------------------- pick-up

function onePlace(state, actions) {
  const { checkout } = state;
  const [consignment] = checkout.consignments;
  const isKnown = checkout.consignments.length === 1 && consignment.selectedPickupOption && unassigned(checkout).length === 0;
  if (isKnown && state.editing !== consignment.id) {
    return [pickedUp(consignment, () => actions.edit(consignment.id)), onwards(state, actions)];
  }
  const everything = grouped(shippable(checkout.cart.lineItems));
  return [places(state, actions, "place", variants(everything), (method) => actions.pickUpAll(method), isKnown ? () => actions.edit(null) : null)];
}

function pickedUp(consignment, edit) {
  return el(
    "div",
    { class: "destination" },
    el("address", {}, el("span", { class: "strong" }, consignment.address.firstName || "Pick-up"), inLines({ ...consignment.address, firstName: "", lastName: "" }).map((line) => el("span", {}, line)), el("span", { class: "quiet" }, "Pick-up, free")),
    edit && button("Change", { kind: "link", id: `edit-${consignment.id}`, onclick: edit, "aria-label": "Change the place" }),
  );
}

/** Where the shopper said they are or want something, as far as that tells which place is near: by the same postal code, city, state. */
function nearness(state) {
  const known = state.checkout.consignments.find((each) => !each.selectedPickupOption)?.address ?? state.checkout.billingAddress ?? {};
  const isAlike = (place, name) => Boolean(known[name]) && known[name].toLowerCase() === place[name].toLowerCase();
  return (place) => {
    if (!isAlike(place, "countryCode")) return 0;
    if (isAlike(place, "postalCode")) return 3;
    if (!isAlike(place, "stateOrProvinceCode")) return 0;
    return isAlike(place, "city") ? 2 : 1;
  };
}

/**
 * The list of places that have these goods, the nearest first once the shopper says where they are. Until then those that are where
 * their address is come first, and the others in the order of their ids: an address has no coordinates, so there is no distance to tell.
 */
function places(state, actions, id, wanted, pick, cancel) {
  const list = el("div", { class: "stack", id: `${id}-list` }, el("p", { class: "loading" }, el("span", { class: "spinner", "aria-hidden": "true" }), " Looking for places …"));
  const near = button("Use my location", { kind: "link", id: `${id}-near`, onclick: locate });
  const said = el("p", { class: "quiet", role: "status" });

  async function show(position) {
    const found = await actions.places(wanted, position);
    const near = nearness(state);
    const options = (found.results[0]?.options ?? []).map((option, at) => ({ method: option.pickupMethod, place: found.results[0].places[at] }));
    if (!position) options.sort((one, other) => near(other.place) - near(one.place) || one.method.id - other.method.id);
    const choices = options.map(({ method, place }) => {
      return el(
        "div",
        { class: "place" },
        el(
          "div",
          {},
          el("p", { class: "strong" }, method.displayName),
          el("p", {}, [place.address1, place.city, place.stateOrProvinceCode, place.postalCode].filter(Boolean).join(", ")),
          el("p", { class: "quiet" }, [position ? `${place.distance} mi away` : "", method.collectionTimeDescription].filter(Boolean).join(" · ")),
        ),
        button("Choose", { id: `${id}-${method.id}`, "aria-label": `Choose ${method.displayName}`, onclick: () => pick(method) }),
      );
    });
    list.replaceChildren(...(choices.length ? choices : [el("p", { class: "notice" }, "No place has all of this at the moment. Ship it, or pick up less.")]));
  }

  function locate() {
    said.textContent = "Looking for where you are …";
    const failed = () => (said.textContent = "Your location is not known.");
    if (!navigator.geolocation) return failed();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        said.textContent = "The nearest places come first.";
        show(coords).catch(actions.fail);
      },
      failed,
      { timeout: 10000 },
    );
  }

  show(null).catch(actions.fail);
  return el("section", { class: "stack", "aria-label": "Places to pick up" }, el("div", { class: "row" }, el("p", {}, "Where do you want to pick it up?"), near), said, list, cancel && el("div", { class: "actions" }, button("Cancel", { id: `${id}-cancel`, onclick: cancel })));
}

// ---------------------------------------------------------------------------------------------------- several places

function severalPlaces(state, actions) {
  const { checkout } = state;
  const left = grouped(unassigned(checkout));
  const cards = checkout.consignments.map((consignment, at) => card(state, consignment, at, actions));
  const nothingElse = state.adding || left.length === 0;
  return [
    left.length ? el("p", { class: "notice", id: "left" }, el("span", { class: "strong" }, cards.length ? "Still to be placed: " : "Nothing is placed yet: "), listed(left)) : null,
    ...cards,
    state.adding ? adding(state, actions) : null,
    nothingElse
      ? null
      : el(
          "div",
          { class: "actions" },
          button("Add an address", { id: "add-address", onclick: () => actions.add("address") }),
          button("Add a pick-up", { id: "add-pickup", onclick: () => actions.add("pickup") }),
        ),
    state.adding ? null : onwards(state, actions),
  ];
}

function card(state, consignment, at, actions) {
  const isPickUp = Boolean(consignment.selectedPickupOption);
  const name = isPickUp ? consignment.address.firstName || "Pick-up" : inOneLine(consignment.address);
  const isOpen = state.editing === consignment.id;
  const heading = el("h3", { id: `card-${at}`, tabindex: "-1" }, isPickUp ? `Pick-up ${at + 1}` : `Address ${at + 1}`);
  const remove = button("Remove", { kind: "link", id: `remove-${consignment.id}`, "aria-label": `Remove ${name}`, onclick: () => actions.remove(consignment) });
  const place = isPickUp ? pickedUp(consignment, null) : destination(consignment, isOpen ? null : () => actions.edit(consignment.id));
  const form =
    isOpen && !isPickUp
      ? addressEntry({
          id: `address-${at}`,
          customer: state.checkout.customer,
          fields: state.fields.shippingAddress,
          countries: state.shippingCountries,
          value: consignment.address,
          autocomplete: "off",
          label: "Save the address",
          submit: (address) => actions.moveTo(consignment, address),
          cancel: () => actions.edit(null),
        })
      : place;
  return el("section", { class: "card stack", "aria-labelledby": `card-${at}` }, el("div", { class: "row" }, heading, remove), form, contents(state, consignment, actions), isPickUp ? null : options(state, consignment, actions));
}

/** How many units of each goods go there; more can be taken of what is placed nowhere. */
function contents(state, consignment, actions) {
  const { checkout } = state;
  const own = held(checkout, consignment);
  const free = unassigned(checkout);
  const groups = grouped([...own, ...free]);
  const here = new Map(grouped(own).map((group) => [group.key, group.quantity]));
  const set = (key, quantity) => {
    const wanted = new Map(here).set(key, quantity);
    actions.fillWith(consignment, units([...own, ...free], wanted));
  };
  return el(
    "ul",
    { class: "contents" },
    groups.map((group, at) => stepper(`units-${consignment.id}-${at}`, group, here.get(group.key) ?? 0, group.quantity, (quantity) => set(group.key, quantity))),
  );
}

/** A form for one more place: units first, then where they go. */
function adding(state, actions) {
  const free = unassigned(state.checkout);
  const groups = grouped(free);
  const wanted = new Map(groups.map((group) => [group.key, group.quantity]));
  const list = el("ul", { class: "contents" });
  const place = el("div");
  const isPickUp = state.adding === "pickup";

  function draw() {
    const rows = groups.map((group, at) =>
      stepper(`new-${at}`, group, wanted.get(group.key), group.quantity, (quantity) => {
        const { id } = document.activeElement;
        wanted.set(group.key, quantity);
        draw();
        (document.getElementById(id)?.disabled ? document.getElementById(id.replace(/less|more/, (end) => (end === "less" ? "more" : "less"))) : document.getElementById(id))?.focus();
        if (isPickUp) search();
      }),
    );
    list.replaceChildren(...rows);
  }

  const taken = () => units(free, wanted);
  const isEmpty = () => taken().length === 0;

  function search() {
    const asked = groups.map((group) => ({ ...group, quantity: wanted.get(group.key) })).filter((group) => group.quantity > 0);
    place.replaceChildren(
      isEmpty()
        ? el("div", { class: "stack" }, el("p", { class: "notice" }, "Choose at least one thing."), el("div", { class: "actions" }, button("Cancel", { id: "new-place-cancel", onclick: () => actions.add(null) })))
        : places(state, actions, "new-place", variants(asked), (method) => actions.addPickUp(method, taken()), () => actions.add(null)),
    );
  }

  draw();
  if (isPickUp) search();
  else {
    place.append(
      addressEntry({
        id: "new",
        customer: state.checkout.customer,
        taken: state.checkout.consignments.map((each) => each.address),
        fields: state.fields.shippingAddress,
        countries: state.shippingCountries,
        value: state.checkout.consignments.length ? {} : (state.checkout.billingAddress ?? {}),
        autocomplete: "off",
        label: "Send these here",
        submit: (address) => (isEmpty() ? actions.say("Choose at least one thing that goes there.") : actions.addAddress(address, taken())),
        cancel: () => actions.add(null),
      }),
    );
  }
  return el("section", { class: "card stack", "aria-labelledby": "new-heading" }, el("h3", { id: "new-heading", tabindex: "-1" }, isPickUp ? "A pick-up" : "A new address"), el("p", { class: "quiet" }, "What goes there?"), list, place);
}

