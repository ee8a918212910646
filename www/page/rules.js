// What the settings do, as a table: each Attribute, what happens to it, and which rule says so.

import { button, byId, messageOf, plural } from "./dom.js";
import { rulesOf } from "./engine.js";
import { Pager, pageOf } from "./paged.js";
import { general } from "./settings.js";
import { settingsAreGood, state, update, watch } from "./store.js";
import { Row, Table, tagPath, words } from "./table.js";
import { h, render } from "preact";

/** @import { Rule } from "../lib/types.js" */

const SIZE = 100;

let query = "";
let page = 0;
/** The settings that `state.rules` belongs to. */
let shownFor = "";
/** The settings whose `print_assignment` was followed: closing the table must not open it again. */
let opened = "";

export function rulesPanel() {
  button("show-rules").disabled = false;
  button("show-rules").addEventListener("click", async () => {
    if (state.rules) return hide();
    await show();
    await new Promise(requestAnimationFrame); // it has been drawn
    byId("rules").focus();
    byId("rules").scrollIntoView({ block: "start" });
  });
  watch(follow);
  watch(draw);
}

function hide() {
  shownFor = "";
  update({ rules: null });
}

async function show() {
  shownFor = JSON.stringify(state.settings);
  try {
    update({ rules: await rulesOf(state.settings) });
  } catch (error) {
    update({ failure: messageOf(error) });
  }
}

/** Keeps the table that is shown in step with the settings; `print_assignment` opens it when they are applied. */
function follow() {
  const now = JSON.stringify(state.settings);
  if (!settingsAreGood()) return;
  const asked = now === JSON.stringify(state.applied) && now !== opened && String(general(state.settings.text).print_assignment) === "true";
  if (asked) opened = now;
  if (asked || (state.rules && shownFor !== now)) show();
}

function draw() {
  byId("rules").hidden = !state.rules;
  button("show-rules").setAttribute("aria-expanded", String(state.rules !== null));
  render(state.rules ? "Hide what these settings do" : "Show what these settings do", button("show-rules"));
  render(state.rules && h(Rules, { rules: state.rules }), byId("rules-table"));
}

/** @param {{ rules: Rule[] }} props */
function Rules({ rules }) {
  const wanted = query.trim().toLowerCase();
  const shown = wanted ? rules.filter((rule) => Object.values(rule).some((text) => text.toLowerCase().includes(wanted))) : rules;
  const part = pageOf(shown, page, SIZE);
  return [
    h("div", { class: "tools" },
      h("label", null, "Search ", h("input", { type: "search", value: query, onInput: (event) => search(event.currentTarget.value) })),
      h("span", { class: "quiet", role: "status" }, plural(shown.length, "rule"))),
    h(Table, { class: "rules", label: "Rules", head: ["Tag", "Name", "VR", "Action", "Rule"], rows: part.rows.map((rule) => h(RuleRow, { rule })) }),
    h(Pager, { ...part, what: "the rules", go: (at) => { page = at; update(); } }),
  ];
}

/** @param {string} text */
function search(text) {
  query = text;
  page = 0;
  update();
}

/** @param {{ rule: Rule }} props */
function RuleRow({ rule: { address, keyword, vr, action, because } }) {
  return h(Row, { cells: [["tag", tagPath(address)], ["keyword", words(keyword)], ["vr", vr], ["action", action], ["because", because]] });
}
