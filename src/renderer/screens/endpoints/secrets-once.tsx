import type { EndpointSecrets } from "../../../shared/contract/index.ts";
import { Button } from "../../ui/button.tsx";
import { CopyLine } from "../../ui/copy-line.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { hintOf } from "./columns.tsx";
import { SetUpSteps } from "./set-up-steps.tsx";

/** The secrets of an endpoint, this once. */
export function SecretsOnce({ secrets, onClose }: { secrets: EndpointSecrets | null; onClose: () => void }) {
  if (secrets === null) return null;
  const { endpoint, urlWithToken, webhookSecret, curl, kite } = secrets;
  const hint = hintOf(endpoint.source);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`The URL of ${endpoint.source}`}
      about="Copy what you need now: the token is not shown again. A new one can be made at any time."
      width={640}
      actions={
        <Button look="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <CopyLine label="URL, with its token" text={urlWithToken} what="the URL" />
      {webhookSecret === null ? null : (
        <CopyLine label={`${hint?.secret.label ?? "Secret"}, made for this`} text={webhookSecret} what="the secret" />
      )}
      {endpoint.secretConfigured ? null : <CopyLine label="Try it" text={curl} what="the curl command" />}
      <CopyLine label="Watch it arrive with Kite's own command line" text={kite} what="the kite command" />
      {hint === undefined ? null : <SetUpSteps hint={hint} />}
    </Dialog>
  );
}
