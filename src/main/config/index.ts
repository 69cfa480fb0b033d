export {
  type Commands,
  type Config,
  ConfigError,
  configTable,
  type DescribedSetting,
  describeConfig,
  describeSettings,
  type Environment,
  helpText,
  type Loaded,
  loadConfig,
} from "./config.ts";
export { OPTION_NAMES, OPTIONS, type OptionName } from "./options.ts";
