package io.dropserver.tests.catalogue;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Locator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The programs of the catalogue that are tested in CI: the best known one, and a small one. */
@Tag("slow")
@Tag("catalogue-in-ci")
class CatalogueInCiTest extends CatalogueFixture {

  @Test
  void httpServerListsFiles() throws Exception {
    CatalogueInstance files = install("http-server", "/");
    try (CataloguePage page = page()) {
      Frame listing = page.open("/");
      listing.getByText("hello.txt").click();
      assertThat(listing.locator("body")).containsText("This file is in /data/public.");
    }
    files.measure("/");
  }

  @Test
  void tiddlyWikiCreatesSavesAndFindsANote() throws Exception {
    CatalogueInstance wiki = install("tiddlywiki", "/status");
    try (CataloguePage page = page()) {
      page.expect(
          "Failed to load resource: .* 404 \\(Not Found\\)",
          "its saver asks with OPTIONS and HEAD whether the server is a WebDAV server");
      Frame notes = page.open("/");
      notes.locator("button[aria-label='new tiddler']").first().click();
      Locator editor = notes.locator(".tc-tiddler-edit-frame");
      editor.locator("input.tc-titlebar").fill("Groceries");
      editor.frameLocator("iframe").locator("textarea").fill("Apples and pears");
      editor.locator("button[aria-label='Confirm changes to this tiddler']").click();
      await("the note on the server")
          .until(() -> wiki.get("/recipes/default/tiddlers/Groceries").body().contains("pears"));

      notes = page.open("/");
      notes.locator(".tc-search input").first().fill("pears");
      notes.locator(".tc-search-drop-down").getByText("Groceries").first().click();
      assertThat(notes.getByText("Apples and pears")).isVisible();
    }
    wiki.measure("/");
  }
}
