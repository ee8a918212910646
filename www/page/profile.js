// The Options of the Standard's profile in the form, in plain words. docs/CONFIG.md has them by name.

import { byId, input } from "./dom.js";
import { state, watch } from "./store.js";
import { h, render } from "preact";

/** @typedef {{ preset?: unknown, profile_options?: unknown }} Own what the user's own rules say in their general section */

/** The preset that has Options. */
const PROFILE = "ps3.15";

/** What becomes of dates, which is one of three: name, label, hint. @type {[string, string, string][]} */
const DATES = [
  ["", "Remove them", "Where one must be, it becomes 1 January 1900."],
  ["retain_full_dates", "Keep dates and times", "The birth date goes all the same."],
  ["retain_modified_dates", "Move dates by a secret number of days", "The same number for all files of a patient: intervals stay true. Times of day stay."],
];

/** What else may stay: name, label, hint. @type {[string, string, string][]} */
const OTHERS = [
  ["retain_patient_characteristics", "Keep age, sex, size and weight", "And what is like them, such as smoking or pregnancy. Ages over 89 become 90. Texts about the patient are cleaned."],
  ["clean_descriptors", "Keep descriptions, cleaned", "Words of radiology and technical numbers stay. All other words go."],
  ["clean_structured_content", "Keep structured reports, cleaned", "Measurements and codes stay. Names and texts are cleaned."],
  ["clean_graphics", "Keep drawings and overlays, cleaned", "What is drawn stays, texts beside it are cleaned."],
  ["retain_device_identity", "Keep the device", "Its name, serial number and station."],
  ["retain_institution_identity", "Keep the institution", "Its name, address and department."],
  ["retain_uids", "Keep UIDs", "Whoever has the originals can find them by these numbers."],
  ["retain_safe_private", "Keep safe private elements", "Only those that the Standard lists as safe."],
];

/** @param {(text: string) => Own} general reads the user's own rules */
export function profileFields(general) {
  render([
    h("p", { class: "hint", id: "profile-hint" }),
    h("fieldset", null, h("legend", null, "Dates and times"), DATES.map((choice) => h(Choice, { type: "radio", choice }))),
    h("fieldset", null, h("legend", null, "Other details"), OTHERS.map((choice) => h(Choice, { type: "checkbox", choice }))),
  ], byId("profile-choices"));
  input("dates-removed").checked = true;
  watch(() => draw(speaker(general(state.settings.text))));
}

/** @param {{ type: "radio" | "checkbox", choice: [string, string, string] }} props */
function Choice({ type, choice: [name, label, hint] }) {
  const id = name || "dates-removed";
  return h("div", { class: "choice" },
    h("input", { type, id, name: type === "radio" ? "dates" : id, value: name, "aria-describedby": `${id}-hint` }),
    h("label", { for: id }, label),
    h("p", { class: "hint", id: `${id}-hint` }, hint));
}

/** The Options that count: the form's, unless the user's own rules speak of them. @param {string} preset @param {Own} own @returns {string[]} */
export function optionsOf(preset, own) {
  if (preset !== PROFILE || speaker(own)) return [];
  const chosen = /** @type {NodeListOf<HTMLInputElement>} */ (byId("profile").querySelectorAll("input:checked"));
  return [...chosen].map(({ value }) => value).filter(Boolean);
}

/** What the user's own rules name, so that the form's Options do not count. @param {Own} own */
function speaker({ preset, profile_options }) {
  // Options of the form with another preset would be an error in a text that the user never sees.
  return preset !== undefined ? "a preset" : profile_options !== undefined ? "Options" : "";
}

/** @param {string} named what the user's own rules name */
function draw(named) {
  const profile = /** @type {HTMLFieldSetElement} */ (byId("profile"));
  profile.hidden = state.settings.preset !== PROFILE;
  profile.disabled = named !== "";
  byId("profile-hint").textContent = named ? `Not used: your own rules name ${named} themselves.` : "The profile alone removes all of this. Files say what was kept.";
}
