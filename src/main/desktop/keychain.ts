import { safeStorage } from "electron";
import type { DesktopSettingsView } from "../../shared/desktop/index.ts";
import { type FolderKey, isKeyWrapped, unwrapKey, wrapKey } from "../folder-key.ts";

type KeychainState = Pick<DesktopSettingsView, "keychain" | "keychainState" | "keychainSays">;

/** The system's keychain, as far as it deserves the name. Only after the app is ready. */
function strength(): "strong" | "weak" | "unavailable" {
  if (!safeStorage.isEncryptionAvailable()) return "unavailable";
  // Without a keyring Electron encrypts with a key that stands in its own source.
  if (process.platform === "linux" && ["basic_text", "unknown"].includes(safeStorage.getSelectedStorageBackend()))
    return "weak";
  return "strong";
}

const cipher: FolderKey = {
  seal: (plain) => safeStorage.encryptString(plain),
  open: (sealed) => safeStorage.decryptString(sealed),
};

/** The key of the data folder's secrets when the keychain keeps it; null when it stands in its file. */
export function keychainKey(dataDir: string): Promise<string | null> {
  return isKeyWrapped(dataDir) ? unwrapKey(dataDir, cipher, false) : Promise.resolve(null);
}

/** How the key is kept now, and a sentence about it. */
export function keychainState(dataDir: string): KeychainState {
  if (isKeyWrapped(dataDir))
    return {
      keychain: true,
      keychainState: "keychain",
      keychainSays: "The key is in this system's keychain: only the app opens this data folder.",
    };
  switch (strength()) {
    case "strong":
      return {
        keychain: false,
        keychainState: "file",
        keychainSays:
          "The key is a file that only you can read, so that the app and npm run server both open this folder.",
      };
    case "weak":
      return {
        keychain: false,
        keychainState: "weak",
        keychainSays:
          "This system has no keyring running (Electron's backend is basic_text, which protects nothing), so the key stays " +
          "in a file that only you can read. Install and unlock gnome-keyring or KWallet to keep it there.",
      };
    case "unavailable":
      return {
        keychain: false,
        keychainState: "unavailable",
        keychainSays: "This system offers no keychain, so the key stays in a file that only you can read.",
      };
  }
}

/** Moves the key into the keychain or back to its file. Does nothing where the keychain is weak. */
export async function moveKey(dataDir: string, wanted: boolean): Promise<void> {
  if (wanted === isKeyWrapped(dataDir)) return;
  if (wanted && strength() === "strong") await wrapKey(dataDir, cipher);
  if (!wanted) await unwrapKey(dataDir, cipher, true);
}
