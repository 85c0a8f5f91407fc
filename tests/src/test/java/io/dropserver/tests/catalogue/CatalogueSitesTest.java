package io.dropserver.tests.catalogue;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Frame;
import com.microsoft.playwright.options.AriaRole;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Installs, opens and uses the programs of the catalogue that show the files of a person. */
@Tag("catalogue")
class CatalogueSitesTest extends CatalogueFixture {

  @Test
  void superstaticFollowsTheRulesOfItsConfiguration() throws Exception {
    CatalogueInstance superstatic = install("superstatic", "/");
    try (CataloguePage page = page()) {
      Frame site = page.open("/");
      site.getByText("A page for many paths").click();
      assertThat(site.getByRole(AriaRole.HEADING)).hasText("One page for all paths");
      site = page.open("/");
      site.getByText("A page that has moved").click();
      assertThat(site.getByRole(AriaRole.HEADING)).hasText("The new page");
      assertThat(site.url()).endsWith("/about");
    }
    superstatic.measure("/");
  }

  @Test
  void eleventyBuildsASiteAgainWhenAFileIsAdded() throws Exception {
    CatalogueInstance eleventy = install("eleventy", "/");
    try (CataloguePage page = page()) {
      Frame site = page.open("/");
      assertThat(site.getByRole(AriaRole.HEADING)).hasText("A built site");
      site.getByText("The first post").click();
      assertThat(site.locator("body")).containsText("It is a Markdown file");
      String post = "---\ntitle: The second post\ntags: post\n---\nWritten later.\n";
      Files.writeString(eleventy.data().resolve("site/second.md"), post);
      await("the new page")
          .atMost(Duration.ofMinutes(1))
          .until(() -> eleventy.get("/second/").body().contains("Written later."));
      site = page.open("/");
      assertThat(site.locator("body")).containsText("The second post");
    }
    eleventy.measure("/");
  }

  @Test
  void hadsCreatesEditsAndFindsANote() throws Exception {
    CatalogueInstance hads = install("hads", "/");
    try (CataloguePage page = page()) {
      Frame notes = page.open("/");
      assertThat(notes.locator(".markdown-body h1")).hasText("Notes");
      notes.getByText("Add", new Frame.GetByTextOptions().setExact(true)).click();
      notes.locator("#add").fill("shopping.md");
      notes.getByRole(AriaRole.BUTTON, new Frame.GetByRoleOptions().setName("Create")).click();
      notes.locator(".ace_text-input").focus();
      page.page().keyboard().insertText("# Shopping\n\nApples and pears\n");
      notes.getByText("Save").click();
      assertThat(notes.locator(".markdown-body")).containsText("Apples and pears");
      assertThat(hads.data().resolve("notes/shopping.md")).content().contains("pears");

      notes = page.open("/");
      notes.locator("input[name=search]").fill("pears");
      notes.locator("input[name=search]").press("Enter");
      assertThat(notes.locator(".markdown-body")).containsText("shopping");
    }
    hads.measure("/");
  }
}
