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
}
