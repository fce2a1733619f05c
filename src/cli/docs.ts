/** Where the documentation is: the npm package does not contain it. */
export const DOCS =
	"https://github.com/exchange-dirsync/exchange-dirsync/blob/main/docs";
