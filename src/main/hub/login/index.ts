export { DeviceLogins, type PendingLogin } from "./device-logins.ts";
export { type LoginApproval, loginRoutes } from "./routes.ts";
