import type { ProviderHint } from "../../../shared/provider-hints.ts";
import styles from "./endpoints.module.css";

/** What to do over there, in order. */
export function SetUpSteps({ hint }: { hint: ProviderHint }) {
  return (
    <section className={styles.steps} aria-label={`In ${hint.label}`}>
      <h3>In {hint.label}</h3>
      <ol>
        {hint.steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <p className={styles.note}>
        Each request must carry <code>{hint.signatureHeader}</code> once a secret is set here.{" "}
        <a href={hint.documentation} target="_blank" rel="noreferrer">
          {hint.label}'s own words
        </a>
      </p>
    </section>
  );
}
