// Starts Azurite, and ends it with whoever started it: when that process is gone, standard input ends.
process.stdin.on("end", () => process.exit(0)).on("error", () => process.exit(0)).resume();
require("azurite/dist/src/azurite.js");
