// The program reads the hosts and cutovers of the stack file. See docs/configuration.md of exchange-dirsync.
module.exports = require("exchange-dirsync/program");
