package io.dropserver.tests.hostile;

import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.io.PrintStream;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The control run: every attack without any protection, as root, in Deno with all permissions. Each
 * must succeed, to prove that the suite can fail. Runs only in a disposable virtual machine, where
 * {@code HostileControlsTest} starts it.
 */
final class HostileControls {
  private static final long START_SECONDS = 60;

  /** An emulated CPU is slow. */
  private static final Duration TIMEOUT = Duration.ofMinutes(5);

  /** An additional address of the machine, from a documentation block (RFC 5737). */
  private static final String ADDRESS = "192.0.2.7";

  private final Path folder;
  private final DenoBinary deno = DenoBinary.find(Optional.empty(), Optional.empty());
  private final PrintStream out;

  private HostileControls(Path folder, PrintStream out) {
    this.folder = folder;
    this.out = out;
  }

  /**
   * @param arguments names of attacks; by default all that have a control run
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (!Files.readString(Path.of("/proc/cpuinfo")).contains("QEMU")
        || !Files.exists(Path.of("/test-command"))) {
      throw new IllegalStateException("this harms the machine: only in the tests' virtual machine");
    }
    Set<String> names = Set.of(arguments);
    List<AttackFile> attacks =
        AttackFile.all(AttackFile.folder()).stream()
            .filter(attack -> names.isEmpty() ? attack.control() : names.contains(attack.name()))
            .toList();
    prepareMachine();
    // Next to the attackers' data, because hard links do not work across mounts.
    Path folder = Files.createTempDirectory(Path.of("/data"), "controls");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    System.exit(new HostileControls(folder, System.out).run(attacks) ? 0 : 1);
  }

  private boolean run(List<AttackFile> attacks) throws IOException, InterruptedException {
    List<String> failed = new ArrayList<>();
    Path state = Files.createDirectory(folder.resolve("state"));
    run("mount", "--bind", state.toString(), state.toString());
    Path outside = Files.createDirectory(folder.resolve("outside"));
    try (AttackTargets attackTargets = AttackTargets.open(outside, state, List.of(ADDRESS));
        FakeInternet world = FakeInternet.open()) {
      try (Started neighbour = start()) {
        AttackRequest.seed(neighbour.address);
      }
      for (AttackFile attack : attacks) {
        String outcome = runAttack(attack, attackTargets, world);
        out.printf("control %-44s %s%n", attack.name(), outcome);
        if (!outcome.startsWith("succeeds")) {
          failed.add(attack.name());
        }
      }
    }
    out.printf(
        "controls: %d attacks, %d succeed%n", attacks.size(), attacks.size() - failed.size());
    failed.forEach(name -> out.println("controls: no success: " + name));
    return failed.isEmpty();
  }

  /** Creates what a sandbox has and this machine lacks: its folders, and resolvable names. */
  private static void prepareMachine() throws IOException, InterruptedException {
    Path checkout = Checkout.root();
    run("mkdir", "-p", "/data", "/app", "/dropserver/runtime", "/run/app", "/run/dropserver");
    run("mount", "--bind", "/data", "/data");
    for (String address : List.of("169.254.169.254/32", ADDRESS + "/32")) {
      run("ip", "address", "add", address, "dev", "lo");
    }
    run("ip", "link", "add", "outside", "type", "veth", "peer", "name", "inside");
    Files.writeString(Path.of("/etc/resolv.conf"), "nameserver 127.0.0.1\n");
    run("cp", "-r", checkout.resolve("tests/src/test/hostile") + "/.", "/app");
    run("mount", "--bind", "/app", "/app");
    run("cp", "-r", checkout.resolve("sandbox/src/main/deno") + "/.", "/dropserver/runtime");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  private String runAttack(AttackFile attack, AttackTargets attackTargets, FakeInternet world)
      throws IOException, InterruptedException {
    attackTargets.restore();
    world.takeHits();
    AttackRequest.AttackResponse attackResponse;
    boolean reachedCanary;
    try (UnprotectedHost _ = UnprotectedHost.open();
        Started attacker = start()) {
      Map<String, Object> target = attackTargets.target(AttackFile.folder());
      attackResponse = AttackRequest.send(attacker.address, attack.name(), target, TIMEOUT);
      reachedCanary = AttackRequest.ready(attacker.address).contains(attackTargets.canary());
    }
    List<String> harm = new ArrayList<>(attackTargets.damage());
    harm.addAll(world.takeHits());
    if (reachedCanary) {
      return "succeeds: the server was led to a socket of the host";
    }
    if (!harm.isEmpty()) {
      return "succeeds: " + String.join("; ", harm);
    }
    return attackResponse
        .obtained()
        .map(obtained -> "succeeds: " + oneLine(obtained))
        .orElseGet(() -> "NO SUCCESS: " + oneLine(attackResponse.stopped()));
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("[\\s\\p{Cntrl}]+", " ");
    return line.length() > 100 ? line.substring(0, 100) + "…" : line;
  }

  /** A process that runs attacks, with all its descendants. */
  private record Started(Process process, UnixDomainSocketAddress address)
      implements AutoCloseable {
    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      var _ = process.onExit().join();
    }
  }

  /**
   * Starts the process in a separate mount namespace, so that the next attack finds the machine
   * unchanged.
   */
  private Started start() throws IOException, InterruptedException {
    Path socket = Path.of("/run/app/app.sock");
    Files.deleteIfExists(socket);
    Path log = folder.resolve("app.log");
    String attacker =
        String.join(
            " ",
            "ulimit -n 100000; exec",
            deno.path().toString(),
            "run",
            "--allow-all",
            "--no-config",
            "--no-prompt",
            "--unstable-net",
            "--unstable-worker-options",
            Checkout.root().resolve("tests/src/test/controls/serve.ts").toString(),
            socket.toString());
    // With a terminal as a target, and a parent other than this process.
    ProcessBuilder builder =
        new ProcessBuilder("unshare", "--mount", "script", "-qefc", attacker, "/dev/null");
    builder.environment().put("DENO_NO_UPDATE_CHECK", "1");
    builder.environment().put("HOME", "/root");
    builder.environment().put("USER", "root");
    Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(socket)) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        throw new IOException("the attacker does not start: " + Files.readString(log));
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
    return new Started(process, UnixDomainSocketAddress.of(socket));
  }
}
