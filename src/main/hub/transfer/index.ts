export { type ExportOptions, type ExportSummary, exportHub } from "./export-hub.ts";
export { exportToFile, importFromFile } from "./file.ts";
export { type ImportOptions, type ImportSummary, importHub } from "./import-hub.ts";
export { openForTransfer } from "./open-for-transfer.ts";
export { describeSections } from "./section-words.ts";
export { TransferError } from "./transfer-error.ts";
