package io.dropserver.tests.catalogue;

import io.dropserver.tests.browser.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** Starts a browser for all tests of a class, and a server with one program for each test. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class CatalogueFixture {
  @TempDir private Path folder;
  private Chromium chromium;
  private @Nullable CatalogueInstance instance;

  @BeforeAll
  void startBrowser() {
    chromium = Chromium.start();
  }

  @AfterAll
  void closeBrowser() {
    chromium.close();
  }

  @AfterEach
  void closeServer() {
    if (instance != null) {
      instance.close();
    }
  }

  /** Starts a server with an entry of the catalogue, and waits until this path is answered. */
  final CatalogueInstance install(String entry, String path) throws IOException {
    Path own = Files.createDirectory(folder.resolve(entry));
    CatalogueInstance started = CatalogueInstance.start(own, entry);
    instance = started;
    var _ = started.awaitInstalled(path);
    return started;
  }

  final CataloguePage page() {
    return new CataloguePage(Objects.requireNonNull(instance), chromium);
  }
}
