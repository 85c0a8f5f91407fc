// A program for Node, as its authors write it.
import express from "express";
import process from "node:process";
import initSqlJs from "sql.js";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";

const options = yargs(hideBin(process.argv)).command("greet", "Greets").option(
  "name",
  {
    type: "string",
  },
).parseSync();
const sql = await initSqlJs();

const app = express();
app.set("view engine", "ejs");
app.use(express.static("public"));
app.get("/", (_request, response) => {
  response.render("index", {
    greeting: process.env.GREETING,
    name: options.name,
  });
});
app.get("/visitor", (request, response) => {
  response.json({ ip: request.ip, address: request.socket.remoteAddress });
});
app.get("/sql", (_request, response) => {
  const database = new sql.Database();
  database.run(
    "CREATE TABLE answers (answer); INSERT INTO answers VALUES (42)",
  );
  response.json(database.exec("SELECT answer FROM answers")[0].values);
});
const server = app.listen(process.env.PORT, () => {
  console.log(`listening on port ${server.address().port}`);
});
