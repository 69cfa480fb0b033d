import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { messageOf } from "../../data/error-message.ts";
import { useHub } from "../../data/hub.tsx";
import { useGo } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field, Input, RadioGroup, Select, TextArea } from "../../ui/field.tsx";
import { jsonProblem } from "../../ui/json-problem.ts";
import { toast } from "../../ui/toasts.tsx";

type Format = "json" | "cloudevent";

const EXAMPLES: Readonly<Record<Format, string>> = {
  json: `{
  "type": "invoice.paid",
  "amount": 4200
}`,
  cloudevent: `{
  "specversion": "1.0",
  "id": "invoice-1",
  "source": "https://shop.example/invoices",
  "type": "com.example.invoice.paid",
  "datacontenttype": "application/json",
  "data": {
    "amount": 4200
  }
}`,
};

/** Makes an event by hand, as if it had come in by an endpoint. */
export function Composer({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { query } = useHub();
  const go = useGo();
  const endpoints = useQuery(query.endpoints.list.queryOptions({ enabled: open }));
  const file = useRef<HTMLInputElement>(null);
  const [source, setSource] = useState("");
  const [format, setFormat] = useState<Format>("json");
  const [body, setBody] = useState(EXAMPLES.json);
  const slugs = endpoints.data?.map((endpoint) => endpoint.source) ?? [];
  const chosen = source === "" ? (slugs[0] ?? "") : source;
  const problem = jsonProblem(body);
  const send = useMutation(
    query.events.send.mutationOptions({
      onSuccess: ({ seq, status }) => {
        toast.done(status === "duplicate" ? `This event is in the log already, as seq ${seq}` : `Sent as seq ${seq}`);
        onClose();
        go(`event/${seq}`);
      },
    }),
  );
  const choose = (next: Format): void => {
    // An example that nobody has touched is of no use in the other format.
    if (body === EXAMPLES[format]) setBody(EXAMPLES[next]);
    setFormat(next);
  };
  const submit = (): void => {
    if (chosen !== "" && problem === null) send.mutate({ source: chosen, format, body, headers: {} });
  };
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Send an event"
      about="It is taken in as if it had come by the endpoint, and goes wherever the rules send it."
      width={620}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            keys="mod+Enter"
            disabled={send.isPending || chosen === "" || problem !== null}
            onClick={submit}
          >
            Send event
          </Button>
        </>
      }
    >
      <Field label="Endpoint">
        {slugs.length === 0 ? (
          <Input
            value={source}
            placeholder="The source slug of an endpoint"
            onChange={({ target }) => setSource(target.value)}
          />
        ) : (
          <Select value={chosen} onValue={setSource} options={slugs.map((slug) => ({ value: slug, label: slug }))} />
        )}
      </Field>
      <RadioGroup
        label="Format"
        value={format}
        onValue={choose}
        options={[
          { value: "json", label: "JSON, wrapped as a webhook would be" },
          { value: "cloudevent", label: "A whole CloudEvent, taken as it is" },
        ]}
      />
      <Field label="Body" error={problem ?? (send.error === null ? null : messageOf(send.error))}>
        <TextArea
          rows={12}
          spellCheck={false}
          value={body}
          onChange={({ target }) => setBody(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          }}
        />
      </Field>
      <div>
        <input
          ref={file}
          type="file"
          accept=".json,application/json"
          hidden
          onChange={({ target }) => {
            const [picked] = target.files ?? [];
            if (picked !== undefined) void picked.text().then(setBody);
          }}
        />
        <Button onClick={() => file.current?.click()}>Load from a file</Button>
      </div>
    </Dialog>
  );
}
