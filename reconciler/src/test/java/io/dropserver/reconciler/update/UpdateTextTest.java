package io.dropserver.reconciler.update;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.source.EditedTree;
import io.dropserver.reconciler.update.CandidateTrial.Passed;
import io.dropserver.reconciler.update.UpdateEdit.Change;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.Permission;
import io.dropserver.schema.instance.DropappManifest.SuggestedEgress;
import io.dropserver.schema.instance.FolderTree;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpdateTextTest {
  private static final String HOSTILE =
      "[click](https://evil.example) <img src=x> @everyone `code` #12 \u202e\u0007"
          + "x".repeat(1_000);

  @TempDir private Path folder;

  private static DropappManifest manifest(
      List<SuggestedEgress> egress, List<Permission> permissions) {
    return new DropappManifest(
        "Wiki",
        "",
        "1.1.0",
        "main.ts",
        Optional.empty(),
        Optional.empty(),
        permissions,
        egress,
        Optional.empty(),
        DataSchema.UNNAMED,
        LaunchOptions.DEFAULT);
  }

  private UpdateText text(NewAsks asks, String changelog) throws IOException {
    Location location = new Location("apps/wiki.yaml", 1, 1);
    AppVersion entry =
        new AppVersion("1.1.0", location, new PathSource(location, "apps", Optional.empty()));
    InstalledApp app =
        new InstalledApp(
            "wiki",
            "1.1.0",
            "id",
            folder,
            folder,
            folder,
            manifest(List.of(), List.of()),
            AppRuntime.FETCH,
            Optional.empty());
    return new UpdateText(
        new UpdateReport(
            "wiki",
            "1.0.0",
            "1.1.0",
            "https://x.example/a|b`c",
            asks,
            true,
            new Passed(app, Optional.empty(), OptionalInt.empty(), 2_048),
            Optional.of(changelog),
            Optional.of(new FolderComparison(1, 2, 3, false)),
            new Change(
                new TreeMap<>(),
                EditedTree.of(FolderTree.of(folder, path -> false), "a", new byte[0]),
                entry,
                List.of("notes"),
                List.of("other"))));
  }

  @Test
  void textOfStrangersIsInertAndShort() throws IOException {
    NewAsks asks = new NewAsks(List.of("egress: " + HOSTILE));
    UpdateText text = text(asks, (HOSTILE + "\n").repeat(100));
    for (String shown : List.of(text.body(), text.commitMessage(), text.summary())) {
      assertThat(shown)
          .doesNotContain("https://evil", "@everyone", "`code`", "#12", "\u202e", "\u0007")
          .doesNotContain("x".repeat(201));
    }
    assertThat(text.body().lines().filter(line -> line.contains("click")))
        .hasSizeLessThanOrEqualTo(41)
        .allMatch(line -> line.startsWith("    "));
    assertThat(text.body()).contains("a%7Cb'c`");
  }

  /** Forges show push options as Markdown, in which such links have no scheme. */
  @Test
  void pushOptionsContainNoTextOfAnApp() throws IOException {
    NewAsks asks = new NewAsks(List.of("egress: https://a.example/ (GET) – ![x](//evil.example)"));
    assertThat(text(asks, "").description())
        .isEqualTo(
            "wiki 1.1.0 newly asks for 1 thing, which the message of its commit lists, and migrates"
                + " the data");
    assertThat(text(new NewAsks(List.of()), "").description()).contains("asks for nothing new");
  }

  /** Otherwise many harmless lines would hide a later one. */
  @Test
  void linesThatAreNotShownAreCounted() throws IOException {
    List<String> lines =
        new ArrayList<>(Collections.nCopies(42, "egress: https://a.example/ (GET)"));
    lines.add("permission: delete-all");
    UpdateText text = text(new NewAsks(lines), "");
    for (String shown : List.of(text.body(), text.commitMessage(), text.summary())) {
      assertThat(shown).contains("and 3 more; read its manifest");
    }
  }

  @Test
  void theTextSaysWhatAPersonDecides() throws IOException {
    UpdateText text = text(new NewAsks(List.of()), "News");
    assertThat(text.title()).isEqualTo("Update wiki from 1.0.0 to 1.1.0");
    assertThat(text.body())
        .contains("asks for nothing new", "2.0 KiB", "yes: a program", "    News")
        .contains("1 file added, 2 changed, 3 removed", "notes", "edit these by hand: other");
    assertThat(text.commitMessage()).endsWith("Dropserver-Update: wiki 1.1.0\n");
  }

  @Test
  void onlyWhatIsNewIsAsked() {
    SuggestedEgress known = new SuggestedEgress("https://a.example/", List.of("GET"), "");
    SuggestedEgress wider = new SuggestedEgress("https://a.example/", List.of("GET", "POST"), "");
    Permission edit = new Permission("edit", "");
    DropappManifest before = manifest(List.of(known), List.of(edit));
    assertThat(NewAsks.between(Optional.of(before), before).isEmpty()).isTrue();
    assertThat(NewAsks.between(Optional.empty(), before).lines()).hasSize(2);
    assertThat(
            NewAsks.between(
                    Optional.of(before),
                    manifest(List.of(wider), List.of(edit, new Permission("rule", "all"))))
                .lines())
        .containsExactly("egress: https://a.example/ (GET, POST)", "permission: rule \u2013 all");
  }
}
