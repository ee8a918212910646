// Starts the page. It uses the npm package and nothing else.

import { version } from "../lib/index.js";
import { changesPanel } from "./changes.js";
import { byId, messageOf } from "./dom.js";
import { takeFiles } from "./drop.js";
import { deidentifier } from "./engine.js";
import { filesTable } from "./files.js";
import { listForms } from "./list.js";
import { countRequests } from "./loaded.js";
import { progressBar } from "./progress.js";
import { riskQuestion } from "./risks.js";
import { rulesPanel } from "./rules.js";
import { saveBar } from "./saving.js";
import { draft, settingsForm } from "./settings.js";
import { state, update } from "./store.js";

// First, as the engine compiles while the page is built.
const loading = version();
filesTable();
progressBar();
saveBar();
changesPanel();
riskQuestion();
listForms();

try {
  update({ version: await loading, settings: draft() });
  settingsForm();
  rulesPanel();
  takeFiles();
  performance.mark("lethe-ready");
  // The first drop should find workers that have started.
  const started = deidentifier(state.settings).catch((error) => update({ failure: messageOf(error) }));
  countRequests(started);
} catch (error) {
  byId("loaded").textContent = `Lethe cannot start in this browser: ${messageOf(error)}`;
}
