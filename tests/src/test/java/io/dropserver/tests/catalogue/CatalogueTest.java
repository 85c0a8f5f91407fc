package io.dropserver.tests.catalogue;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Installs each program of the catalogue from npm, opens it in Chromium and uses it. {@code
 * CatalogueInCiTest} has the programs that are also tested in CI.
 */
@Tag("catalogue")
class CatalogueTest extends CatalogueFixture {

  @Test
  void serveShowsASite() throws Exception {
    CatalogueInstance serve = install("serve", "/");
    try (CataloguePage page = page()) {
      Frame site = page.open("/");
      assertThat(site.getByRole(AriaRole.HEADING)).hasText("A site");
    }
    serve.measure("/");
  }

  @Test
  void sirvShowsASite() throws Exception {
    CatalogueInstance sirv = install("sirv", "/");
    try (CataloguePage page = page()) {
      Frame site = page.open("/");
      assertThat(site.getByRole(AriaRole.HEADING)).hasText("A static site");
    }
    sirv.measure("/");
  }

  @Test
  void peerPassesMessagesBetweenBrowsers() throws Exception {
    CatalogueInstance peer = install("peer", "/");
    try (CataloguePage page = page()) {
      Frame status = page.open("/");
      assertThat(status.locator("body")).containsText("PeerJS Server");
      Object received =
          status.evaluate(
              """
              async () => {
                const open = (id) => new Promise((opened, failed) => {
                  const query = `key=peerjs&id=${id}&token=${id}&version=1.5.4`;
                  const url = location.origin.replace("http", "ws") + "/peerjs?" + query;
                  const socket = new WebSocket(url);
                  socket.onmessage = (it) => JSON.parse(it.data).type === "OPEN" && opened(socket);
                  socket.onerror = () => failed(new Error(url));
                });
                const [ada, bob] = [await open("ada"), await open("bob")];
                const message = new Promise((got) => bob.onmessage = (it) => got(JSON.parse(it.data)));
                ada.send(JSON.stringify({ type: "OFFER", dst: "bob", payload: { sdp: "x" } }));
                const { type, src } = await message;
                return type + " from " + src;
              }
              """);
      assertThat(received).isEqualTo("OFFER from ada");
    }
    peer.measure("/");
  }

  @Test
  void jsonServerStoresRecords() throws Exception {
    CatalogueInstance records = install("json-server", "/");
    try (CataloguePage page = page()) {
      Frame home = page.open("/");
      assertThat(home.getByRole(AriaRole.HEADING)).hasText("Records");
      Object status =
          home.evaluate(
              """
              () => fetch("/posts", {
                method: "POST",
                headers: { "Content-Type": "application/json" },
                body: JSON.stringify({ title: "from a page" }),
              }).then((response) => response.status)
              """);
      assertThat(status).isEqualTo(201);
    }
    assertThat(records.get("/posts").body()).contains("from a page");
    records.measure("/");
  }

  @Test
  void aFlowOfNodeRedRunsByTimeWhileNoPageIsOpen() throws Exception {
    CatalogueInstance nodeRed = install("node-red", "/settings");
    try (CataloguePage page = page()) {
      Frame editor = page.open("/");
      assertThat(editor.locator("#red-ui-workspace")).isVisible();
      Object deployed =
          editor.evaluate(
              """
              () => fetch("/flows", {
                method: "POST",
                headers: {
                  "Content-Type": "application/json",
                  "Node-RED-Deployment-Type": "full",
                  "Node-RED-API-Version": "v1",
                },
                body: JSON.stringify([
                  { id: "flow", type: "tab", label: "Clock" },
                  {
                    id: "tick", z: "flow", type: "inject", repeat: "1", once: true, onceDelay: 0.1,
                    props: [{ p: "payload" }], payload: "tick", payloadType: "str",
                    x: 100, y: 100, wires: [["file"]],
                  },
                  {
                    id: "file", z: "flow", type: "file", filename: "/data/ticks.txt",
                    filenameType: "str", appendNewline: true, overwriteFile: "false",
                    x: 300, y: 100, wires: [],
                  },
                ]),
              }).then((response) => response.status)
              """);
      assertThat(deployed).isEqualTo(204);
    }
    Path ticks = nodeRed.data().resolve("ticks.txt");
    await("the first tick").atMost(Duration.ofMinutes(1)).until(() -> Files.exists(ticks));
    long before = Files.size(ticks);
    await("ticks while no page is open")
        .atMost(Duration.ofMinutes(1))
        .until(() -> Files.size(ticks) > before + "tick\n".length());
    assertThat(nodeRed.data().resolve("flows.json")).content().contains("\"inject\"");
    nodeRed.measure("/");
  }

  @Test
  void stubbyAnswersAsItsFileDescribes() throws Exception {
    CatalogueInstance stubs = install("stubby", "/");
    try (CataloguePage page = page()) {
      Frame home = page.open("/");
      assertThat(home.getByRole(AriaRole.HEADING)).hasText("Stubs");
      Object answers =
          home.evaluate(
              """
              async () => {
                const got = await (await fetch("/weather")).json();
                const posted = await fetch("/weather", { method: "POST", body: "{}" });
                return got.sky + " " + posted.status;
              }
              """);
      assertThat(answers).isEqualTo("clear 201");
    }
    Path file = stubs.data().resolve("stubs.yaml");
    Files.writeString(file, Files.readString(file).replace("clear", "cloudy"));
    await("the change of the file")
        .atMost(Duration.ofMinutes(1))
        .until(() -> stubs.get("/weather").body().contains("cloudy"));
    stubs.measure("/");
  }

  @Test
  void bittorrentTrackerIntroducesPeersToEachOther() throws Exception {
    CatalogueInstance tracker = install("bittorrent-tracker", "/stats");
    try (CataloguePage page = page()) {
      Frame statistics = page.open("/stats");
      assertThat(statistics.locator("body")).containsText("0 torrents");
      Object offered =
          statistics.evaluate(
              """
              async () => {
                const join = (id) => new Promise((opened, failed) => {
                  const socket = new WebSocket(location.origin.replace("http", "ws"));
                  socket.announce = (offers) => socket.send(JSON.stringify({
                    action: "announce", event: "started", info_hash: "h".repeat(20),
                    peer_id: id.repeat(20), numwant: 5, uploaded: 0, downloaded: 0, left: 1, offers,
                  }));
                  socket.until = (wanted) => new Promise((found) => {
                    socket.addEventListener("message", ({ data }) => {
                      const message = JSON.parse(data);
                      if (wanted(message)) found(message);
                    });
                  });
                  socket.onopen = () => opened(socket);
                  socket.onerror = () => failed(new Error("no connection"));
                });
                const [ada, bob] = [await join("a"), await join("b")];
                const registered = bob.until((message) => message.interval);
                bob.announce([]);
                await registered;
                const offer = bob.until((message) => message.offer);
                ada.announce([{ offer: { type: "offer", sdp: "x" }, offer_id: "o".repeat(20) }]);
                const { peer_id } = await offer;
                return peer_id;
              }
              """);
      assertThat(offered).isEqualTo("a".repeat(20));
      statistics = page.open("/stats");
      assertThat(statistics.locator("body")).containsText("1 torrents");
    }
    tracker.measure("/stats");
  }
}
