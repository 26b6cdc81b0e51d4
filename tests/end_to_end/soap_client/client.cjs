// node client.cjs <url> <token> <source> <meter> ...
// Creates EndDeviceEvents for the meters, then gets UnplannedOutages; writes both replies as JSON.
const { randomUUID } = require("crypto");
const soap = require("soap");

const [url, token, source, ...meters] = process.argv.slice(2);

async function connect(service) {
  const client = await soap.createClientAsync(`${url}/soap/${service}?wsdl`);
  client.setSecurity(new soap.BearerSecurity(token));
  return client;
}

function header(verb, noun) {
  return { Verb: verb, Noun: noun, Source: source, MessageID: randomUUID() };
}

async function main() {
  const events = await connect("ExecuteEndDeviceEvents");
  const [created] = await events.CreateEndDeviceEventsAsync({
    Header: header("create", "EndDeviceEvents"),
    Payload: {
      EndDeviceEvents: {
        EndDeviceEvent: meters.map((meter) => ({
          createdDateTime: "2026-03-01T12:00:00Z",
          Assets: { Names: { name: meter } },
          EndDeviceEventType: { attributes: { ref: "3.26.0.85" } },
        })),
      },
    },
  });
  const outages = await connect("GetUnplannedOutages");
  const [found] = await outages.GetUnplannedOutagesAsync({
    Header: header("get", "UnplannedOutages"),
  });
  console.log(JSON.stringify({ created, found }));
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
