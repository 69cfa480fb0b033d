import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { ShapeIcon } from "../ui/mark.tsx";
import styles from "./map.module.css";
import type { PictureNode } from "./picture.ts";

export type NodeData = {
  readonly node: PictureNode;
  readonly chosen: boolean;
  readonly onSelect: () => void;
};

/** An instance of the map. */
export function InstanceNode({ data: { node, chosen, onSelect } }: NodeProps<Node<NodeData>>) {
  const { kind, name, mark, unknownBeyond, faint } = node;
  const beyond = unknownBeyond ? "unknown beyond here" : "";
  // A third line would not fit: that nothing is known beyond a peer says more than that it is one.
  const about = mark !== null && unknownBeyond ? beyond : node.about;
  return (
    <>
      <Handle type="target" position={Position.Left} className={styles.handle} isConnectable={false} />
      <button
        type="button"
        data-map-item=""
        data-node={node.key}
        data-kind={kind}
        data-beyond={unknownBeyond ? "unknown" : "known"}
        data-faint={faint}
        className={`${styles.node} nopan`}
        aria-pressed={chosen}
        onClick={onSelect}
      >
        <span className={styles.name} title={name}>
          {name}
        </span>
        <span className={styles.about}>{about}</span>
        {mark === null ? (
          <span className={styles.about}>{beyond}</span>
        ) : (
          <span className={`${styles.mark} ${styles[mark.tone]}`}>
            {mark.shape === null ? null : <ShapeIcon shape={mark.shape} />}
            {mark.text}
          </span>
        )}
      </button>
      <Handle type="source" position={Position.Right} className={styles.handle} isConnectable={false} />
    </>
  );
}
