import { useQuery } from "@tanstack/react-query";
import type { RefusalDetailView } from "../../../shared/contract/index.ts";
import { useHub } from "../../data/hub.tsx";
import { HubLink } from "../../shell/hub-link.tsx";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Detail, DetailSection, Facts } from "../../ui/detail.tsx";
import { StateMark } from "../../ui/mark.tsx";
import { reasonTitle } from "../../ui/outcome.tsx";
import { ErrorState, Skeleton } from "../../ui/state.tsx";
import { Time } from "../../ui/time.tsx";
import { absoluteWords, bytesWords } from "../../ui/time-words.ts";
import { evidenceFacts } from "./evidence.ts";
import styles from "./refusals.module.css";

/** One refused request: what was compared, and what was kept of it. */
export function RefusalDetail({ id, onClose }: { id: string; onClose: () => void }) {
  const { query } = useHub();
  const { data, error, refetch } = useQuery(query.refusals.get.queryOptions({ input: { id } }));
  if (data === undefined)
    return error === null ? (
      <Skeleton />
    ) : (
      <ErrorState title="This request cannot be shown" error={error} onRetry={() => void refetch()} />
    );
  const { peer, source, event } = data;
  const compared = evidenceFacts(data.evidence);
  return (
    <Detail
      label="Refused request"
      title={
        <StateMark tone="fail" shape="barred">
          {reasonTitle(data.reason)}
        </StateMark>
      }
      onClose={onClose}
    >
      <p className={styles.sentence}>{data.sentence}</p>
      <Facts
        facts={[
          [
            "Time",
            <span key="time">
              <Time at={data.at} />, {absoluteWords(data.at)}
            </span>,
          ],
          ["Asked for", <code key="route">{data.route}</code>],
          [
            "Endpoint",
            source === null ? null : (
              <HubLink key="source" to="endpoints" search={{ source }}>
                {source}
              </HubLink>
            ),
          ],
          ["Peer", peer?.name ?? null],
          ["Event", event === null ? null : `${event.type} (${event.id})`],
        ]}
      />
      {compared.length === 0 ? null : (
        <DetailSection title="What was compared">
          <Facts facts={compared} />
        </DetailSection>
      )}
      <DetailSection title="Headers, secrets masked">
        {data.headers === null ? (
          <p>None were kept of this request.</p>
        ) : (
          <Facts facts={Object.entries(data.headers).map(([name, value]) => [name, <code key={name}>{value}</code>])} />
        )}
      </DetailSection>
      <DetailSection title="Body">
        <Body refusal={data} />
      </DetailSection>
    </Detail>
  );
}

/** As much of it as the setting let be kept, and how to have more kept. */
function Body({ refusal: { body, bodyBytes } }: { refusal: RefusalDetailView }) {
  const more = (
    <HubLink to="settings" search={{ part: "keeping" }}>
      {body === null ? "Keep bodies of refused requests" : "Keep more of them"}
    </HubLink>
  );
  if (body === null)
    return (
      <p>
        {bodyBytes === null ? "Nothing was kept of it." : `${bytesWords(bodyBytes)} came, and nothing was kept.`} {more}{" "}
        from now on.
      </p>
    );
  return (
    <>
      <CodeBlock text={body.text ?? body.base64 ?? ""} what="the body" />
      <p className={styles.note}>
        {body.text === null ? "It is no text, and stands here in base64. " : ""}
        {body.truncated ? (
          <>
            The first part of {bytesWords(bodyBytes ?? 0)}. {more}.
          </>
        ) : (
          `All of it${bodyBytes === null ? "" : `: ${bytesWords(bodyBytes)}`}.`
        )}
      </p>
    </>
  );
}
