// node descriptions.cjs <folder>
// Reads every WSDL of the folder; writes their operations as JSON, by file name.
const fs = require("fs");
const path = require("path");
const soap = require("soap");

async function main(folder) {
  const found = {};
  for (const name of fs.readdirSync(folder).filter((n) => n.endsWith(".wsdl"))) {
    const client = await soap.createClientAsync(path.join(folder, name));
    const [ports] = Object.values(client.describe());
    const [operations] = Object.values(ports);
    found[name] = Object.keys(operations);
  }
  console.log(JSON.stringify(found));
}

main(process.argv[2]).catch((error) => {
  console.error(error.stack);
  process.exit(1);
});
