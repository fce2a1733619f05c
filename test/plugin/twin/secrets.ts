/** A value in the messages between engine and plugin. */
export type Value =
	| string
	| number
	| boolean
	| null
	| Value[]
	| { [key: string]: Value };

/** The properties of a resource. */
export type Props = { [key: string]: Value };

// The engine's marks for a special object, and for a secret.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The placeholder of a value that is known only after an update. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value is an object with keys. A marked secret is one too. */
export const isObject = (value: Value | undefined): value is Props =>
	typeof value === "object" && value !== null && !Array.isArray(value);

const isSecret = (value: Value | undefined): value is Props =>
	isObject(value) && value[SIGNATURE] === SECRET;

/** Marks a value as a secret, unless it is already marked. */
export const secret = (value: Value): Value =>
	isSecret(value) ? value : { [SIGNATURE]: SECRET, value };

/** Removes the marks around a value. */
export const open = (value: Value | undefined): Value | undefined =>
	isSecret(value) ? open(value.value) : value;

/** A copy without marks, at any depth. */
export function openAll(value: Value): Value {
	if (isSecret(value)) return openAll(value.value ?? null);
	if (Array.isArray(value)) return value.map(openAll);
	if (isObject(value)) return openObject(value);
	return value;
}

/** A copy of a resource's properties without marks, at any depth. */
export const openObject = (props: Props): Props =>
	Object.fromEntries(
		Object.entries(props).map(([key, value]) => [key, openAll(value)]),
	);

/** Changes a value, and keeps its mark. */
export const reseal = (value: Value, change: (plain: Value) => Value): Value =>
	isSecret(value) ? secret(reseal(value.value ?? null, change)) : change(value);
