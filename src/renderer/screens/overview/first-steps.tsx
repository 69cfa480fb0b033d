import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useHasScreen } from "../../shell/navigation.ts";
import { SecretBlock } from "../../ui/secret-block.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import styles from "./first-steps.module.css";

/** A hub that nothing has come to yet: what to do first, each step with the very line to paste. */
export function FirstSteps() {
  const { query } = useHub();
  const about = useQuery(query.hub.about.queryOptions());
  const steps = useQuery(query.hub.firstSteps.queryOptions({ retry: 0 }));
  const [peers, lab, endpoints] = [useHasScreen("peers"), useHasScreen("lab"), useHasScreen("endpoints")];
  if (about.data === undefined)
    return about.error === null ? (
      <Skeleton />
    ) : (
      <ErrorState title="The first steps cannot be shown" error={about.error} />
    );
  const { hookUrl, instanceId } = about.data;
  const token = steps.data?.hookUrl.split("/").at(-1) ?? "";
  return (
    <section className={styles.steps} aria-label="First steps">
      <header>
        <h2 className={styles.welcome}>{instanceId} is running and waits for its first event</h2>
        <p className={styles.lead}>This page becomes the overview by itself as soon as one arrives.</p>
      </header>
      <ol className={styles.list}>
        <Step
          number={1}
          title="Send a first event"
          about="Any JSON will do. The address is this hub's endpoint “demo”."
        >
          {steps.data === undefined ? (
            <p className={styles.note}>
              {steps.error === null ? (
                "…"
              ) : endpoints ? (
                <>
                  The token of {hookUrl} is shown on the hub's own machine only.{" "}
                  <HubLink to="endpoints">Create an endpoint</HubLink> for your source instead.
                </>
              ) : (
                `The token of ${hookUrl} is shown on the hub's own machine only.`
              )}
            </p>
          ) : (
            <SecretBlock text={steps.data.curl} secrets={[token]} what="the command" />
          )}
        </Step>
        {steps.data === undefined ? null : (
          <>
            <Step
              number={2}
              title="Point a webhook at it"
              about="GitHub, Stripe, Linear or any other sender. Behind a tunnel, put its host in front."
            >
              <SecretBlock text={steps.data.hookUrl} secrets={[token]} what="the hook URL" />
            </Step>
            <Step number={3} title="Follow the events in a terminal" about="The kite CLI shows each event as it comes.">
              <SecretBlock text={steps.data.kiteStream} secrets={[steps.data.apiKey]} what="the kite command" />
            </Step>
          </>
        )}
        {peers ? (
          <Step
            number={4}
            title="Add a peer"
            about="Another hub: events go to it, and come from it, by the rules you give."
          >
            <HubLink to="peers" className={styles.link}>
              Add a peer
            </HubLink>
          </Step>
        ) : null}
        {lab ? (
          <Step
            number={5}
            title="Try the loop lab"
            about="Real hubs on this machine in a ring: see why nothing goes round for ever."
          >
            <HubLink to="lab" className={styles.link}>
              Open the lab
            </HubLink>
          </Step>
        ) : null}
      </ol>
    </section>
  );
}

function Step({
  number,
  title,
  about,
  children,
}: {
  number: number;
  title: string;
  about: string;
  children: ReactNode;
}) {
  return (
    <li className={styles.step}>
      <span className={styles.number} aria-hidden="true">
        {number}
      </span>
      <div className={styles.body}>
        <h3 className={styles.title}>{title}</h3>
        <p className={styles.about}>{about}</p>
        {children}
      </div>
    </li>
  );
}
