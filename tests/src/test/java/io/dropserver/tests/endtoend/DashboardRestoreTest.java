package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner restores a backup in the dashboard, from the real restic into a running appspace. */
@Tag("slow")
class DashboardRestoreTest {
  private static final String APP =
      """
      export default {
        async fetch(request: Request): Promise<Response> {
          const { pathname, search } = new URL(request.url);
          if (pathname === "/write") {
            await Deno.writeTextFile("/data/note.txt", search.slice(1) + "\\n");
          }
          return new Response(await Deno.readTextFile("/data/note.txt").catch(() => "nothing\\n"));
        },
      };
      """;

  private static final String PATH = "/dashboard/a/notes/restore";

  @TempDir Path folder;

  @Test
  void anOwnerComparesRestoresAndUndoes() throws Exception {
    try (LiveInstance instance = MembersApp.create(folder)) {
      instance.repository().write("apps/notes/main.ts", APP).push("An app with a note");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      try (MemberClient alice = MemberClient.enter(instance, "alice", "notes")) {
        assertThat(alice.get("/write?first").body()).isEqualTo("first\n");
        var _ =
            new BackupClient(instance.state())
                .run(
                    new BackupOrder(
                        BackupVerb.NOW,
                        Optional.of("notes"),
                        Optional.empty(),
                        Optional.empty(),
                        List.of()),
                    step -> {});
        assertThat(alice.get("/write?second").body()).isEqualTo("second\n");

        String snapshot = value("snapshot", alice.shell(PATH));
        HttpResponse<String> preview =
            alice.submit(PATH + "/preview", MemberClient.form("snapshot", snapshot));
        assertThat(preview.body()).contains("note.txt", "changes 1");
        assertThat(alice.get("/").body()).as("a comparison changes nothing").isEqualTo("second\n");

        String current = value("current", preview);
        String form =
            MemberClient.form("snapshot", snapshot) + "&" + MemberClient.form("current", current);
        assertThat(alice.submit(PATH + "/apply", form).body()).contains("The backup is restored");
        assertThat(alice.get("/").body()).isEqualTo("first\n");

        String undo =
            MemberClient.form("snapshot", current) + "&" + MemberClient.form("current", "");
        assertThat(alice.submit(PATH + "/apply", undo).body()).contains("The backup is restored");
        assertThat(alice.get("/").body()).isEqualTo("second\n");
      }
    }
  }

  /** Returns the value of the first input with a name. */
  private static String value(String name, HttpResponse<String> page) {
    Matcher input =
        Pattern.compile("name=\"" + name + "\"[^>]*value=\"([0-9a-f]+)\"").matcher(page.body());
    assertThat(input.find()).as(page.body()).isTrue();
    return input.group(1);
  }
}
