package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import io.dropserver.web.page.Assets;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NoticesTest {
  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  @Test
  void aNoticeIsAPageToBrowsersAndTwoLinesToOthers() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    Answer page = door.get("notes", "/.dropserver/none", "Accept: text/html");
    assertThat(page.status()).isEqualTo(404);
    assertThat(page.header("Content-Type")).contains("text/html; charset=utf-8");
    assertThat(page.header("Cache-Control")).contains("no-store");
    assertThat(page.body())
        .startsWith("<!doctype html>")
        .contains("<html lang=\"en\">", "<h1>Not found</h1>", Assets.path("dropserver.css"));
    Answer lines = door.get("notes", "/.dropserver/none");
    assertThat(lines.header("Content-Type")).contains("text/plain; charset=utf-8");
    assertThat(lines.body()).isEqualTo("Not found\nThis page does not exist.\n");
  }

  @Test
  void noticePagesHaveNoInlineScriptOrStyle() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    String page = door.get("notes", "/.dropserver/none", "Accept: text/html").body();
    assertThat(page).doesNotContain("<style", "style=", "onclick", "javascript:", "http-equiv");
    assertThat(page).doesNotContainPattern("<script(?![^>]* src=)");
  }

  @Test
  void assetsAreServedOnEveryHostForGood() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    for (String host : List.of("notes.home.localhost", "home.localhost", "other.home.localhost")) {
      for (String asset : List.of("appspace.js", "dropserver.css", "icon.svg", "waiting.js")) {
        String path = Assets.path(asset);
        Answer response =
            RawHttpClient.ask(
                door.port(), "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
        assertThat(response.status()).as(host + path).isEqualTo(200);
        assertThat(response.header("Cache-Control"))
            .contains("public, max-age=31536000, immutable");
        assertThat(response.header("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.body()).isNotEmpty();
      }
    }
  }

  @Test
  void anAssetOfAnotherVersionIsNotServed() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    String other =
        Assets.path("dropserver.css").replaceFirst("/[0-9a-f]{16}/", "/0123456789abcdef/");
    assertThat(door.get("notes", other).status()).isEqualTo(404);
  }

  @Test
  void onlyTemporaryNoticesReload() throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    assertThat(door.get("notes", "/.dropserver/none", "Accept: text/html").body())
        .doesNotContain("waiting.js");
    door.leases.fail("notes", new SandboxException(SandboxReason.BACKOFF, "the owner's secret"));
    assertThat(door.get("notes", "/", "Accept: text/html").body())
        .contains(Assets.path("waiting.js"), "data-after=\"5\"", "Try again");
  }
}
