export {
	type CycleArgs,
	OnDestroy,
	OnUncertain,
	RegistryTool,
	Role,
	type SshArgs,
	type SshLoginArgs,
} from "./host";
export { PauseKicksDX, type PauseKicksDXArgs } from "./pause-kicks-dx";
