// Has Microsoft's own language service judge every query: the workbook's, the alert rules' and that of infra/verify. The only argument
// is the folder that holds the package @kusto/language-service-next.
"use strict";

const fs = require("fs");
const path = require("path");

const service = path.join(process.argv[2], "node_modules/@kusto/language-service-next");
require(path.join(service, "bridge.min.js"));
require(path.join(service, "Kusto.Language.Bridge.min.js"));
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language;

// As much of the tables as the queries use.
const tables = [
    ["traces", "(timestamp: datetime, message: string, cloud_RoleInstance: string)"],
    ["requests", "(timestamp: datetime, name: string, duration: real, success: bool, itemCount: int)"],
    ["AppTraces", "(TimeGenerated: datetime, Message: string)"],
].map(([name, columns]) => Symbols.TableSymbol.From(columns).WithName(name));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("workspace", tables, false));

const read = (file) => fs.readFileSync(path.join(__dirname, file), "utf8");
const only = (pattern, text) => {
    const found = [...text.matchAll(pattern)];
    if (found.length !== 1) throw new Error(`${pattern} is found ${found.length} times`);
    return found[0][1];
};

const queries = [];
for (const { name, content } of JSON.parse(read("modules/workbook.json")).items) {
    if (content.query) queries.push([`workbook, ${name}`, content.query.replaceAll("{Tenant}", "*").replaceAll("{Find}", "x")]);
}
const alerts = read("modules/alerts.bicep");
const lines = only(/^var alertLines = '(.+)'$/gm, alerts);
for (const [, query] of alerts.matchAll(/query: '(.+)'$/gm)) {
    // What Bicep puts in: a list of quoted words.
    const whole = query.replace("${alertLines}", lines).replace("${quoted}", '"a", "b"').replace(/\$\{join\(.+\)\}/, 'a", "b');
    queries.push([`alerts, ${query.slice(-40)}`, whole]);
}
queries.push(["verify", only(/^ +query="(.+)"$/gm, read("verify")).replace("$trace", "x")]);

let wrong = 0;
for (const [name, query] of queries) {
    if (query.includes("${")) throw new Error(`${name}: what Bicep puts in here is not known`);
    const problems = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    wrong += problems.Count > 0 ? 1 : 0;
    for (let i = 0; i < problems.Count; i += 1) {
        const problem = problems.getItem(i);
        console.error(`${name}: ${problem.Message} (at "${query.substring(problem.Start, problem.Start + 30)}")`);
    }
}
console.log(`queries: ${queries.length - wrong} passed, ${wrong} failed`);
process.exit(queries.length < 16 || wrong > 0 ? 1 : 0);
