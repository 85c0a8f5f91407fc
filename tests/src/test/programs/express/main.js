// A program for Node, as its authors write it.
import express from "express";
import fs from "node:fs";
import process from "node:process";
import initSqlJs from "sql.js";
import yargs from "yargs";
import { hideBin } from "yargs/helpers";

const program = yargs(hideBin(process.argv)).scriptName("demo").locale("de")
  .command(
    "greet",
    "Greets a person",
  ).option("name", { type: "string", describe: "Whom to greet" });
const options = program.parseSync();
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
app.get("/options", async (_request, response) => {
  response.json({ ...options, help: await program.getHelp() });
});
app.get("/exists", (request, response) => {
  response.json(fs.existsSync(request.query.path));
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
