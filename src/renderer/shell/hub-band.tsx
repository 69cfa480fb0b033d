import { useNavigate } from "@tanstack/react-router";
import { Button } from "../ui/button.tsx";
import { hueOf } from "../ui/hue.ts";
import { ShapeIcon } from "../ui/mark.tsx";
import { useHubs } from "./console-context.tsx";
import styles from "./hubs.module.css";
import { useHubId } from "./navigation.ts";

/** Over everything as long as another hub is looked at: which, in its colour and in words. */
export function HubBand() {
  const id = useHubId();
  const hub = useHubs().find((each) => each.id === id);
  const navigate = useNavigate();
  if (id === "local") return null;
  const environment = hub?.environment ?? "unknown";
  return (
    <aside
      className={styles.band}
      style={hueOf(hub?.environment)}
      data-environment={environment}
      aria-label="Which hub this is"
    >
      {environment === "production" ? <ShapeIcon shape="warning" /> : null}
      <b>{environment.toUpperCase()}</b>
      <span className={styles.where}>
        {hub === undefined ? `There is no hub ${id} in the list` : `${hub.name} at ${hub.url}`}
        {environment === "production" ? ". What you do here is done to production." : ""}
      </span>
      <Button onClick={() => void navigate({ to: "/local/stream" })}>Back to this machine's hub</Button>
    </aside>
  );
}
