// The page: what is to be checked comes in as text, file, picture, camera or link; out comes one verdict in words.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { fromBundleText, joinQrParts, type QrPart, readQrText } from "../../ledger/light/bundle/text-forms.ts";
import type { BundleVerdict } from "../../ledger/light/bundle/verify-bundle.ts";
import { loadLightCore } from "../../wasm-core/bindings/light-browser.ts";
import { language, languages, t } from "../core/language.ts";
import { Icon } from "../panels/controls/icon.tsx";
import { judge, readTold } from "./check.ts";
import { codesIn, watchCamera } from "./pictures.ts";
import { Share } from "./share.tsx";
import { Verdict } from "./verdict.tsx";

/** What a file may have at most: text takes a third more than bytes. */
const fileBytesMax = 4 * 1024 * 1024;
const partsMax = 99;

interface Checked {
  readonly bytes: Uint8Array;
  readonly verdict: BundleVerdict;
}
type Trouble = "not-a-proof" | "no-code" | "too-large" | "camera" | null;

export function VerifyPage(): JSX.Element {
  const [text, setText] = useState("");
  const [told, setTold] = useState("");
  const [toldWrong, setToldWrong] = useState(false);
  const [checked, setChecked] = useState<Checked | null>(null);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const [parts, setParts] = useState<readonly QrPart[]>([]);
  const [camera, setCamera] = useState(false);
  const [busy, setBusy] = useState(false);
  const result = useRef<HTMLDivElement>(null);
  const gathered = useRef<readonly QrPart[]>([]);
  const turn = useRef(0);

  const fail = (why: Exclude<Trouble, null>): void => {
    setChecked(null);
    setTrouble(why);
  };
  const check = async (bytes: Uint8Array, hint = told): Promise<void> => {
    const mine = ++turn.current;
    setBusy(true);
    setTrouble(null);
    const given = await readTold(hint);
    setToldWrong(given === null);
    const verdict = await judge(bytes, given ?? {}).catch(
      (error: unknown): BundleVerdict => ({ state: "unverified", detail: String(error) }),
    );
    // A newer question has come meanwhile.
    if (mine !== turn.current) return;
    setBusy(false);
    setChecked({ bytes, verdict });
    requestAnimationFrame(() => result.current?.focus({ preventScroll: false }));
  };
  /** A code's part joins those of the same bundle that came before; any other text is a whole bundle. */
  const take = async (given: string): Promise<boolean> => {
    const core = await loadLightCore();
    const part = readQrText(given);
    if (part === null) {
      const bytes = fromBundleText(core, given);
      if (bytes === null) return false;
      await check(bytes);
      return true;
    }
    const same = gathered.current.filter(
      (one) => one.checksum === part.checksum && one.count === part.count && one.number !== part.number,
    );
    gathered.current = [...same, part].slice(-partsMax);
    setParts(gathered.current);
    setTrouble(null);
    const bytes = joinQrParts(core, gathered.current);
    if (bytes === null) return true;
    gathered.current = [];
    setParts([]);
    setCamera(false);
    await check(bytes);
    return true;
  };
  /** A part of the page that could not be loaded is said, not thrown. */
  const guarded = (work: () => Promise<unknown>): void => {
    work().catch((error: unknown) => {
      setBusy(false);
      setTrouble(null);
      setChecked({ bytes: new Uint8Array(), verdict: { state: "unverified", detail: String(error) } });
    });
  };
  const takeText = (given: string): void => {
    setText(given);
    if (given.trim() === "") return;
    guarded(async () => {
      if (!(await take(given))) fail("not-a-proof");
    });
  };
  const takeFiles = (files: readonly File[]): void => guarded(() => readFiles(files));
  const readFiles = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      if (file.type.startsWith("image/")) {
        const codes = await codesIn(file);
        const known = await Promise.all(codes.map(take));
        if (!known.includes(true)) fail("no-code");
      } else if (file.size > fileBytesMax) fail("too-large");
      else {
        const bytes = new Uint8Array(await file.arrayBuffer());
        if (!(await take(new TextDecoder().decode(bytes)))) await check(bytes);
      }
    }
  };

  useEffect(() => {
    const follow = (): void => {
      if (location.hash.length > 1) takeText(location.href);
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language.value;
    document.title = t("verify.page-title");
  }, [language.value]);

  const waiting = parts[0];
  return (
    <main
      class="verify"
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        const { files } = event.dataTransfer ?? {};
        if (files !== undefined && files.length > 0) takeFiles([...files]);
        else takeText(event.dataTransfer?.getData("text") ?? "");
      }}
    >
      <header class="verify-head">
        <div>
          <h1>{t("verify.title")}</h1>
          <p class="quiet">{t("verify.subtitle")}</p>
        </div>
        <select
          aria-label={t("verify.language")}
          value={language.value}
          onChange={({ currentTarget }) => {
            language.value = currentTarget.value === "ko" ? "ko" : "en";
          }}
        >
          {languages.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </header>

      <section class="glass verify-card verify-input" aria-labelledby="verify-give">
        <h2 id="verify-give">{t("verify.give")}</h2>
        <textarea
          data-testid="bundle-text"
          aria-labelledby="verify-give"
          aria-describedby="verify-give-says"
          rows={3}
          spellcheck={false}
          value={text}
          placeholder={t("verify.paste")}
          onInput={({ currentTarget }) => takeText(currentTarget.value)}
        />
        <p id="verify-give-says" class="quiet">
          {t("verify.give-says")}
        </p>
        <div class="verify-actions">
          <label class="secondary button" data-testid="choose-file">
            <Icon name="plus" size={18} />
            {t("verify.file")}
            <input
              type="file"
              class="sr-only"
              multiple
              onChange={({ currentTarget }) => {
                takeFiles([...(currentTarget.files ?? [])]);
                currentTarget.value = "";
              }}
            />
          </label>
          <button
            type="button"
            class="secondary"
            aria-pressed={camera}
            data-testid="scan"
            onClick={() => setCamera(!camera)}
          >
            <Icon name={camera ? "close" : "focus"} size={18} />
            {t(camera ? "verify.scan-stop" : "verify.scan")}
          </button>
        </div>
        {camera ? (
          <Camera
            found={(texts) => {
              guarded(() => Promise.all(texts.map(take)));
            }}
            failed={() => {
              setCamera(false);
              fail("camera");
            }}
          />
        ) : null}
        {waiting === undefined ? null : (
          <p role="status" data-testid="parts">
            {t("verify.parts", { have: parts.length, count: waiting.count })}
          </p>
        )}
      </section>

      <div ref={result} tabIndex={-1} class="verify-result" aria-live="polite" aria-busy={busy}>
        {trouble === null ? null : (
          <section class="glass verify-card" role="alert" data-testid="trouble">
            <h2>
              <Icon name="alert" /> {t(`verify.trouble.${trouble}`)}
            </h2>
            <p class="quiet">{t(`verify.trouble.${trouble}-do`)}</p>
          </section>
        )}
        {checked === null ? null : (
          <>
            <Verdict verdict={checked.verdict} />
            {checked.verdict.state === "verified" || checked.verdict.state === "sound" ? (
              <Share bytes={checked.bytes} />
            ) : null}
          </>
        )}
      </div>

      {checked !== null && checked.verdict.state === "failed" ? null : (
        <section class="glass verify-card verify-told" aria-labelledby="verify-told">
          <h2 id="verify-told">{t("verify.told")}</h2>
          <p class="quiet" id="verify-told-says">
            {t("verify.told-says")}
          </p>
          <input
            type="text"
            data-testid="told"
            aria-labelledby="verify-told"
            aria-describedby="verify-told-says"
            aria-invalid={toldWrong}
            spellcheck={false}
            autocomplete="off"
            value={told}
            onInput={({ currentTarget }) => {
              setTold(currentTarget.value);
              if (checked !== null) void check(checked.bytes, currentTarget.value);
              else void readTold(currentTarget.value).then((given) => setToldWrong(given === null));
            }}
          />
          {toldWrong ? <p role="status">{t("verify.told-wrong")}</p> : null}
        </section>
      )}
      <p class="quiet verify-foot">{t("verify.foot")}</p>
    </main>
  );
}

function Camera(props: { found: (texts: readonly string[]) => void; failed: () => void }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stop: (() => void) | null = null;
    let gone = false;
    watchCamera(video.current!, props.found).then(
      (stopper) => {
        if (gone) stopper();
        else stop = stopper;
      },
      () => {
        if (!gone) props.failed();
      },
    );
    return () => {
      gone = true;
      stop?.();
    };
  }, []);
  return <video ref={video} class="verify-camera" muted playsInline aria-label={t("verify.camera")} />;
}
