/**
 * The numbers in brackets after `Fatal` and `Error` that a cutover is likely to encounter. The full list is in Q96001
 * to Q96004. The texts are ASCII without `%`, `!`, `&`, `|`, `<`, `>`, `^`, `(`, `)` and `"`, because they are part of
 * batch files.
 */
export const msMailNumbers: Readonly<Record<number, string>> = {
	8: "SYSTEM.MBG holds two headers of one message, Q119017",
	40: "REQTRANS.GLB is missing",
	54: "no dirsync server is named at this post office",
	91: "the post office is locked by another program, for example ADMIN.EXE: end it, Q148705",
	113: "a message could not be sent: check the INQUEUE files and the disk space",
	115: "SYSTEM.MBG holds two headers of one message, Q119017",
	118: "the response exceeds the requestor's limit and has to be imported by hand, Q108067",
	120: "this requestor is not registered at the dirsync server: register it in ADMIN.EXE there",
	128: "the status report could not be sent",
	129: "a sync number is missing: have the requestor export, Q113453",
	133: "a request arrived instead of a response, or a response instead of a request, as after an unfinished cycle",
	138: "a sync number is missing: have the requestor export, Q113453",
	139: "a sync number is missing: have the requestor export, Q113453",
	150: "disk full, or no rights on the post office",
	151: "the dirsync configuration is in use, or this post office has another role",
	156: "the dirsync passwords of requestor and server differ",
	158: "this requestor is not registered at the dirsync server: register it in ADMIN.EXE there",
	159: "a message could not be sent: check the INQUEUE files and the disk space",
	161: "the dirsync configuration is in use, or this post office has another role",
	166: "the response exceeds the requestor's limit and has to be imported by hand, Q108067",
	202: "no valid post office was found on the drive, or its MASTER.GLB is read-only or open, Q104870",
	203: "the address list is open: have users exit and sign out of Mail, Q99117",
	204: "disk full while the address list was rebuilt",
};
