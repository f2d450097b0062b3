// The verify page: checks a proof bundle in this browser, with no server. What it needs is fetched when it opens, and nothing after.

import { render } from "preact";
import "@fontsource-variable/inter/wght.css";
import "../styles/base.css";
import "../panels/controls/controls.css";
import "./verify.css";
import { decideEd25519With } from "../../ledger/protocol/ed25519.ts";
import { loadEd25519 } from "../../wasm-core/bindings/ed25519-browser.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import { loadWordLists } from "../core/fingerprint-words.ts";
import { language, languageOf } from "../core/language.ts";
import "./words.ts";
import { VerifyPage } from "./page.tsx";
import { warmUp } from "./pictures.ts";

decideEd25519With(loadEd25519);
language.value = languageOf(navigator.languages);
const root = document.getElementById("verify");
if (root === null) throw new Error("index.html has lost its root");
render(<VerifyPage />, root);
// While there is a network: all that the page may need, for there may be none when it does.
void Promise.allSettled([loadLightCore(), loadEd25519(), loadWordLists(), warmUp(), import("../styles/korean.ts")]);
