// The program reads the hosts and cutovers of the stack file. Its keys are described at
// https://github.com/exchange-dirsync/exchange-dirsync/blob/main/docs/configuration.md
module.exports = require("exchange-dirsync/program");
