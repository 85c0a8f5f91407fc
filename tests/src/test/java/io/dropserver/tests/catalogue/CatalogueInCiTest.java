package io.dropserver.tests.catalogue;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Frame;
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
}
