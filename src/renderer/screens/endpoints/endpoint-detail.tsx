import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { EndpointSecrets, EndpointView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { useActions } from "../../shell/keyboard/use-actions.ts";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Detail, DetailSection, Facts } from "../../ui/detail.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { reasonWords } from "../../ui/outcome.tsx";
import { Countdown, Time } from "../../ui/time.tsx";
import { countWords } from "../../ui/time-words.ts";
import { toast } from "../../ui/toasts.tsx";
import { Activity, hintOf, LastEvent, providerWords, SecretState } from "./columns.tsx";
import { RotateSecret } from "./rotate-secret.tsx";
import { SetUpSteps } from "./set-up-steps.tsx";

type Asking = "token" | "secret" | "deactivate" | null;

/** One endpoint: how it is doing, how to set the sender up, and what can be changed. */
export function EndpointDetail({
  endpoint,
  onClose,
  onSecrets,
  onCreateAgain,
}: {
  endpoint: EndpointView;
  onClose: () => void;
  onSecrets: (secrets: EndpointSecrets) => void;
  onCreateAgain: () => void;
}) {
  const { query } = useHub();
  const { id, source, active, lastRefusal, previousSecretUntil } = endpoint;
  const hint = hintOf(source);
  const [asking, setAsking] = useState<Asking>(null);
  const rotateToken = useMutation(query.endpoints.rotateToken.mutationOptions({ onSuccess: onSecrets }));
  const deactivate = useMutation(
    query.endpoints.deactivate.mutationOptions({ onSuccess: () => toast.done(`${source} is deactivated`) }),
  );
  const done = (): void => setAsking(null);
  useActions(
    active
      ? [
          {
            id: "endpoint.token",
            group: "Endpoint",
            label: `Rotate the token of ${source}`,
            keys: "t",
            run: () => setAsking("token"),
          },
          ...(hint === undefined
            ? []
            : [
                {
                  id: "endpoint.secret",
                  group: "Endpoint",
                  label: `Change the secret of ${source}`,
                  keys: "s",
                  run: () => setAsking("secret"),
                },
              ]),
          {
            id: "endpoint.deactivate",
            group: "Endpoint",
            label: `Deactivate ${source}`,
            run: () => setAsking("deactivate"),
          },
        ]
      : [{ id: "endpoint.again", group: "Endpoint", label: `Create ${source} again`, run: onCreateAgain }],
  );
  return (
    <Detail
      label={`Endpoint ${source}`}
      title={source}
      state={<Activity endpoint={endpoint} />}
      onClose={onClose}
      actions={
        active ? (
          <>
            <Button keys="t" onClick={() => setAsking("token")}>
              Rotate token
            </Button>
            {hint === undefined ? null : (
              <Button keys="s" onClick={() => setAsking("secret")}>
                {endpoint.secretConfigured ? "Rotate secret" : "Set secret"}
              </Button>
            )}
            <Button look="danger" onClick={() => setAsking("deactivate")}>
              Deactivate
            </Button>
          </>
        ) : (
          <Button look="primary" onClick={onCreateAgain}>
            Create again
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ["Provider", providerWords(endpoint)],
          [
            "Events so far",
            <HubLink key="events" to="stream" search={{ q: `hook:${source}` }}>
              {countWords(endpoint.events)}
            </HubLink>,
          ],
          ["Last event", <LastEvent key="last" endpoint={endpoint} />],
          ["Secret", <SecretState key="secret" endpoint={endpoint} />],
          ["Token", `begins khk_${endpoint.tokenPrefix}`],
          ["Created", <Time key="created" at={endpoint.createdAt} />],
        ]}
      />
      {previousSecretUntil === null ? null : (
        <p role="status">
          The old secret and the new one are both accepted. The old one ends{" "}
          <Countdown to={previousSecretUntil} due="now" />: change it at the sender until then.
        </p>
      )}
      {lastRefusal === null ? null : (
        <DetailSection title={`Last refused request: ${reasonWords(lastRefusal.reason)}`}>
          <p>{lastRefusal.sentence}</p>
          <p>
            <Time at={lastRefusal.at} />.{" "}
            <HubLink to="refusals" search={{ source, id: lastRefusal.id }}>
              Look into it
            </HubLink>
            {", or see "}
            <HubLink to="refusals" search={{ source }}>
              all of this endpoint
            </HubLink>
            .
          </p>
        </DetailSection>
      )}
      <CopyLine label="URL, without the token" text={endpoint.url} what="the URL" />
      <CopyLine label="Post to it from a shell" text={endpoint.curl} what="the curl command" />
      <CopyLine label="Follow it with Kite's own command line" text={endpoint.kite} what="the kite command" />
      {hint === undefined ? null : <SetUpSteps hint={hint} />}
      <ConfirmDialog
        open={asking === "token"}
        onClose={done}
        title={`Rotate the token of ${source}?`}
        about="The URL with the present token is refused from that moment. The new one is shown once."
        confirm="Rotate token"
        onConfirm={() => rotateToken.mutateAsync({ id })}
      />
      <ConfirmDialog
        open={asking === "deactivate"}
        onClose={done}
        title={`Deactivate ${source}?`}
        about={`Requests to it are refused from that moment, and show up as refused requests. Its ${countWords(endpoint.events)} events stay. Creating it again gives it a new URL.`}
        confirm={`Deactivate ${source}`}
        onConfirm={() => deactivate.mutateAsync({ id })}
      />
      {hint === undefined ? null : (
        <RotateSecret open={asking === "secret"} endpoint={endpoint} hint={hint} onClose={done} />
      )}
    </Detail>
  );
}
