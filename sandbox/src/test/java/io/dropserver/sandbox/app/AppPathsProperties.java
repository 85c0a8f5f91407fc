package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AppPathsProperties {

  @Property
  void anAcceptedPathStaysInsideAndIsPlainText(@ForAll("paths") String path) {
    if (new AppPaths(FileBounds.DEFAULT).refusal(path).isPresent()) {
      return;
    }
    Path root = Path.of("/root/of/app");
    Path resolved = root.resolve(path);
    assertThat(resolved.normalize()).isEqualTo(resolved).isNotEqualTo(root);
    assertThat(resolved.startsWith(root)).isTrue();
    assertThat(new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
        .isEqualTo(path);
    assertThat(path.chars()).noneMatch(Character::isISOControl);
  }

  @Property
  void aPathIsAcceptedOnce(@ForAll("paths") String path) {
    var paths = new AppPaths(FileBounds.DEFAULT);
    if (paths.refusal(path).isEmpty()) {
      assertThat(paths.refusal(path)).isPresent();
      assertThat(paths.refusal(path + "/below")).isPresent();
    }
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
            "a", "B", "b", "..", ".", "/", "//", "\\", "é", "e\u0301", "\u0000", "\u202E", "\uD800",
            "…", " ", "x.ts")
        .list()
        .ofMinSize(0)
        .ofMaxSize(8)
        .map(parts -> String.join("", parts));
  }
}
