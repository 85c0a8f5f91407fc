package io.dropserver.web.home;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IconImageTest {
  private static final String OPEN =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\">";

  @TempDir Path folder;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] png(int width, int height) {
    return ByteBuffer.allocate(40)
        .put(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})
        .putInt(13)
        .put(bytes("IHDR"))
        .putInt(width)
        .putInt(height)
        .array();
  }

  @Test
  void simpleShapesAndSmallPicturesPass() {
    String svg = OPEN + "<!-- a <b> --><g fill=\"#fff\"><path d=\"M0 0\"/></g></svg>";
    assertThat(IconImage.of(bytes(svg)).orElseThrow().type()).isEqualTo("image/svg+xml");
    assertThat(IconImage.of(bytes("<?xml version=\"1.0\"?>\n" + svg))).isPresent();
    assertThat(IconImage.of(png(64, 64)).orElseThrow().type()).isEqualTo("image/png");
  }

  @Test
  void theIconsOfTheExamplePass() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("../example-instance-repo/apps"))) {
      assertThat(files.filter(file -> file.endsWith("icon.svg")))
          .isNotEmpty()
          .allSatisfy(file -> assertThat(IconImage.read(file)).isPresent());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "<html></html>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><use href=\"#a\"/></svg>",
        "<svg><foreignObject/></svg>",
        "<svg><image href=\"https://evil.example/\"/></svg>",
        "<svg><style>@import 'https://evil.example/'</style></svg>",
        "<svg><filter/></svg>",
        "<svg><pattern/></svg>",
        "<svg><a href=\"javascript:alert(1)\"/></svg>",
        "<svg><x:script xmlns:x=\"http://www.w3.org/2000/svg\"/></svg>",
        "<!DOCTYPE svg [<!ENTITY a \"aaaa\">]><svg>&a;</svg>",
        "<svg><![CDATA[<script>]]></svg>",
        "<?xml-stylesheet href=\"https://evil.example/\"?><svg/>",
        "<!-- <svg> --><script/>",
        "<svg><!-- > --><script/> --></svg>"
      })
  void anImageThatIsNotPlainIsRefused(String content) {
    assertThat(IconImage.of(bytes(content))).isEmpty();
  }

  @Test
  void oversizedImagesAreRefused() throws IOException {
    byte[] content = Arrays.copyOf(bytes(OPEN), IconImage.MAX_BYTES + 1);
    Arrays.fill(content, OPEN.length(), content.length, (byte) ' ');
    assertThat(IconImage.of(content)).isEmpty();
    assertThat(IconImage.of(png(100_000, 64))).isEmpty();
    assertThat(IconImage.of(png(64, -1))).isEmpty();
    Path huge = Files.write(folder.resolve("huge.svg"), content);
    assertThat(IconImage.read(huge)).isEmpty();
  }

  @Test
  void neitherALinkNorAFolderIsRead() throws IOException {
    Path real = Files.write(folder.resolve("real.svg"), bytes(OPEN + "</svg>"));
    assertThat(IconImage.read(real)).isPresent();
    Path link = Files.createSymbolicLink(folder.resolve("link.svg"), real);
    assertThat(IconImage.read(link)).isEmpty();
    assertThat(IconImage.read(folder)).isEmpty();
    assertThat(IconImage.read(folder.resolve("missing.svg"))).isEmpty();
  }

  @Test
  void aMonogramIsAValidIcon() {
    assertThat(IconImage.of(Monogram.of("diary"))).isPresent();
    assertThat(new String(Monogram.of("<b>"), StandardCharsets.UTF_8)).contains(">?<");
  }
}
