import { ReactFlow, ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { Maximize, ZoomIn, ZoomOut } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import "@xyflow/react/dist/base.css";
import { useActions } from "../shell/keyboard/use-actions.ts";
import { IconButton } from "../ui/button.tsx";
import { ErrorState, Skeleton } from "../ui/state.tsx";
import { InstanceNode, type NodeData } from "./instance-node.tsx";
import { Legend } from "./legend.tsx";
import { type EdgeData, LinkEdge } from "./link-edge.tsx";
import styles from "./map.module.css";
import { moveFocus } from "./move-focus.ts";
import { edgeSentence, type Picture, type Selection } from "./picture.ts";
import { bestFor, type Room, useLayout, viewOf } from "./use-layout.ts";

export interface FederationMapProps {
  readonly label: string;
  readonly picture: Picture;
  readonly selected: Selection | null;
  readonly onSelect: (selection: Selection | null) => void;
  /** Links that something beside the map points at. */
  readonly pointed: ReadonlySet<string>;
}

const NODE_TYPES = { instance: InstanceNode };
const EDGE_TYPES = { link: LinkEdge };

/** Instances and links, laid out so that nothing overlaps. Each is a button; arrows go to the next one in a direction. */
export function FederationMap(props: FederationMapProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ label, picture, selected, onSelect, pointed }: FederationMapProps) {
  const { ways, error } = useLayout(picture);
  const flow = useReactFlow();
  const frame = useRef<HTMLElement>(null);
  const [room, setRoom] = useState<Room>({ width: 800, height: 600 });
  const placed = useMemo(() => bestFor(ways, room), [ways, room]);
  const nameOf = useMemo(() => {
    const names = new Map(picture.nodes.map(({ key, name }) => [key, name]));
    return (key: string): string => names.get(key) ?? key;
  }, [picture]);

  const nodes = useMemo(
    () =>
      picture.nodes.flatMap((node) => {
        const box = placed?.nodes.get(node.key);
        if (box === undefined) return [];
        const chosen = selected?.kind === "node" && selected.id === node.key;
        const data: NodeData = { node, chosen, onSelect: () => onSelect({ kind: "node", id: node.key }) };
        const { x, y, width, height } = box;
        return [{ id: node.key, type: "instance", position: { x, y }, width, height, data }];
      }),
    [picture, placed, selected, onSelect],
  );
  const edges = useMemo(
    () =>
      picture.edges.flatMap((edge) => {
        const place = placed?.edges.get(edge.id);
        if (place === undefined) return [];
        const chosen = selected?.kind === "edge" && selected.id === edge.id;
        const says = edgeSentence(edge, nameOf);
        const onOpen = (): void => onSelect({ kind: "edge", id: edge.id });
        const data: EdgeData = { edge, ...place, says, chosen, pointed: pointed.has(edge.id), onSelect: onOpen };
        return [{ id: edge.id, type: "link", source: edge.from, target: edge.to, data }];
      }),
    [picture, placed, selected, pointed, nameOf, onSelect],
  );

  const fit = useCallback((): void => {
    if (placed !== null && room.width > 0) void flow.setViewport(viewOf(placed, room));
  }, [placed, room, flow]);
  useActions([
    { id: "map.fit", group: "Map", label: "Fit the map", keys: "0", run: fit },
    { id: "map.in", group: "Map", label: "Zoom in", keys: "+", run: () => void flow.zoomIn() },
    { id: "map.out", group: "Map", label: "Zoom out", keys: "-", run: () => void flow.zoomOut() },
  ]);
  // A map that has another shape, or other room, is shown whole again.
  useEffect(() => {
    if (frame.current === null) return;
    const watch = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setRoom({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    watch.observe(frame.current);
    return () => watch.disconnect();
  }, []);
  useEffect(fit, [fit]);

  if (error !== null) return <ErrorState title="The map cannot be drawn" error={error} />;
  return (
    <section
      ref={frame}
      className={styles.map}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.altKey || event.ctrlKey || event.metaKey) return;
        if (moveFocus(event.currentTarget, event.key)) {
          event.preventDefault();
          event.stopPropagation();
        }
      }}
    >
      {placed === null ? <Skeleton /> : null}
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        minZoom={0.2}
        maxZoom={2}
        onPaneClick={() => onSelect(null)}
        onEdgeClick={(_event, { id }) => onSelect({ kind: "edge", id })}
        proOptions={{ hideAttribution: true }}
      />
      <div className={styles.zoom}>
        <IconButton label="Zoom in" keys="+" onClick={() => void flow.zoomIn()}>
          <ZoomIn />
        </IconButton>
        <IconButton label="Zoom out" keys="-" onClick={() => void flow.zoomOut()}>
          <ZoomOut />
        </IconButton>
        <IconButton label="Fit the map" keys="0" onClick={fit}>
          <Maximize />
        </IconButton>
      </div>
      <Legend picture={picture} />
    </section>
  );
}
