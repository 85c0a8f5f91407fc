package io.dropserver.cli.run;

import io.dropserver.base.text.VisibleText;
import io.dropserver.cli.command.ProgramHome;
import io.dropserver.cli.command.StateOption;
import io.dropserver.cli.output.Terminal;
import io.dropserver.cli.output.Terminal.Colour;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.ObjectStatus;
import io.dropserver.sandbox.SandboxHost.Layer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Prints the demo's instructions: which pages to open, which files to edit, and which isolation
 * layers are active.
 */
final class DemoGuide {
  private final Terminal terminal;
  private final PrintStream out;
  private final DemoRepository repository;
  private final int port;

  DemoGuide(Terminal terminal, DemoRepository repository, int port) {
    this.terminal = terminal;
    this.out = terminal.out();
    this.repository = repository;
    this.port = port;
  }

  /**
   * A link that logs a user in once.
   *
   * @param url contains a secret
   */
  record Link(String person, String url) {}

  /**
   * @param waiting the approval requests that need a decision
   */
  void print(
      InstanceStatus status, Optional<Link> link, List<ApprovalStatus> waiting, List<Layer> layers)
      throws IOException {
    out.println("serving " + VisibleText.line(status.shellUrl()));
    open(status, link);
    edit();
    decide(waiting);
    printInspectCommands();
    fromElsewhere();
    isolation(layers);
    out.println();
    out.println("Ctrl-C stops the demo. The same command continues it.");
  }

  private void open(InstanceStatus status, Optional<Link> link) {
    heading("Open");
    link.ifPresent(
        it -> {
          String person = VisibleText.line(it.person());
          comment("this link logs in your browser as " + person + ", once, within 24 hours");
          out.println("  " + VisibleText.line(it.url()));
          comment(
              "and opens the home page with all appspaces that %s may use, and the dashboard"
                  .formatted(person));
        });
    for (ObjectStatus object : status.objects()) {
      if (object.url().isPresent()) {
        String state =
            object.ready() ? "" : "  (" + object.reason() + ": " + object.message() + ")";
        out.println("  " + VisibleText.line(object.url().get() + state));
      }
    }
  }

  private void edit() {
    heading("Edit, in another terminal; each push prints its result");
    out.println("  cd " + repository.workingCopy());
    example(
        "upgrade the diary: it gets a search and keeps its entries",
        "sed -i 's/version: 1.0.0/version: 1.1.0/' appspaces/diary.yaml",
        "git commit -am 'Upgrade the diary' && git push");
    example(
        "add a second shopping list, with its own address and its own data",
        "sed 's/metadata: {name: shopping}/metadata: {name: party}/' appspaces/shopping.yaml"
            + " > appspaces/party.yaml",
        "git add . && git commit -m 'Add a list for the party' && git push");
    example(
        "pause the cookbook",
        "echo '  state: paused' >> appspaces/cookbook.yaml",
        "git commit -am 'Pause the cookbook' && git push");
    example(
        "make a mistake: nothing changes, and the output of the push names the line",
        "sed -i 's/owner:/onwer:/' appspaces/diary.yaml",
        "git commit -am 'Make a mistake' && git push",
        "git revert --no-edit HEAD && git push");
  }

  /** Explains how to decide on the first open request, whose branch is the same in every demo. */
  private void decide(List<ApprovalStatus> waiting) {
    Optional<ApprovalStatus> open =
        waiting.stream().filter(request -> request.state().equals("open")).findFirst();
    Optional<String> branch = open.flatMap(ApprovalStatus::branch);
    if (branch.isEmpty()) {
      return;
    }
    Path program = ProgramHome.program();
    String id = open.get().id();
    heading("Decide what apps may reach outside: nothing, until you allow it");
    example(
        "the diary requests access to a weather service; show the request, which is waiting",
        program + " approvals show " + id + " --state " + repository.state());
    example(
        "review the change, merge it, and open the diary again: it needs no restart",
        "git fetch && git diff main..." + "origin/" + branch.get(),
        "git merge --no-edit origin/" + branch.get() + " && git push");
    example(
        "or decide with one command; a denial is remembered",
        program + " approvals approve " + id + " --state " + repository.state());
  }

  private void comment(String text) {
    out.println(terminal.paint(Colour.FAINT, "  # " + text));
  }

  private void example(String what, String... commands) {
    comment(what);
    for (String command : commands) {
      out.println("  " + command);
    }
  }

  private void printInspectCommands() {
    heading("Look");
    Path program = ProgramHome.program();
    out.println("  export " + StateOption.VARIABLE + "=" + repository.state());
    out.println("  " + program + " status");
    out.println("  " + program + " get appspace diary");
    out.println("  " + program + " logs diary -f");
  }

  private void fromElsewhere() throws IOException {
    heading("If this machine has no screen, run this on a machine that has a screen");
    out.printf(
        "  ssh -L %d:127.0.0.1:%d %s@%s%n",
        port, port, System.getProperty("user.name"), hostName());
  }

  private void isolation(List<Layer> layers) {
    heading("Isolation of each app on this machine");
    for (Layer layer : layers) {
      String mark =
          layer.present() ? terminal.paint(Colour.GREEN, "✓") : terminal.paint(Colour.YELLOW, "✗");
      out.println("  " + mark + " " + VisibleText.line(layer.name() + ": " + layer.detail()));
      if (!layer.remedy().isEmpty()) {
        out.println("      → " + VisibleText.line(layer.remedy()));
      }
    }
    if (layers.stream().anyMatch(layer -> !layer.present())) {
      out.println(
          "  This demo runs without the missing layers; a server refuses to start, unless its");
      out.println("  configuration permits it with sandbox.allowWeaker.");
    }
  }

  private void heading(String text) {
    out.println();
    out.println(terminal.paint(Colour.BOLD, text));
  }

  private static String hostName() throws IOException {
    Path file = Path.of("/proc/sys/kernel/hostname");
    return Files.isReadable(file) ? Files.readString(file).strip() : "HOST";
  }
}
