package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.output.CommandException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageSpecTest {

  @ParameterizedTest
  @CsvSource({
    "npm:tiddlywiki@5.4.1, tiddlywiki, 5.4.1, tiddlywiki",
    "npm:@team/wiki@1.0.0-rc.1, @team/wiki, 1.0.0-rc.1, wiki",
    "npm:0.x_y~z@0.0.1, 0.x_y~z, 0.0.1, 0-x-y-z",
    "npm:_@0.0.1, _, 0.0.1, app",
  })
  void nameAndVersionAreRead(String text, String name, String version, String app) {
    PackageSpec spec = PackageSpec.parse(text);
    assertThat(spec).isEqualTo(new PackageSpec(name, version)).hasToString(text);
    assertThat(spec.appName()).isEqualTo(app).matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  }

  @Test
  void aLongNameIsCutToALabel() {
    assertThat(PackageSpec.parse("npm:" + "a-".repeat(60) + "b@1.0.0").appName())
        .hasSizeLessThanOrEqualTo(63)
        .matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tiddlywiki@5.4.1",
        "npm:tiddlywiki",
        "npm:@team/wiki",
        "npm:tiddlywiki@",
        "npm:tiddlywiki@latest",
        "npm:tiddlywiki@^5.4.1",
        "npm:tiddlywiki@5",
        "npm:tiddlywiki@5.4.1/program",
        "npm:tiddlywiki@../../x",
        "npm:../../x@1.0.0",
        "npm:Tiddly@1.0.0",
        "npm:a b@1.0.0",
        "npm:a\n@1.0.0",
        "npm:@1.0.0",
        "npm:--allow-all@1.0.0;x",
        "git:https://example.org/x.git@main",
        "https://example.org/x.tar.gz",
        "",
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> PackageSpec.parse(text))
        .isInstanceOf(CommandException.class)
        .extracting(e -> ((CommandException) e).remedy())
        .asString()
        .isNotEmpty();
  }
}
