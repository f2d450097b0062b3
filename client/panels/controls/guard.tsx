// Keeps a broken panel from taking the page with it: says so, and offers to try again. The details go to the console.

import { Component, type ComponentChildren } from "preact";
import { t } from "../../core/language.ts";

export class Guard extends Component<{ name: string; children: ComponentChildren }, { broken: string | null }> {
  override state = { broken: null as string | null };

  override componentDidCatch(error: unknown): void {
    console.error(this.props.name, error);
    this.setState({ broken: error instanceof Error ? error.message : String(error) });
  }

  override render(): ComponentChildren {
    if (this.state.broken === null) return this.props.children;
    return (
      <section class="glass panel" role="alert">
        <div class="panel-body">
          <p class="problem">{t("error.unknown", { detail: this.state.broken })}</p>
          <button type="button" class="secondary" onClick={() => this.setState({ broken: null })}>
            {t("action.again")}
          </button>
        </div>
      </section>
    );
  }
}
