package io.dropserver.reconciler.edit;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.testing.property.Generator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WhitelistEditorPropertyTest {
  private static final List<ListName> LISTS =
      List.of(ListName.ALLOW, ListName.DENY, ListName.PENDING);
  private static final WhitelistEntry ENTRY =
      new WhitelistEntry(
          "https://api.example.org/",
          new TreeSet<>(List.of("GET", "POST")),
          Optional.of("why: # \"x\""));

  @Test
  void editsInsertTheEntryAndKeepAllOtherBytes() {
    forAll(
        2000,
        files(),
        Generator.of(ListName.values()),
        (file, list) -> {
          String edited = edit(file, list, ENTRY);

          assertInserted(file, edited);
          assertThat(Values.of(edited))
              .as(edited)
              .isEqualTo(Values.with(Values.of(file), list, ENTRY));
          boolean crlf = file.contains("\r\n");
          assertThat(edited.replace("\r\n", "").contains("\n"))
              .isEqualTo(!crlf && edited.contains("\n"));
          assertThat(edited.endsWith("\n")).isEqualTo(file.endsWith("\n"));
        });
  }

  @Test
  void manyEditsInARowEndInAllEntries() {
    forAll(
        500,
        files(),
        file -> {
          String text = file;
          var expected = Values.of(file);
          for (int i = 0; i < 6; i++) {
            ListName list = LISTS.get(i % 3);
            WhitelistEntry entry =
                new WhitelistEntry(
                    "https://h" + i + ".example/", new TreeSet<>(), Optional.empty());
            text = edit(text, list, entry);
            expected = Values.with(expected, list, entry);
          }
          assertThat(Values.of(text)).isEqualTo(expected);
        });
  }

  @Test
  void hostileTextIsWrittenAsPlainText() {
    forAll(
        2000,
        files(),
        hostile(),
        hostile(),
        (file, url, reason) -> {
          WhitelistEntry entry = new WhitelistEntry(url, new TreeSet<>(), Optional.of(reason));

          String edited = edit(file, ListName.PENDING, entry);

          assertInserted(file, edited);
          assertThat(Values.of(edited))
              .isEqualTo(Values.with(Values.of(file), ListName.PENDING, entry));
          assertThat(
                  entry
                      .reason()
                      .orElseThrow()
                      .codePointCount(0, entry.reason().orElseThrow().length()))
              .isLessThanOrEqualTo(200);
        });
  }

  @Test
  void aNewFileContainsTheEntryForAnyText() {
    forAll(
        1000,
        hostile(),
        hostile(),
        (url, reason) -> {
          WhitelistEntry entry =
              new WhitelistEntry(url, new TreeSet<>(List.of("GET")), Optional.of(reason));
          String file = WhitelistEditor.newFile("on", "garden", ListName.ALLOW, entry);

          assertThat(Values.of(file))
              .containsExactly(
                  Map.of(
                      "apiVersion",
                      "TEXT dropserver.io/v1",
                      "kind",
                      "TEXT EgressWhitelist",
                      "metadata",
                      Map.of("name", "TEXT on"),
                      "spec",
                      Map.of("appspace", "TEXT garden", "allow", List.of(Values.entry(entry)))));
        });
  }

  @Test
  void mutatedFilesAreEditedOrRefused() {
    forAll(
        1500,
        mutated(),
        file -> {
          switch (WhitelistEditor.insert(
              file.getBytes(StandardCharsets.UTF_8), "garden", "garden", ListName.ALLOW, ENTRY)) {
            case WhitelistEditor.EditRefused editRefused ->
                assertThat(editRefused.reason()).isNotBlank();
            case Edited(String text) -> assertThat(text).contains("https://api.example.org/");
          }
        });
  }

  private static Generator<String> files() {
    return SampleFiles::next;
  }

  private static Generator<String> mutated() {
    return random -> {
      StringBuilder text = new StringBuilder(SampleFiles.next(random));
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(text.length());
        String bits = "\n\t -:#[]{},&*!|>'\"%@`?~\u2028\u0085\r\0";
        text.replace(at, at + random.nextInt(2), "" + bits.charAt(random.nextInt(bits.length())));
      }
      return text.toString();
    };
  }

  private static Generator<String> hostile() {
    Generator<String> known =
        Generator.of(
            "\n- url: https://evil.example/",
            ": ",
            " #",
            "\"",
            "'",
            "\\",
            "\\\"",
            "]}",
            "*a",
            "&a",
            "!!int 1",
            "\u202Eevil",
            "\u0000",
            "\u001B[2J",
            "\r\n...\n---\n",
            "%",
            "@",
            "`",
            "|",
            ">",
            "~",
            "null",
            "yes",
            "1e3",
            "0x1",
            "<<",
            "- ",
            "? ",
            "\t",
            " ",
            "",
            "\uD83D",
            "\uDE00x",
            "🌱",
            "\uFEFF",
            "\u2028",
            "\u0085",
            "${secret:x}",
            "https://a.example/, x]",
            "a".repeat(1 << 20));
    return Generator.oneOf(
        known, Generator.text(300), known.list(0, 6).map(l -> String.join("", l)));
  }

  private static String edit(String file, ListName list, WhitelistEntry entry) {
    var editResult =
        WhitelistEditor.insert(
            file.getBytes(StandardCharsets.UTF_8), "garden", "garden", list, entry);
    assertThat(editResult).as(file).isInstanceOf(Edited.class);
    return ((Edited) editResult).text();
  }

  /** In one piece, but for a comma that goes before. */
  private static void assertInserted(String before, String after) {
    int same = commonPrefix(before, after);
    if (isOneInsertion(before, after, same)) {
      return;
    }
    assertThat(after.charAt(same)).as(after).isEqualTo(',');
    String restBefore = before.substring(same);
    String restAfter = after.substring(same + 1);
    assertThat(isOneInsertion(restBefore, restAfter, commonPrefix(restBefore, restAfter)))
        .as(after)
        .isTrue();
  }

  private static boolean isOneInsertion(String before, String after, int same) {
    return after.endsWith(before.substring(same));
  }

  private static int commonPrefix(String a, String b) {
    int at = 0;
    while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
      at++;
    }
    return at;
  }
}
