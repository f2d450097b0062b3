// The floating glass card that every panel is: heading, close button, body. Focus enters it when it opens.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../core/language.ts";
import { Icon, type IconName } from "./icon.tsx";
import "./controls.css";

export function Glass(props: {
  title: string;
  subtitle?: ComponentChildren;
  icon: IconName;
  testid: string;
  onClose: () => void;
  /** Changes when the card becomes about something else: focus follows. */
  about?: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), [props.about]);
  return (
    <section class="glass panel" data-testid={props.testid} aria-label={props.title}>
      <header class="panel-head">
        <Icon name={props.icon} />
        <div class="panel-title">
          <h2 ref={heading} tabIndex={-1}>
            {props.title}
          </h2>
          {props.subtitle === undefined ? null : <div class="quiet">{props.subtitle}</div>}
        </div>
        {props.actions}
        <button type="button" class="plain square" onClick={props.onClose} aria-label={t("action.close")} title="Esc">
          <Icon name="close" />
        </button>
      </header>
      <div class="panel-body">{props.children}</div>
    </section>
  );
}
