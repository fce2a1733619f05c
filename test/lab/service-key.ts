import type { Language } from "./wine.ts";

/** The service's key as Exchange's setup creates it. */
export const SERVICE_KEY =
	"HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\MSExchangeDX";

/**
 * The service's name in `net start` and in every text of NET. The German one has a character outside ASCII on purpose.
 */
export const DISPLAY_NAMES: Record<Language, string> = {
	en: "Microsoft Exchange Directory Synchronization",
	de: "Microsoft Exchange-Verzeichnisabgleich für MS Mail",
};

const multiString = (...texts: string[]): string => {
	const bytes = Buffer.from(`${texts.join("\0")}\0\0`, "utf16le");
	return `hex(7):${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(",")}`;
};

/** The service as Exchange's setup creates it, registered but never started, as sections of a .reg file (version 5). */
export const serviceRegistry = (language: Language): string => `
[${SERVICE_KEY}]
"Type"=dword:00000010
"Start"=dword:00000003
"ErrorControl"=dword:00000001
"ImagePath"="C:\\\\exchsrvr\\\\bin\\\\dxa.exe"
"DisplayName"="${DISPLAY_NAMES[language]}"
"ObjectName"="LocalSystem"
"DXADataPath"="C:\\\\exchsrvr\\\\dxadata"
"Unique Display Names"=dword:00000001
"RequireValidImpFrom"=dword:00000001
"ResyncConnectionRDNs"=${multiString("HARBOR", "PIER")}

[${SERVICE_KEY}\\Diagnostics]
"1 Startup/Shutdown"=dword:00000000
"2 Event Handler"=dword:00000005

[${SERVICE_KEY}\\Parameters]
"PauseKicksDX"=dword:00000007
`;

/**
 * A .reg file with the service and Wine's own settings: the stand-ins have precedence over Wine's programs of the same
 * name, and no display is used.
 */
export function templateRegistry(language: Language): string {
	return `Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\\Software\\Wine\\DllOverrides]
"net.exe"="native"
"find.exe"="native"
"regedit.exe"="native,builtin"
"winemenubuilder.exe"=""

[HKEY_CURRENT_USER\\Software\\Wine\\Drivers]
"Graphics"="null"
${serviceRegistry(language)}`.replaceAll("\n", "\r\n");
}
